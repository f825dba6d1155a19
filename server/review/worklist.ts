import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import type { Sql } from '../shared/sql.ts';
import { conditionOf, statementValues, type Values } from './case-filter.ts';
import {
  AnalysisId,
  CASE_STATES,
  type CaseLine,
  type CasePage,
  type CaseQuery,
  type FilterValues,
} from './contract/worklist.ts';

export interface Worklist {
  /** Throws REQUEST_INVALID for an `after` that no page gave. */
  page(query: CaseQuery, caller: string): Promise<CasePage>;
  /** One case, also one that is not current. Throws NOT_FOUND. */
  line(analysis: string, caller: string): Promise<CaseLine>;
  /** How many fit, to 10,000 at most. */
  count(filter: CaseQuery['filter'], caller: string): Promise<number>;
  values(): Promise<FilterValues>;
}

/** Nobody reads beyond; counting on would cost more than the page. */
const COUNTED = 10_000;

/** Columns that a page is ordered by, the last of them unique, and whether they rise. */
const ORDERS = {
  urgent: { keys: ['urgency', 'nearness', 'made_at', 'analysis'], rises: true },
  newest: { keys: ['made_at', 'analysis'], rises: false },
  oldest: { keys: ['made_at', 'analysis'], rises: true },
  'near-threshold': { keys: ['nearness', 'made_at', 'analysis'], rises: true },
} as const satisfies Record<CaseQuery['order'], { keys: readonly (keyof typeof KEYS)[]; rises: boolean }>;

