import { z } from 'zod';
import { attributeOf } from '../dicom/dictionary.ts';
import type { Attributes } from './attributes.ts';

const Value = z.union([z.string().min(1).max(256), z.number()]).transform(String);
const Bound = z.union([
  z.number(),
  z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'is neither a number nor a date as 2026-01-31'),
]);

/** One question to one attribute. Of several values one suffices; text is compared without regard to case. */
const Operator = z
  .strictObject({
    equals: Value.exactOptional(),
    in: z.array(Value).min(1).max(200).exactOptional(),
    /** `*` stands for any text, `?` for one character: no regular expressions, so that none can run for ever. */
    matches: z.string().min(1).max(256).exactOptional(),
    /** Both ends belong to it. Numbers; ages in years; dates as 2026-01-31. */
    range: z
      .strictObject({ min: Bound.exactOptional(), max: Bound.exactOptional() })
      .refine((range) => Object.keys(range).length > 0, { error: 'needs min or max' })
      .exactOptional(),
    exists: z.boolean().exactOptional(),
  })
  .refine((operator) => Object.keys(operator).length === 1, {
    error: 'needs one of equals, in, matches, range, exists, and only one',
  });
type Operator = z.infer<typeof Operator>;

export interface Condition {
  readonly all?: readonly Condition[];
  readonly any?: readonly Condition[];
  readonly none?: readonly Condition[];
  readonly [keyword: string]: Operator | readonly Condition[] | undefined;
}

/**
 * Keywords of DICOM, each with one operator, and lists of further conditions under `all`, `any`, `none`; every entry must hold.
 * Total: it has no loops and no code, and an attribute that is absent answers no to everything but `exists: false`.
 */
export const Condition: z.ZodType<Condition> = z
  .object({
    get all() {
      return Conditions;
    },
    get any() {
      return Conditions;
    },
    get none() {
      return Conditions;
    },
  })
  .catchall(Operator)
  .superRefine((condition, { addIssue }) => {
    const keys = Object.keys(condition);
    if (keys.length === 0) addIssue('asks nothing');
    for (const key of keys)
      if (!LISTS.includes(key)) {
        const message = objectionTo(key);
        if (message) addIssue({ code: 'custom', path: [key], message });
      }
  });
const Conditions = z
  .array(z.lazy(() => Condition))
  .min(1)
  .max(100)
  .exactOptional();
const LISTS: readonly string[] = ['all', 'any', 'none'];

