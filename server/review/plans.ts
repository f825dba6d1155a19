import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { conditionOf, statementValues } from './case-filter.ts';
import { CaseFilter, type Plan, type PlanState } from './contract/worklist.ts';

export interface Plans {
  list(): Promise<readonly PlanState[]>;
  /** Throws REQUEST_INVALID, as `change` does, for a filter that asks how far the review is. */
  add(plan: Plan): Promise<PlanState>;
  /** Cases that it took stay taken. Throws NOT_FOUND. */
  change(id: string, plan: Plan): Promise<PlanState>;
  /** What only it took is owed no longer, unless someone has begun to read it. Throws NOT_FOUND. */
  remove(id: string): Promise<void>;
  /** Has it take of all current results that nobody has read; gives how many it took. Throws NOT_FOUND. */
  apply(id: string): Promise<number>;
  /** Asks the plans that are on about each result that came since; gives the cases that came. Safe on several servers at once. */
  sampleNew(): Promise<readonly string[]>;
}

/** New results that one round asks about. */
const ROUND = 500;

/**
 * Sampling plans. A plan takes a result when its filter fits and a number from 0 to 1, which follows from the analysis's id and the plan's, is
 * below its share: the same plan takes the same results whenever it is asked. `settle` is called, within the transaction, for cases
 * whose number of wanted readers fell.
 */
export function openPlans(sql: Sql, settle: (tx: Sql, analysis: string) => Promise<void>): Plans {
  const one = async (id: string): Promise<PlanState> => {
    const plan = (await listed(sql)).find((p) => p.id === id);
    if (!plan) throw new Fault('NOT_FOUND', `no sampling plan has the id ${id}`);
    return plan;
  };
  const write = async (id: string, plan: Plan): Promise<PlanState> => {
    assertOfResults(plan.filter);
    await sql.transaction(async (tx) => {
      await tx.query(
        `insert into pellucid.review_plan (id, name, filter, share, readers, blind, is_on)
          values ($1, $2, $3::jsonb, $4, $5, $6, $7)
          on conflict (id) do update set name = excluded.name, filter = excluded.filter, share = excluded.share,
            readers = excluded.readers, blind = excluded.blind, is_on = excluded.is_on`,
        [id, plan.name, JSON.stringify(plan.filter), plan.share, plan.readers, plan.blind, plan.on],
      );
      await refresh(tx, await takenBy(tx, id), settle);
    });
    return one(id);
  };

  return {
    list: () => listed(sql),
    add: (plan) => write(randomUUID(), plan),
    change: async (id, plan) => {
      await one(id);
      return write(id, plan);
    },
    remove: async (id) => {
      await one(id);
      await sql.transaction(async (tx) => {
        const taken = await takenBy(tx, id);
        await tx.query('delete from pellucid.review_plan where id = $1', [id]);
        await refresh(tx, taken, settle);
      });
    },
    apply: async (id) => {
      const plan = await one(id);
      return sql.transaction(async (tx) => {
        const taken = await take(tx, plan, `c.state = 'unread'`, []);
        await refresh(tx, taken, settle);
        return taken.length;
      });
    },
    sampleNew: async () => {
      const plans = (await listed(sql)).filter(({ on }) => on);
      return sql.transaction(async (tx) => {
        const rows = await tx.query(
          `select analysis from pellucid.review_case where sampled_at is null
            order by made_at limit ${ROUND} for update skip locked`,
        );
        const fresh = analysesIn(rows);
        if (fresh.length === 0) return fresh;
        const taken = new Set<string>();
        for (const plan of plans)
          for (const analysis of await take(tx, plan, 'c.analysis = any($1::text[])', [fresh]))
            taken.add(analysis);
        await tx.query(
          'update pellucid.review_case set sampled_at = clock_timestamp() where analysis = any($1::text[])',
          [fresh],
        );
        await refresh(tx, [...taken], settle);
        return fresh;
      });
    },
  };
}

/** A plan takes by what the result is: that somebody has read it is no reason to read it. */
function assertOfResults({ state, plan, reviewer, mine, sampled }: CaseFilter): void {
  if ([state, plan, reviewer, mine, sampled].some((asked) => asked !== undefined))
    throw new Fault(
      'REQUEST_INVALID',
      'filter: a plan takes results by what they are, not by who has read them or is to read them',
    );
}

const Listed = z.object({
  id: z.string(),
  name: z.string(),
  filter: CaseFilter,
  share: z.number(),
  readers: z.int(),
  blind: z.boolean(),
  on: z.boolean(),
  sampled: z.int(),
  judged: z.int(),
});

const listed = async (sql: Sql): Promise<readonly PlanState[]> =>
  z.array(Listed).parse(
    await sql.query(
      `select p.id, p.name, p.filter, p.share, p.readers, p.blind, p.is_on as "on", count(c.analysis)::int as sampled,
          (count(c.judged_at))::int as judged
        from pellucid.review_plan p
        left join pellucid.review_sample s on s.plan = p.id
        left join pellucid.review_case c on c.analysis = s.analysis and c.current
        group by p.id order by p.made_at, p.id`,
    ),
  );

const analysesIn = (rows: readonly unknown[]): readonly string[] =>
  z
    .array(z.object({ analysis: z.string() }))
    .parse(rows)
    .map(({ analysis }) => analysis);

const takenBy = async (tx: Sql, plan: string): Promise<readonly string[]> =>
  analysesIn(await tx.query('select analysis from pellucid.review_sample where plan = $1', [plan]));

/** What of the cases `among` the plan takes anew. */
async function take(
  tx: Sql,
  { id, filter, share }: PlanState,
  among: string,
  known: readonly unknown[],
): Promise<readonly string[]> {
  const bound = statementValues();
  for (const value of known) bound.put(value);
  const condition = conditionOf(filter, '', bound);
  const plan = bound.put(id);
  const number = `('x' || substr(md5(c.analysis || ' ' || ${plan}::text), 1, 8))::bit(32)::bigint / 4294967296.0`;
  return analysesIn(
    await tx.query(
      `insert into pellucid.review_sample (plan, analysis)
        select ${plan}::text, c.analysis from pellucid.review_case c
        where ${among} and ${condition} and ${number} < ${bound.put(share)}::float8
        on conflict do nothing returning analysis`,
      bound.values,
    ),
  );
}

/** What the plans want of these cases; of those that are judged nothing changes. */
export async function refresh(
  tx: Sql,
  analyses: readonly string[],
  settle: (tx: Sql, analysis: string) => Promise<void>,
): Promise<void> {
  if (analyses.length === 0) return;
  const complete = await tx.query(
    `update pellucid.review_case c set wanted = w.readers, blind = w.blind,
        sampled = w.plans > 0 or exists (select 1 from pellucid.review_assignment a where a.analysis = c.analysis)
      from (
        select x.analysis, count(p.id) as plans, coalesce(max(p.readers), 1) as readers, coalesce(bool_or(p.blind), true) as blind
        from unnest($1::text[]) x (analysis)
        left join pellucid.review_sample s on s.analysis = x.analysis
        left join pellucid.review_plan p on p.id = s.plan
        group by x.analysis
      ) w
      where c.analysis = w.analysis and c.state in ('unread', 'reading')
      returning c.analysis, c.signed > 0 and c.signed >= c.wanted as complete`,
    [analyses],
  );
  const rows = z.array(z.object({ analysis: z.string(), complete: z.boolean() })).parse(complete);
  for (const { analysis } of rows.filter((row) => row.complete)) await settle(tx, analysis);
}
