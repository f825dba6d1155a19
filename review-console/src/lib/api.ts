import type {
  Comparison,
  IncidentState,
  ModelSwitch,
  ThresholdEffect,
} from '../../../server/review/contract/acts.ts';
import type { Case, CaseFinding, Window } from '../../../server/review/contract/case.ts';
import type { FigureQuery, Figures } from '../../../server/review/contract/figures.ts';
import type { Reading, Signature, Signed } from '../../../server/review/contract/reading.ts';
import type {
  CasePage,
  CaseQuery,
  FilterValues,
  Plan,
  PlanState,
  View,
  ViewState,
} from '../../../server/review/contract/worklist.ts';

/** What the console asks of the server, as server/review/contract describes it. */

/** Who is logged in. */
export interface Session {
  readonly subject: string;
  readonly name: string;
  readonly role: 'viewer' | 'reviewer' | 'admin';
  readonly how: 'key' | 'token' | 'session' | 'loopback';
}

/** What happened with a result. */
export type NewIncident = Pick<IncidentState, 'analysis' | 'severity' | 'what' | 'done'>;

/** What went wrong, and what to do, as the server says it; `status` 0: no answer came. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly action: string | undefined;
  constructor(status: number, { code, detail, action }: { code: string; detail: string; action?: string }) {
    super(detail);
    this.status = status;
    this.code = code;
    this.action = action;
  }
  /** Is it worth asking again by itself: no answer, or the server's own trouble? */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const ROOT = '/api/review';
const one = (kind: string, id: string): string => `${ROOT}/${kind}/${encodeURIComponent(id)}`;

export const session = (signal?: AbortSignal): Promise<Session> => ask('GET', '/api/session', { signal });

export const logOut = (): Promise<void> => ask('DELETE', '/api/session');

export const queryCases = (query: Partial<CaseQuery>, signal?: AbortSignal): Promise<CasePage> =>
  ask('POST', `${ROOT}/cases/query`, { body: query, signal });
export const loadCase = (analysis: string, signal?: AbortSignal): Promise<Case> =>
  ask('GET', one('cases', analysis), { signal });
export const saveDraft = (analysis: string, reading: Reading): Promise<void> =>
  ask('PUT', `${one('cases', analysis)}/draft`, { body: reading });
export const sign = (analysis: string, signature: Signature): Promise<Signed> =>
  ask('POST', `${one('cases', analysis)}/readings`, { body: signature });
export const assign = (analysis: string, mine: boolean): Promise<void> =>
  ask('PUT', `${one('cases', analysis)}/assignment`, { body: { mine } });

export const filterValues = (signal?: AbortSignal): Promise<FilterValues> =>
  ask('GET', `${ROOT}/values`, { signal });
export const plans = (signal?: AbortSignal): Promise<readonly PlanState[]> =>
  ask('GET', `${ROOT}/plans`, { signal });
export const savePlan = (plan: Plan, id?: string): Promise<PlanState> =>
  id ? ask('PUT', one('plans', id), { body: plan }) : ask('POST', `${ROOT}/plans`, { body: plan });
export const deletePlan = (id: string): Promise<void> => ask('DELETE', one('plans', id));
export const applyPlan = (id: string): Promise<unknown> => ask('POST', `${one('plans', id)}/apply`);
export const views = (signal?: AbortSignal): Promise<readonly ViewState[]> =>
  ask('GET', `${ROOT}/views`, { signal });
export const saveView = (view: View, id?: string): Promise<ViewState> =>
  id ? ask('PUT', one('views', id), { body: view }) : ask('POST', `${ROOT}/views`, { body: view });
export const deleteView = (id: string): Promise<void> => ask('DELETE', one('views', id));

export const figures = (query: FigureQuery, signal?: AbortSignal): Promise<Figures> =>
  ask('GET', `${ROOT}/figures?${params(query)}`, { signal });
/** Address of an export of the same figures. */
export const exportOf = (name: 'figures.csv' | 'registry.csv' | 'report.pdf', query: FigureQuery): string =>
  `${ROOT}/${name}?${params(query)}`;

