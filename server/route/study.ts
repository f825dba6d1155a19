import { z } from 'zod';
import type { Attributes } from './attributes.ts';
import { Condition, inWords, judge } from './condition.ts';

const UNITS = { s: 1_000, min: 60_000, h: 3_600_000 } as const;
const Duration = z
  .string()
  .regex(/^\d{1,5} ?(s|min|h)$/, 'is no time as 30 s, 10 min or 2 h')
  .transform((text) => Number.parseInt(text, 10) * UNITS[text.replace(/[\d ]/g, '') as keyof typeof UNITS]);

/** What a rule wants of a whole study before it runs on a series of it. DICOM has no signal for a study that is complete. */
export const StudyPolicy = z
  .strictObject({
    /** Nothing new came to the study for so long. */
    quiet: Duration,
    /** So long after its first series it is decided as it is. */
    deadline: Duration,
    /** Each is met by at least one series of the study. */
    expect: z.array(Condition).min(1).max(50).exactOptional(),
    /** What happens at the deadline when something that is expected has not come; `wait`: until it has. */
    atDeadline: z.enum(['run', 'skip', 'wait']).default('run'),
    /** Of several series that the rule matches: all of them, or the one with most images, thinnest slices, latest time, or best by `prefer`. */
    series: z.enum(['all', 'largest', 'thinnest', 'newest', 'best']).default('all'),
    /** The first of these that a series meets counts more than all after it. */
    prefer: z.array(Condition).min(1).max(20).exactOptional(),
  })
  .superRefine(({ series, prefer, expect, atDeadline }, { addIssue }) => {
    const mistake = (key: string, message: string): void =>
      addIssue({ code: 'custom', path: [key], message });
    if (series === 'best' && !prefer) mistake('prefer', 'is missing: it says which series is best');
    if (series !== 'best' && prefer) mistake('prefer', 'counts for the series `best` alone');
    if (atDeadline === 'wait' && !expect) mistake('expect', 'is missing: there is nothing to wait for');
  });
export type StudyPolicy = z.infer<typeof StudyPolicy>;

export interface StudyNow {
  /** The series that the rule matches, by SeriesInstanceUID. */
  readonly matched: ReadonlyMap<string, Attributes>;
  /** Those that it took before these came. */
  readonly taken?: ReadonlyMap<string, Attributes>;
  /** All series of images of the study. */
  readonly all: readonly Attributes[];
  /** When its first and its latest series settled, and now: ms since the epoch. */
  readonly first: number;
  readonly latest: number;
  readonly now: number;
}

export type StudyVerdict =
  | {
      readonly settled: false;
      /** Of what is expected, what has not come, in words. */
      readonly missing: readonly string[];
    }
  | {
      readonly settled: true;
      /** Of each matched series: whether it runs, and why or why not in half a sentence. */
      readonly series: ReadonlyMap<string, { readonly run: boolean; readonly why: string }>;
    };

/** What a rule waits for, as half a sentence. */
export const policyInWords = ({ quiet, deadline, expect = [], atDeadline }: StudyPolicy): string =>
  `until nothing new came for ${timeInWords(quiet)}${expect.length > 0 ? ` and a series with ${expect.map(inWords).join(', and one with ')} came` : ''}, ${atDeadline === 'wait' ? `for the quiet at most ${timeInWords(deadline)}` : `at most ${timeInWords(deadline)}`}`;

/** The largest unit without a remainder, as in the file. */
export function timeInWords(ms: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, size]) => ms % size === 0) ?? ['s', UNITS.s];
  return `${ms / size} ${unit}`;
}

/** May it be settled by now at all? Cheaper than to look at the study. */
export const mayBeSettled = (
  { quiet, deadline }: StudyPolicy,
  { first, latest, now }: Pick<StudyNow, 'first' | 'latest' | 'now'>,
): boolean => now >= latest + quiet || now >= first + deadline;

/** Whether a study is complete for a rule, or as complete as it gets; and which of its series run. Pure. */
export function judgeStudy(policy: StudyPolicy, study: StudyNow): StudyVerdict {
  const { expect = [], deadline, atDeadline, quiet } = policy;
  const missing = expect.filter((condition) => !study.all.some((a) => judge(condition, a).holds));
  const isOver = study.now >= study.first + deadline;
  const isQuiet = study.now >= study.latest + quiet;
  const isEnough = missing.length === 0 ? isQuiet || isOver : isOver && atDeadline !== 'wait';
  if (!isEnough) return { settled: false, missing: missing.map(inWords) };
  if (missing.length > 0 && atDeadline === 'skip') {
    const why = `at the deadline ${missing.length} of ${expect.length} expected series had not come: ${missing.map((condition) => `a series with ${inWords(condition)}`).join('; ')}`;
    return {
      settled: true,
      series: new Map([...study.matched.keys()].map((uid) => [uid, { run: false, why }])),
    };
  }
  const state = missing.length > 0 || !isQuiet ? 'at the deadline' : 'the study is complete';
  return { settled: true, series: chosen(policy, study, state) };
}

function chosen(
  { series, prefer = [] }: StudyPolicy,
  { matched, taken = new Map() }: StudyNow,
  state: string,
) {
  if (series === 'all')
    return new Map([...matched.keys()].map((uid) => [uid, { run: true, why: state }] as const));
  // A series that was taken and comes again, for it grew, counts once.
  const ranked = [...new Map([...taken, ...matched])].sort(([uidA, a], [uidB, b]) => {
    const [x, y] = [a, b].map((attributes) => rankOf(attributes, series, prefer)) as [number, number];
    return y - x || images(b) - images(a) || (uidA < uidB ? -1 : 1);
  });
  const best = ranked[0]?.[0] ?? '';
  const others = [...taken.keys()].filter((uid) => uid !== best).join(', ');
  const why = ranked.length === 1 ? state : `${state}; the ${series} of ${ranked.length} series`;
  const left = `of ${ranked.length} series of the study the rule takes the ${series}, ${best}`;
  // To run it all the same is for a person to decide.
  const late = `before it came the rule took ${best}, which is still the ${series}: a reader can have this one run on demand`;
  return new Map(
    [...matched.keys()].map((uid) => {
      if (uid === best)
        return [uid, { run: true, why: others ? `${why}; before it came the rule took ${others}` : why }];
      return [uid, { run: false, why: matched.has(best) ? left : late }];
    }),
  );
}

const images = (attributes: Attributes): number =>
  numberOf(attributes, 'NumberOfSeriesRelatedInstances') ?? 0;

/** The greater goes first; a series that does not say goes last. */
function rankOf(attributes: Attributes, by: StudyPolicy['series'], prefer: readonly Condition[]): number {
  if (by === 'best')
    return prefer.reduce((rank, wish) => 2 * rank + (judge(wish, attributes).holds ? 1 : 0), 0);
  if (by === 'thinnest') return -(numberOf(attributes, 'SliceThickness') ?? Number.MAX_VALUE);
  if (by === 'newest') {
    const [date = '', time = ''] = ['SeriesDate', 'SeriesTime'].map((keyword) => attributes[keyword]?.[0]);
    return Number(`${date}${time.slice(0, 6).padEnd(6, '0')}`) || 0;
  }
  return by === 'largest' ? images(attributes) : 0;
}

function numberOf(attributes: Attributes, keyword: string): number | undefined {
  const value = Number(attributes[keyword]?.[0]);
  return Number.isFinite(value) ? value : undefined;
}