/** As they travel in `after`: microseconds that a Date would lose. */
const KEYS = {
  urgency: { type: 'int', given: z.int().min(0).max(9), read: 'c.urgency' },
  nearness: { type: 'float8', given: z.number(), read: 'c.nearness' },
  made_at: {
    type: 'timestamptz',
    given: z.iso.datetime(),
    read: `to_char(c.made_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  },
  analysis: { type: 'text', given: AnalysisId, read: 'c.analysis' },
} as const;

/** Of more than `counted` that fit nobody is told how many there are. */
export function openWorklist(sql: Sql, counted = COUNTED): Worklist {
  const count: Worklist['count'] = async (filter, caller) => {
    const bound = statementValues();
    const condition = conditionOf(filter, caller, bound);
    const [row] = await sql.query(
      `select count(*)::int as n from (select 1 from pellucid.review_case c where ${condition} limit ${counted}) x`,
      bound.values,
    );
    return z.object({ n: z.int() }).parse(row).n;
  };

  return {
    count,

    async page({ filter, order, limit, after }, caller) {
      const { keys, rises } = ORDERS[order];
      const sorted = keys.map((key) => `c.${key}${rises ? '' : ' desc'}`).join(', ');
      const fitting = statementValues();
      const condition = conditionOf(filter, caller, fitting);
      const beyond = (put: Values['put']): string =>
        after === undefined ? '' : `and ${beyondOf(after, { keys, rises }, put)}`;
      const [found] = await sql.query(
        `with hit as materialized (
            select ${keys.map((key) => `c.${key}`).join(', ')} from pellucid.review_case c where ${condition} limit ${counted + 1}
          ), n as (select count(*)::int as n from hit)
          select n, array(
            select c.analysis from hit c where n.n <= ${counted} ${beyond(fitting.put)} order by ${sorted} limit ${limit + 1}
          ) as page from n`,
        fitting.values,
      );
      const { n, page } = z.object({ n: z.int(), page: z.array(z.string()) }).parse(found);
      // Few fit: they are known, and no index need be gone through for them. Many: the order's index comes to a page of them soon.
      const bound = statementValues();
      const which =
        n <= counted
          ? `c.analysis = any(${bound.put(page)}::text[])`
          : `${conditionOf(filter, caller, bound)} ${beyond(bound.put)}`;
      const rows = z.array(Row).parse(
        await sql.query(
          `select ${lineColumns(bound.put(caller))}, jsonb_build_array(${keys.map((k) => KEYS[k].read).join(', ')}) as keys
            from pellucid.review_case c where ${which} order by ${sorted} limit ${limit + 1}`,
          bound.values,
        ),
      );
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        cases: shown.map(lineOf),
        total: Math.min(n, counted),
        ...(last ? { next: Buffer.from(JSON.stringify(last.keys)).toString('base64url') } : {}),
      };
    },

    async line(analysis, caller) {
      const rows = await sql.query(
        `select ${lineColumns('$2')}, '[]'::jsonb as keys from pellucid.review_case c where c.analysis = $1`,
        [analysis, caller],
      );
      const [row] = z.array(Row).parse(rows);
      if (!row) throw new Fault('NOT_FOUND', `no result ${analysis} is there to be reviewed`);
      return lineOf(row);
    },

    async values() {
      const [findings, scanners, sites] = await Promise.all([
        distinct(sql, 'review_finding', 'label'),
        distinct(sql, 'review_case', 'scanner'),
        distinct(sql, 'review_case', 'site'),
      ]);
      const models = z.array(z.object({ id: z.string(), versions: z.array(z.string()) })).parse(
        await sql.query(
          `select model_id as id, array_agg(model_version order by model_version) as versions
            from (select distinct model_id, model_version from pellucid.review_case) m group by 1 order by 1`,
        ),
      );
      const readers = z.array(Person).parse(
        await sql.query(
          `select subject, max(name) as name from (
              select subject, name from pellucid.review_reading union select subject, name from pellucid.review_assignment
            ) p group by 1 order by 2, 1`,
        ),
      );
      return { models, findings, scanners, sites, readers };
    },
  };
}

const Person = z.object({ subject: z.string(), name: z.string() });
const optional = <T extends z.ZodType>(type: T) => type.nullable().transform((v) => v ?? undefined);

const Row = z.object({
  analysis: z.string(),
  name: z.string(),
  study: z.string(),
  state: z.enum(CASE_STATES),
  model_id: z.string(),
  model_version: z.string(),
  label: z.string(),
  sentence: z.string(),
  positive: optional(z.boolean()),
  score: optional(z.number()),
  threshold: optional(z.number()),
  probability: optional(z.number()),
  volume_ml: optional(z.number()),
  value: optional(z.number()),
  unit: optional(z.string()),
  findings: z.int(),
  flags: z.array(z.string()),
  modality: optional(z.string()),
  body_part: optional(z.string()),
  view: optional(z.string()),
  manufacturer: optional(z.string()),
  scanner: optional(z.string()),
  site: optional(z.string()),
  age_years: optional(z.int()),
  sex: optional(z.enum(['M', 'F', 'O'])),
  inputs: z.record(z.string(), z.number()),
  made_at: z.date(),
  wanted: z.int(),
  signed: z.int(),
  blind: z.boolean(),
  plans: z.array(z.object({ plan: z.string(), name: z.string() })),
  assigned: z.array(Person),
  mine: z.boolean(),
  keys: z.array(z.union([z.string(), z.number()])),
});
type Row = z.infer<typeof Row>;

/** What a line is made of; `caller` is the parameter with who asks. */
const lineColumns = (
  caller: string,
): string => `c.analysis, c.name, c.study, c.state, c.model_id, c.model_version, c.label,
  c.sentence, c.positive, c.score, c.threshold, c.probability, c.volume_ml, c.value, c.unit, c.findings, c.flags, c.modality,
  c.body_part, c.view, c.manufacturer, c.scanner, c.site, c.age_years, c.sex, c.inputs, c.made_at, c.wanted, c.signed, c.blind,
  coalesce((select jsonb_agg(jsonb_build_object('plan', p.id, 'name', p.name) order by p.name) from pellucid.review_sample s
    join pellucid.review_plan p on p.id = s.plan where s.analysis = c.analysis), '[]') as plans,
  coalesce((select jsonb_agg(jsonb_build_object('subject', a.subject, 'name', a.name) order by a.at)
    from pellucid.review_assignment a where a.analysis = c.analysis), '[]') as assigned,
  exists (select 1 from pellucid.review_reading r where r.analysis = c.analysis and r.subject = ${caller}
    and r.amended_by is null) as mine`;

const lineOf = (row: Row): CaseLine => ({
  analysis: row.analysis,
  name: row.name,
  StudyInstanceUID: row.study,
  state: row.state,
  model: { id: row.model_id, version: row.model_version },
  headline: {
    label: row.label,
    sentence: row.sentence,
    positive: row.positive,
    score: row.score,
    threshold: row.threshold,
    probability: row.probability,
    volumeMl: row.volume_ml,
    value: row.value,
    unit: row.unit,
  },
  findings: row.findings,
  flags: row.flags,
  context: {
    modality: row.modality,
    bodyPart: row.body_part,
    view: row.view,
    manufacturer: row.manufacturer,
    scanner: row.scanner,
    site: row.site,
    ageYears: row.age_years,
    sex: row.sex,
    inputs: row.inputs,
  },
  sampled: row.plans,
  readers: {
    wanted: row.wanted,
    signed: row.signed,
    mine: row.mine,
    assigned: row.assigned,
    blind: row.blind,
  },
  at: row.made_at.toISOString(),
});

/** Row comparison, which an index on the same columns answers. */
function beyondOf(
  after: string,
  { keys, rises }: { readonly keys: readonly (keyof typeof KEYS)[]; readonly rises: boolean },
  put: (value: unknown) => string,
): string {
  const given = keysIn(after);
  const values = keys.map((key, i) => {
    const value = KEYS[key].given.safeParse(given?.[i]);
    if (!value.success) throw new Fault('REQUEST_INVALID', 'after: no page of this order ended there');
    return `${put(value.data)}::${KEYS[key].type}`;
  });
  return `(${keys.map((key) => `c.${key}`).join(', ')}) ${rises ? '>' : '<'} (${values.join(', ')})`;
}

function keysIn(after: string): readonly unknown[] | undefined {
  try {
    return z.array(z.unknown()).safeParse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The values of an indexed column, one probe of the index each: a table of many rows has few of them. */
async function distinct(
  sql: Sql,
  table: 'review_case' | 'review_finding',
  column: string,
): Promise<string[]> {
  const next = (beyond: string): string =>
    `select ${column} as v from pellucid.${table} where ${column} is not null${beyond} order by ${column} limit 1`;
  const rows = await sql.query(
    `with recursive t as ((${next('')}) union all select (${next(` and ${column} > t.v`)}) from t where t.v is not null)
      select v from t where v is not null`,
  );
  return z
    .array(z.object({ v: z.string() }))
    .parse(rows)
    .map(({ v }) => v);
}
