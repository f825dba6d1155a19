import { z } from 'zod';
import type { Figures, Group } from '../contract/figures.ts';
import { excludes, proportion } from './proportion.ts';

/** How many of what: the whole selection, and parts of it. */
type Counted = Pick<
  Figures,
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

const Counts = z.object({
  scanner: z.string().nullable(),
  site: z.string().nullable(),
  age: z.string().nullable(),
  sex: z.string().nullable(),
  version: z.string().nullable(),
  part: z.enum(['all', 'scanner', 'site', 'age', 'sex', 'version']),
  results: z.coerce.number(),
  agree: z.coerce.number(),
  disagree: z.coerce.number(),
  cannot: z.coerce.number(),
  flagged: z.coerce.number(),
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

/** Over `r`: the whole and each part. Counted once by cell of all parts, since there are far fewer cells than results. */
export const COUNTS = `
  with cell as (
    select scanner, site, ${AGE_BAND} as age, sex, model_version as version, count(*) as results,
      count(*) filter (where verdict = 'agree') as agree,
      count(*) filter (where verdict = 'disagree') as disagree,
      count(*) filter (where verdict = 'cannot-tell') as cannot,
      count(*) filter (where flagged) as flagged,
      count(*) filter (where verdict = 'disagree' and reasons && '{falsePositive,falseNegative}') as flipped,
      count(*) filter (where truth_present and positive) as tp,
      count(*) filter (where not truth_present and positive) as fp,
      count(*) filter (where truth_present and not positive) as fn,
      count(*) filter (where not truth_present and not positive) as tn,
      count(explanation) as rated, sum(explanation) as rating
    from r group by 1, 2, 3, 4, 5
  )
  select scanner, site, age, sex, version,
    case grouping(scanner, site, age, sex, version)
      when 31 then 'all' when 15 then 'scanner' when 23 then 'site' when 27 then 'age' when 29 then 'sex' else 'version' end as part,
    ${['results', 'agree', 'disagree', 'cannot', 'flagged', 'flipped', 'tp', 'fp', 'fn', 'tn', 'rated']
      .map((name) => `coalesce(sum(${name}), 0) as ${name}`)
      .join(', ')}, sum(rating) as rating
  from cell group by grouping sets ((), (scanner), (site), (age), (sex), (version))`;

export const REASONS = 'select reason, count(*) as k from r, unnest(reasons) reason group by reason';

/** From the rows of `COUNTS` and `REASONS`. */
export function countsOf(counted: unknown, given: unknown): Counted {
  const rows = z.array(Counts).parse(counted);
  const whole = rows.find(({ part }) => part === 'all');
  if (!whole) throw new Error('grouping sets give the whole always');
  const { results, agree, disagree, cannot, flagged, flipped, tp, fp, fn, tn, rated, rating } = whole;
  const reviewed = agree + disagree + cannot;
  const agreement = proportion(agree, agree + disagree);
  const groups = (part: keyof Figures['groups'] & keyof Counts): Group[] =>
    rows
      .filter((row) => row.part === part)
      .map((row) => groupOf(row, String(row[part] ?? UNKNOWN), agreement.share))
      .sort((a, b) => placeOf(part, a.name) - placeOf(part, b.name) || a.name.localeCompare(b.name));
  return {
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
