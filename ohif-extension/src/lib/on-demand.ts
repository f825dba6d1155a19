import { askServer, detailOf } from './ask-server.ts';

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
  const answer = await askServer(`${server}/api/session`, { signal });
  const role: unknown = Reflect.get(Object(answer?.body), 'role');
  return answer?.status === 200 && ROLES.some((each) => each === role);
}

/** Undefined where nobody answers. */
export async function fetchOffers(
  server: string,
  series: SeriesInView,
  signal: AbortSignal,
): Promise<readonly Offer[] | undefined> {
  const answer = await askServer(`${server}/api/on-demand?${new URLSearchParams({ ...series })}`, { signal });
  if (answer?.status !== 200 || !answer.body) return undefined;
  return (answer.body as { models: readonly Offer[] }).models;
}

/** Undefined when it is queued, else why not; empty where the server did not say. */
export async function runModel(
  server: string,
  series: SeriesInView,
  model: string,
): Promise<string | undefined> {
  const answer = await askServer(`${server}/api/on-demand`, { body: JSON.stringify({ ...series, model }) });
  // A page of somebody else's with 200 is no confirmation.
  const isQueued = answer?.body !== undefined && answer.status < 300;
  return isQueued ? undefined : detailOf(answer);
}
