import { z } from 'zod';
import type { Figures, Group } from '../contract/figures.ts';
import { excludes, proportion } from './proportion.ts';

/** How many of what: the whole selection, and parts of it. */
type Counted = Pick<
  Figures,
  | 'versions'
  | 'reviewed'
  | 'agreement'
  | 'cannotTell'
  | 'flagged'
  | 'override'
  | 'truth'
  | 'explanation'
  | 'groups'
  | 'reasons'
>;

/** Rows of the statements below. */
export interface Tallied {
  readonly whole: unknown;
  readonly counts: unknown;
  readonly reasons: unknown;
}

const Counts = z.object({
  scanner: z.string().nullable(),
  site: z.string().nullable(),
  age: z.string().nullable(),
  sex: z.string().nullable(),
  version: z.string().nullable(),
  part: z.enum(['all', 'scanner', 'site', 'age', 'sex', 'version']),
  agree: z.coerce.number(),
  disagree: z.coerce.number(),
  cannot: z.coerce.number(),
  flipped: z.coerce.number(),
  tp: z.coerce.number(),
  fp: z.coerce.number(),
  fn: z.coerce.number(),
  tn: z.coerce.number(),
  rated: z.coerce.number(),
  rating: z.coerce.number().nullable(),
});
type Counts = z.infer<typeof Counts>;

/** Lower ends of the bands of age, in years. */
const AGES = [0, 2, 6, 18, 40, 65, 80] as const;
const AGE_BAND = `case ${AGES.map((from, i) => {
  const next = AGES[i + 1];
  return next === undefined
    ? `when age_years >= ${from} then '${from} and over'`
    : `when age_years < ${next} then '${from}–${next - 1}'`;
}).join(' ')} end`;
const UNKNOWN = 'not said';

/** Over `w`: all results by version. */
export const WHOLE = `select model_version as version, sum(results) as results, sum(flagged) as flagged from w group by 1 order by 1`;

/** Over `j`: the whole and each part. Counted once by cell of all parts, since there are far fewer cells than results. */
export const COUNTS = `
  with cell as (
    select scanner, site, ${AGE_BAND} as age, sex, model_version as version,
      count(*) filter (where verdict = 'agree') as agree,
      count(*) filter (where verdict = 'disagree') as disagree,
      count(*) filter (where verdict = 'cannot-tell') as cannot,
      count(*) filter (where verdict = 'disagree' and reasons && '{falsePositive,falseNegative}') as flipped,
      count(*) filter (where truth_present and positive) as tp,
      count(*) filter (where not truth_present and positive) as fp,
      count(*) filter (where truth_present and not positive) as fn,
      count(*) filter (where not truth_present and not positive) as tn,
      count(explanation) as rated, sum(explanation) as rating
    from j group by 1, 2, 3, 4, 5
  )
  select scanner, site, age, sex, version,
    case grouping(scanner, site, age, sex, version)
      when 31 then 'all' when 15 then 'scanner' when 23 then 'site' when 27 then 'age' when 29 then 'sex' else 'version' end as part,
    ${['agree', 'disagree', 'cannot', 'flipped', 'tp', 'fp', 'fn', 'tn', 'rated']
      .map((name) => `coalesce(sum(${name}), 0) as ${name}`)
      .join(', ')}, sum(rating) as rating
  from cell group by grouping sets ((), (scanner), (site), (age), (sex), (version))`;

/** Over `j`. */
export const REASONS = 'select reason, count(*) as k from j, unnest(reasons) reason group by reason';

/** From the rows of `WHOLE`, `COUNTS` and `REASONS`. Parts of which nothing is judged are left out. */
export function countsOf({ whole: all, counts: counted, reasons: given }: Tallied): Counted {
  const { versions, results, flagged } = wholeOf(all);
  const rows = z.array(Counts).parse(counted);
  const whole = rows.find(({ part }) => part === 'all');
  if (!whole) throw new Error('grouping sets give the whole always');
  const { agree, disagree, cannot, flipped, tp, fp, fn, tn, rated, rating } = whole;
  const reviewed = agree + disagree + cannot;
  const agreement = proportion(agree, agree + disagree);
  const groups = (part: keyof Figures['groups'] & keyof Counts): Group[] =>
    rows
      .filter((row) => row.part === part)
      .map((row) => groupOf(row, String(row[part] ?? UNKNOWN), agreement.share))
      .sort((a, b) => placeOf(part, a.name) - placeOf(part, b.name) || a.name.localeCompare(b.name));
  return {
    versions,
    reviewed: proportion(reviewed, results),
    agreement,
    cannotTell: proportion(cannot, reviewed),
    flagged: proportion(flagged, results),
    override: proportion(flipped, reviewed),
    truth: {
      n: tp + fp + fn + tn,
      sensitivity: proportion(tp, tp + fn),
      specificity: proportion(tn, tn + fp),
      ppv: proportion(tp, tp + fp),
      npv: proportion(tn, tn + fn),
    },
    ...(rating === null ? {} : { explanation: { n: rated, mean: rating / rated } }),
    groups: {
      scanner: groups('scanner'),
      site: groups('site'),
      age: groups('age'),
      sex: groups('sex'),
      version: groups('version'),
    },
    reasons: reasonsOf(given, reviewed),
  };
}

const Whole = z.array(
  z.object({ version: z.string(), results: z.coerce.number(), flagged: z.coerce.number() }),
);

function wholeOf(rows: unknown) {
  const byVersion = Whole.parse(rows);
  const sum = (of: 'results' | 'flagged'): number => byVersion.reduce((total, row) => total + row[of], 0);
  return {
    versions: byVersion.map(({ version }) => version),
    results: sum('results'),
    flagged: sum('flagged'),
  };
}

function groupOf({ agree, disagree }: Counts, name: string, mean: number | undefined): Group {
  const agreement = proportion(agree, agree + disagree);
  return { name, agreement, differs: mean !== undefined && excludes(agreement, mean) };
}

/** Ages in their order, and what is not said last. */
const placeOf = (part: string, name: string): number =>
  name === UNKNOWN ? 1_000 : part === 'age' ? Number.parseInt(name, 10) : 0;

const Reason = z.object({ reason: z.string(), k: z.coerce.number() });

/** Most frequent first. */
const reasonsOf = (given: unknown, reviewed: number): Figures['reasons'] =>
  z
    .array(Reason)
    .parse(given)
    .sort((a, b) => b.k - a.k || a.reason.localeCompare(b.reason))
    .map(({ reason, k }) => ({ reason, share: proportion(k, reviewed) }));