export const thresholdEffect = (
  model: string,
  query: { readonly finding: string; readonly at: number },
  signal?: AbortSignal,
): Promise<ThresholdEffect> => ask('GET', `${one('models', model)}/threshold?${params(query)}`, { signal });
export const compareVersions = (
  model: string,
  query: { readonly finding: string; readonly a: string; readonly b: string },
  signal?: AbortSignal,
): Promise<Comparison> => ask('GET', `${one('models', model)}/compare?${params(query)}`, { signal });
export const stopModel = (model: string, reason: string): Promise<void> =>
  ask('POST', `${one('models', model)}/stop`, { body: { reason } });
export const restartModel = (model: string, reason: string): Promise<void> =>
  ask('POST', `${one('models', model)}/restart`, { body: { reason } });
export const incidents = (signal?: AbortSignal): Promise<{ readonly incidents: readonly IncidentState[] }> =>
  ask('GET', `${ROOT}/incidents`, { signal });
export const reportIncident = (incident: NewIncident): Promise<IncidentState> =>
  ask('POST', `${ROOT}/incidents`, { body: incident });
export const closeIncident = (id: string, done: string): Promise<void> =>
  ask('POST', `${one('incidents', id)}/close`, { body: { done } });
export const modelSwitches = (signal?: AbortSignal): Promise<{ readonly models: readonly ModelSwitch[] }> =>
  ask('GET', `${ROOT}/models`, { signal });
export const incidentPackage = (id: string): string => `${one('incidents', id)}/package.zip`;

/** Where a picture of a case lies, and what is drawn over it. */
export const pictureOf = (analysis: string, n: number, window?: Window): string =>
  `${one('cases', analysis)}/pictures/${n}.png${window ? `?${params(window)}` : ''}`;
/** The viewer's address of a case, at this image. */
export function viewerAt(viewer: string, picture: Case['pictures'][number] | undefined): string {
  if (!picture) return viewer;
  const [path, query] = viewer.split('?');
  const asked = new URLSearchParams(query);
  asked.set('initialSeriesInstanceUID', picture.SeriesInstanceUID);
  asked.set('initialSOPInstanceUID', picture.SOPInstanceUID);
  return `${path}?${asked}`;
}
/** The window by which it asks to be shown. */
export const windowOf = (analysis: string, n: number, signal?: AbortSignal): Promise<Window> =>
  ask('GET', `${one('cases', analysis)}/pictures/${n}/window`, { signal });
export const overlayOf = (
  analysis: string,
  n: number,
  kind: CaseFinding['overlays'][number],
  query: Readonly<Record<string, string | number>>,
): string => `${one('cases', analysis)}/pictures/${n}/${kind}.png?${params(query)}`;

/** Tells of each case that changes; ends with the answered function. */
export function listenForCases(onCase: () => void): () => void {
  const source = new EventSource(`${ROOT}/events`);
  source.addEventListener('case', onCase);
  return () => source.close();
}

export const params = (query: object): string =>
  new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  ).toString();

interface Asking {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Throws ApiFault; an AbortError passes. */
async function ask<T>(method: string, path: string, { body, signal }: Asking = {}): Promise<T> {
  const init: RequestInit = { method, headers: { accept: 'application/json' }, cache: 'no-store' };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  if (signal) init.signal = signal;
  const answer = await fetch(path, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiFault(0, { code: 'NO_ANSWER', detail: 'the server did not answer' });
  });
  const text = await answer.text().catch(() => {
    throw new ApiFault(0, { code: 'NO_ANSWER', detail: 'the answer broke off' });
  });
  if (!answer.ok) throw new ApiFault(answer.status, problemIn(text, answer.status));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function problemIn(text: string, status: number): { code: string; detail: string; action?: string } {
  try {
    const { code, detail, action } = JSON.parse(text) as Record<string, string>;
    return { code: code ?? 'INTERNAL', detail: detail ?? `status ${status}`, ...(action ? { action } : {}) };
  } catch {
    return { code: 'INTERNAL', detail: `the server answered ${status}` };
  }
}
