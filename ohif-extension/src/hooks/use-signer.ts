import { useEffect, useState } from 'react';
import { fetchSigner, type Signer, type Unsigned } from '../lib/assessments.ts';

/** Until it is asked again who may sign, ms: a server comes back, a reader logs in beside this page. */
const AGAIN_MS: Readonly<Record<string, number>> = { away: 10_000, nobody: 30_000 };

/** As whom the reader would sign, or why nobody can; undefined until the server was asked. */
export function useSigner(server: string | null): Signer | Unsigned | undefined {
  const [found, setFound] = useState<Signer | Unsigned>();
  useEffect(() => {
    const stop = new AbortController();
    let later: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const answer = await fetchSigner(server, stop.signal);
      if (stop.signal.aborted) return;
      setFound(answer);
      const wait = AGAIN_MS[String(answer)];
      if (wait !== undefined) later = setTimeout(ask, wait);
    };
    void ask();
    return () => {
      clearTimeout(later);
      stop.abort();
    };
  }, [server]);
  return found;
}
