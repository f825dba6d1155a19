import type { CaseLine } from '../../../server/review/contract/worklist.ts';
import { keep, keptJson } from './kept.ts';

/** The list from which a case was opened, so that the next is one key away. Kept while this tab lives. */
export interface Queue {
  readonly cases: readonly Pick<CaseLine, 'analysis' | 'name'>[];
  /** All that fit, also those that are not loaded. */
  readonly total: number;
  /** Address of the worklist. */
  readonly from: string;
  /** The case that was open last. */
  readonly last: string;
}

const KEY = 'pellucid.review.queue';

export const keepQueue = (queue: Queue): void => void keep(KEY, queue, 'sessionStorage');
export const keptQueue = (): Queue | undefined => keptJson<Queue>(KEY, 'sessionStorage');

/** Where `analysis` stands, from 0, with its neighbours. */
export function placeOf(queue: Queue | undefined, analysis: string) {
  const at = queue?.cases.findIndex((c) => c.analysis === analysis) ?? -1;
  return at < 0
    ? undefined
    : { at, total: queue?.total ?? 0, previous: queue?.cases[at - 1], next: queue?.cases[at + 1] };
}
