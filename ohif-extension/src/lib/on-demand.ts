/** A model on our server and the series in view. */
export interface Offer {
  /** `id@1.2.0` */
  readonly model: string;
  readonly name: string;
  /** Whether it reads the series. */
  readonly runs: boolean;
  /** Why, or why not. */
  readonly why: string;
  /** Of what it made of the series already. */
  readonly state?: string;
}

export interface SeriesInView {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

const ROLES = ['reviewer', 'admin'];

/** Whether the reader may have a model run. */
export async function mayRun(server: string, signal: AbortSignal): Promise<boolean> {
  const answer = await fetch(`${server}/api/session`, { signal }).catch(() => undefined);
  if (!answer?.ok || !answer.headers.get('content-type')?.includes('json')) return false;
  return ROLES.includes(((await answer.json()) as { role?: string }).role ?? '');
}

/** Undefined where nobody answers. */
export async function fetchOffers(
  server: string,
  series: SeriesInView,
  signal: AbortSignal,
): Promise<readonly Offer[] | undefined> {
  const answer = await fetch(`${server}/api/on-demand?${new URLSearchParams({ ...series })}`, {
    signal,
  }).catch(() => undefined);
  if (!answer?.ok || !answer.headers.get('content-type')?.includes('json')) return undefined;
  return ((await answer.json()) as { models: readonly Offer[] }).models;
}

/** Undefined when it is queued, else why not. */
export async function runModel(
  server: string,
  series: SeriesInView,
  model: string,
): Promise<string | undefined> {
  const answer = await fetch(`${server}/api/on-demand`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...series, model }),
  }).catch(() => undefined);
  if (answer?.ok) return undefined;
  const { detail } = ((await answer?.json().catch(() => undefined)) ?? {}) as { detail?: string };
  return detail ?? '';
}
