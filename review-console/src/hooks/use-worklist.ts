import { useCallback, useState } from 'react';
import type { CaseFilter, CaseLine, CaseQuery } from '../../../server/review/contract/worklist.ts';
import { queryCases } from '../lib/api.ts';
import { type Load, useLoad } from './use-load.ts';

export interface Worklist {
  readonly cases: readonly CaseLine[];
  readonly total: number;
  readonly hasMore: boolean;
  /** When it was read. */
  readonly at: number;
}

const PAGE = 50;

/** The results that fit, page after page; asked again, as many pages as are shown. */
export function useWorklist(filter: CaseFilter, order: CaseQuery['order']) {
  const key = JSON.stringify([order, filter]);
  const [shown, setShown] = useState({ key, pages: 1 });
  const pages = shown.key === key ? shown.pages : 1;
  const [load, again] = useLoad<Worklist>(
    async (signal) => {
      const [order, filter] = JSON.parse(key) as [CaseQuery['order'], CaseFilter];
      const cases: CaseLine[] = [];
      let after: string | undefined;
      let total = 0;
      for (let page = 0; page < pages; page++) {
        const answer = await queryCases({ filter, order, limit: PAGE, ...(after ? { after } : {}) }, signal);
        cases.push(...answer.cases);
        total = answer.total;
        after = answer.next;
        if (!after) break;
      }
      return { cases: unique(cases), total, hasMore: after !== undefined, at: Date.now() };
    },
    [key, pages],
  );
  const more = useCallback(() => setShown({ key, pages: pages + 1 }), [key, pages]);
  return { load, again, more } satisfies { load: Load<Worklist>; again: () => void; more: () => void };
}

/** A case that moved between two pages while they were read is shown once. */
const unique = (cases: readonly CaseLine[]): readonly CaseLine[] => [
  ...new Map(cases.map((line) => [line.analysis, line])).values(),
];