/** Value representations that are no short text or number. */
const NOT_READ = ['SQ', 'PN', 'OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'UN', 'ox', 'lt', 'UT'];

function objectionTo(keyword: string): string | undefined {
  const attribute = attributeOf(keyword);
  if (!attribute) return 'is no attribute of DICOM';
  return NOT_READ.includes(attribute.vr) ? 'is no short text or number: rules do not see it' : undefined;
}

/** What a condition asks, as half a sentence: `Modality CT and ImageType LOCALIZER`. */
export function inWords(condition: Condition): string {
  const parts = Object.entries(condition).map(([key, asked]) =>
    Array.isArray(asked) ? listInWords(key as List, asked) : `${key} ${wantedOf(asked as Operator)}`,
  );
  return parts.join(' and ');
}

function listInWords(of: List, conditions: readonly Condition[]): string {
  const parts = conditions.map(inWords);
  if (of === 'none') return `neither ${parts.join(' nor ')}`;
  return parts.length === 1 ? parts.join('') : `(${parts.join(of === 'all' ? ' and ' : ' or ')})`;
}

type List = 'all' | 'any' | 'none';

/** Known of every series, and of no file by itself. */
const COUNT = 'NumberOfSeriesRelatedInstances';

/** How a condition came out, part by part. What cannot be told does not hold. */
export type Verdict =
  | {
      readonly of: List;
      readonly holds: boolean;
      readonly untold?: true;
      readonly parts: readonly Verdict[];
    }
  | {
      readonly of: 'attribute';
      readonly holds: boolean;
      readonly untold?: true;
      readonly keyword: string;
      /** What the attribute says, in words. */
      readonly found: string;
      /** What the rule asks of it, in words. */
      readonly wanted: string;
    };

/** Every part is looked at, also behind the one that decides: the answer is for people. */
export function judge(condition: Condition, attributes: Attributes): Verdict {
  const parts = Object.entries(condition).map(([key, asked]) =>
    Array.isArray(asked)
      ? judgeList(key as List, asked as readonly Condition[], attributes)
      : judgeAttribute(key, asked as Operator, attributes),
  );
  return parts.length === 1 ? (parts[0] as Verdict) : combined('all', parts);
}

const judgeList = (of: List, conditions: readonly Condition[], attributes: Attributes): Verdict =>
  combined(
    of,
    conditions.map((condition) => judge(condition, attributes)),
  );

function combined(of: List, parts: readonly Verdict[]): Verdict {
  const holding = parts.filter(({ holds }) => holds).length;
  const untold = parts.filter((part) => part.untold).length;
  // Whatever the untold parts were, these would decide.
  const isTold = untold === 0 || (of === 'all' ? holding + untold < parts.length : holding > 0);
  if (!isTold) return { of, holds: false, untold: true, parts };
  const holds = of === 'all' ? holding === parts.length : of === 'any' ? holding > 0 : holding === 0;
  return { of, holds, parts };
}

function judgeAttribute(keyword: string, operator: Operator, attributes: Attributes): Verdict {
  const values = attributes[keyword] ?? [];
  if (keyword === COUNT && values.length === 0)
    return {
      of: 'attribute',
      holds: false,
      untold: true,
      keyword,
      found: 'not known of one file',
      wanted: wantedOf(operator),
    };
  return {
    of: 'attribute',
    holds: answer(operator, values),
    keyword,
    found: values.length > 0 ? values.join(', ') : 'absent',
    wanted: wantedOf(operator),
  };
}

function answer(operator: Operator, values: readonly string[]): boolean {
  const { equals, in: oneOf, matches, range, exists } = operator;
  if (exists !== undefined) return exists === values.length > 0;
  if (range) return values.some((v) => within(v, range));
  if (matches !== undefined) return values.some((v) => isLike(v.toLowerCase(), matches.toLowerCase()));
  const wanted = oneOf ?? (equals === undefined ? [] : [equals]);
  return values.some((v) => wanted.some((w) => same(v, w)));
}

/** Also 2 and 2.0: DICOM has no one way to write a number. */
function same(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true;
  return NUMBER.test(a) && NUMBER.test(b) && Number(a) === Number(b);
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Age String (PS3.5 §6.2): days, weeks, months, years. */
const AGE = /^(\d{3})([DWMY])$/;
const YEARS = { D: 1 / 365.25, W: 7 / 365.25, M: 1 / 12, Y: 1 } as const;

function measured(value: string): number | undefined {
  const [, count, unit] = AGE.exec(value) ?? [];
  if (unit) return Number(count) * YEARS[unit as keyof typeof YEARS];
  return NUMBER.test(value) ? Number(value) : undefined;
}

function within(value: string, { min, max }: NonNullable<Operator['range']>): boolean {
  const n = measured(value);
  return n !== undefined && (min === undefined || n >= bound(min)) && (max === undefined || n <= bound(max));
}

/** A date counts as the number that DICOM writes for it. */
const bound = (b: z.infer<typeof Bound>): number =>
  typeof b === 'number' ? b : Number(b.replaceAll('-', ''));

/** Two pointers and one place to come back to: at most the product of the lengths. */
function isLike(text: string, pattern: string): boolean {
  let [t, p, star, back] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') [star, back, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) [t, p] = [t + 1, p + 1];
    else if (star >= 0) {
      back++;
      [t, p] = [back, star + 1];
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function wantedOf({ equals, in: oneOf, matches, range, exists }: Operator): string {
  if (exists !== undefined) return exists ? 'to be there' : 'not to be there';
  if (matches !== undefined) return `text like ${matches}`;
  if (!range) return oneOf?.join(' or ') ?? equals ?? '';
  const { min, max } = range;
  if (max === undefined) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `${min} to ${max}`;
}
