import { useEffect, useRef, useState } from 'react';

/** What our server says of an analysis of the open study. */
export interface LiveAnalysis {
  readonly id: string;
  readonly SeriesInstanceUID: string;
  readonly modelId: string | null;
  readonly modelVersion: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly fault: { readonly code: string; readonly action: string } | null;
  readonly createdAt: string;
}

export type Live =
  /** No server of ours here, or not asked yet: the archive alone is shown. */
  | { readonly state: 'none' }
  | { readonly state: 'here'; readonly analyses: readonly LiveAnalysis[] }
  /** It was here and does not answer: asked again until it does. */
  | { readonly state: 'away' | 'signed-out' };

/** Until it is asked again: a server comes back, a reader signs in. */
const AGAIN_MS = { away: 10_000, 'signed-out': 30_000 };

/**
 * The analyses of a study as our server tells them, while it is there. `onDone` is called when one has finished that was not when the panel
 * first heard of it.
 */
export function useLive(server: string | null, study: string | undefined, onDone: () => void): Live {
  const [live, setLive] = useState<Live>({ state: 'none' });
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    setLive({ state: 'none' });
    if (server === null || study === undefined) return;
    const known = new Map<string, LiveAnalysis>();
    let source: EventSource;
    let later: ReturnType<typeof setTimeout> | undefined;
    const connect = () => {
      source = new EventSource(`${server}/api/events?StudyInstanceUID=${encodeURIComponent(study)}`);
      source.addEventListener('open', () => setLive({ state: 'here', analyses: [...known.values()] }));
      source.addEventListener('analysis', ({ data }: MessageEvent<string>) => {
        const analysis = JSON.parse(data) as LiveAnalysis;
        const before = known.get(analysis.id)?.state;
        known.set(analysis.id, analysis);
        setLive({ state: 'here', analyses: [...known.values()] });
        if (analysis.state === 'done' && before !== undefined && before !== 'done') done.current();
      });
      source.addEventListener('error', () => {
        const from = source;
        // The browser asks again by itself unless it was refused.
        if (from.readyState !== EventSource.CLOSED)
          return setLive((now) => (now.state === 'here' ? { state: 'away' } : now));
        void refusal(server, study).then((state) => {
          if (from !== source || isOver) return;
          setLive((now) => (state === 'away' && now.state === 'none' ? now : { state }));
          if (state !== 'none') later = setTimeout(connect, AGAIN_MS[state]);
        });
      });
    };
    let isOver = false;
    connect();
    return () => {
      isOver = true;
      clearTimeout(later);
      source.close();
    };
  }, [server, study]);
  return live;
}

/** Why a server gives no events: the browser does not say. */
async function refusal(server: string, study: string): Promise<'none' | 'signed-out' | 'away'> {
  const answer = await fetch(`${server}/api/analyses?limit=1&StudyInstanceUID=${study}`).catch(
    () => undefined,
  );
  if (!answer || answer.status >= 500) return 'away';
  return answer.status === 401 || answer.status === 403 ? 'signed-out' : 'none';
}
