import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { CASE_ORDERS, CaseFilter, type View, type ViewState } from './contract/worklist.ts';
import type { Worklist } from './worklist.ts';

const OPEN = ['unread', 'reading', 'differ'] as const;
const OWED = { sampled: true, mine: false, reviewer: ['me', 'nobody'] };

/** Of everyone. Their names are in the console's language there; here they are what a program reads. */
export const BUILT_IN: readonly (View & { readonly id: string })[] = [
  { id: 'needs-me', name: 'Needs me first', filter: { state: [...OPEN], ...OWED }, order: 'urgent' },
  {
    id: 'check-before-use',
    name: 'Check before use',
    filter: { state: [...OPEN], flagged: true },
    order: 'urgent',
  },
  {
    id: 'near-threshold',
    name: 'Near the threshold',
    filter: { state: [...OPEN], nearThreshold: 0.1 },
    order: 'near-threshold',
  },
  { id: 'second-reading', name: 'Second reading', filter: { state: ['reading'], ...OWED }, order: 'oldest' },
  { id: 'to-arbitrate', name: 'To arbitrate', filter: { state: ['differ'], mine: false }, order: 'oldest' },
  { id: 'all-unverified', name: 'All unverified', filter: { state: [...OPEN] }, order: 'newest' },
];

export interface Views {
  /** The built-in ones, then the caller's own. */
  list(caller: string): Promise<readonly ViewState[]>;
  /** Throws REQUEST_INVALID when the caller has too many. */
  add(view: View, caller: string): Promise<ViewState>;
  /** Throws NOT_FOUND for what is not the caller's own. */
  change(id: string, view: View, caller: string): Promise<ViewState>;
  remove(id: string, caller: string): Promise<void>;
}

const MOST = 50;

export function openViews(sql: Sql, worklist: Pick<Worklist, 'count'>): Views {
  const counted = async (view: Stored, builtIn: boolean, caller: string): Promise<ViewState> => ({
    ...view,
    builtIn,
    count: await worklist.count(view.filter, caller),
  });
  const own = async (caller: string): Promise<readonly Stored[]> =>
    z
      .array(Stored)
      .parse(
        await sql.query(
          'select id, name, filter, sorted as "order" from pellucid.review_view where owner = $1 order by made_at, id',
          [caller],
        ),
      );
  const none = (id: string): Fault => new Fault('NOT_FOUND', `no view of yours has the id ${id}`);

  return {
    async list(caller) {
      const states: ViewState[] = [];
      for (const view of BUILT_IN) states.push(await counted(view, true, caller));
      for (const view of await own(caller)) states.push(await counted(view, false, caller));
      return states;
    },
    async add({ name, filter, order }, caller) {
      if ((await own(caller)).length >= MOST)
        throw new Fault('REQUEST_INVALID', `${MOST} views are the most that one person keeps`);
      const id = randomUUID();
      await sql.query(
        'insert into pellucid.review_view (id, owner, name, filter, sorted) values ($1, $2, $3, $4::jsonb, $5)',
        [id, caller, name, JSON.stringify(filter), order],
      );
      return counted({ id, name, filter, order }, false, caller);
    },
    async change(id, { name, filter, order }, caller) {
      const changed = await sql.query(
        'update pellucid.review_view set name = $3, filter = $4::jsonb, sorted = $5 where id = $1 and owner = $2 returning id',
        [id, caller, name, JSON.stringify(filter), order],
      );
      if (changed.length === 0) throw none(id);
      return counted({ id, name, filter, order }, false, caller);
    },
    async remove(id, caller) {
      const removed = await sql.query(
        'delete from pellucid.review_view where id = $1 and owner = $2 returning id',
        [id, caller],
      );
      if (removed.length === 0) throw none(id);
    },
  };
}

const Stored = z.object({
  id: z.string(),
  name: z.string(),
  filter: CaseFilter,
  order: z.enum(CASE_ORDERS),
});
type Stored = z.infer<typeof Stored>;
