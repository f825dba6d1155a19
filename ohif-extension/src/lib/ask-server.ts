/** What came back from our server's address: a body only where it is JSON, for a proxy may answer with a page to log in at, and with 200. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

interface Asked {
  readonly signal?: AbortSignal;
  /** Sent as JSON, by POST. */
  readonly body?: string;
}

/** So long a question waits, and what is sent, ms: masks are megabytes, and the archive has to confirm them. */
const PATIENCE_MS = 20_000;
const SENDING_MS = 120_000;
/** Who is led elsewhere is led to a log-in: our addresses lead nowhere. */
const LED_AWAY: Answer = { status: 401 };

/** Asks our server; undefined where nobody answers in time, or with half an answer. */
export async function askServer(address: string, { signal, body }: Asked = {}): Promise<Answer | undefined> {
  const stop = new AbortController();
  const end = () => stop.abort();
  const late = setTimeout(end, body === undefined ? PATIENCE_MS : SENDING_MS);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const answer = await fetch(address, {
      signal: stop.signal,
      redirect: 'manual',
      ...(body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    });
    if (answer.type === 'opaqueredirect') return LED_AWAY;
    const isJson = answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, ...(isJson ? { body: await answer.json() } : {}) };
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', end);
  }
}

export const isSignedOut = ({ status }: Answer): boolean => status === 401 || status === 403;

/** Nobody, or a proxy in the place of a server that is away. */
export const isAway = (answer: Answer | undefined): boolean => answer === undefined || answer.status >= 500;

/** Why it refuses, in its own words; empty where it says nothing. */
export const detailOf = (answer: Answer | undefined): string => {
  const detail: unknown = Reflect.get(Object(answer?.body), 'detail');
  return typeof detail === 'string' ? detail : '';
};
