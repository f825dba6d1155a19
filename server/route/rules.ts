import { parse } from 'yaml';
import { z } from 'zod';
import { PRIORITIES, type Priority } from '../contracts.ts';
import { DayWindow } from '../shared/day-window.ts';
import { Fault } from '../shared/fault.ts';
import type { Attributes } from './attributes.ts';
import { Condition, judge, type Verdict } from './condition.ts';
import { StudyPolicy } from './study.ts';

/** The rule file: which of the models that can read a series shall read it, and how soon. docs/rules.md. */

const Models = z
  .array(
    z
      .string()
      .regex(
        /^[a-z0-9]+(-[a-z0-9]+)*(@\d+\.\d+\.\d+)?$/,
        'is no id of a model, as my-model or my-model@1.2.0',
      ),
  )
  .min(1)
  .max(100);

/** A backfill is asked for by a person, not by a rule. */
const Wanted = z.enum(PRIORITIES).exclude(['backfill']);

const Rule = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'has other than small letters, digits and hyphens'),
  comment: z.string().max(1_000).exactOptional(),
  /** Whom to ask about the rule. */
  contact: z.string().max(200).exactOptional(),
  when: Condition,
  /**
   * Models by id, or one version as `id@1.2.0`; `none` keeps all models from the series, whatever other rules say, and all copies. May be left out
   * where the rule copies.
   */
  run: z
    .union([z.literal('none'), Models], { error: 'is neither none nor a list of model ids' })
    .exactOptional(),
  /** A copy without identity, to a target of COPY_TARGETS. */
  copy: z
    .strictObject({
      to: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'has other than small letters, digits and hyphens'),
      /** Of the images: what our models make of them too. */
      results: z.boolean().default(false),
    })
    .exactOptional(),
  priority: Wanted.default('normal'),
  /** Left out: each series is decided when it has settled. */
  study: StudyPolicy.exactOptional(),
});

const RuleFile = z
  .strictObject({
    schema: z.literal(1),
    rules: z.array(Rule).max(500),
    /** Of a series that no rule matches; left out, nothing runs on it. */
    otherwise: z.strictObject({ run: Models, priority: Wanted.default('normal') }).exactOptional(),
    /** When work of the priority `off-peak` may begin, by the clock of the machine that does it. */
    offPeak: DayWindow.exactOptional(),
  })
  .superRefine(({ rules, offPeak, otherwise }, { addIssue }) => {
    const names = rules.map(({ name }) => name);
    for (const [i, name] of names.entries())
      if (names.indexOf(name) !== i)
        addIssue({ code: 'custom', path: ['rules', i, 'name'], message: `there is another rule ${name}` });
    for (const [i, { run, copy, study }] of rules.entries()) {
      const mistake = (message: string): void =>
        addIssue({ code: 'custom', path: ['rules', i, 'copy'], message });
      if (run === undefined && !copy)
        addIssue({ code: 'custom', path: ['rules', i, 'run'], message: 'is missing: the rule does nothing' });
      if (run === 'none' && copy) mistake('a rule that keeps models away copies nothing');
      if (copy && study) mistake('a copy waits for no study: say it in a rule of its own');
    }
    const waits = [...rules, ...(otherwise ? [otherwise] : [])].some((r) => r.priority === 'off-peak');
    if (waits && !offPeak)
      addIssue({
        code: 'custom',
        path: ['offPeak'],
        message: 'is missing: a rule has the priority off-peak',
      });
  });
export type RuleFile = z.infer<typeof RuleFile>;

/** A rule file is written by hand: a larger one is something else. */
const MAX_LENGTH = 2 ** 20;

/** Reads a rule file. Throws RULES_INVALID that names every mistake at once. */
export function parseRules(text: string): RuleFile {
  if (text.length > MAX_LENGTH) throw new Fault('RULES_INVALID', 'the file is larger than 1 MiB');
  const given = yamlOf(text);
  const parsed = guarded(() => RuleFile.safeParse(given));
  if (parsed.success) return parsed.data;
  throw new Fault('RULES_INVALID', `\n${z.prettifyError(parsed.error)}`);
}

const yamlOf = (text: string): unknown => guarded(() => parse(text));

/** What is nested a thousand deep ends the stack; what repeats itself a thousand times is refused by the parser. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Fault('RULES_INVALID', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What became of one rule. */
export interface Judged {
  readonly name: string;
  /** What it is for, and whom to ask about it; absent where the file does not say. */
  readonly comment?: string | undefined;
  readonly contact?: string | undefined;
  /** The models that it would choose; none for a rule that keeps all away. */
  readonly run: readonly string[];
  readonly matched: boolean;
  readonly verdict: Verdict;
}

export interface Ruling {
  /** All rules, in the order of the file. */
  readonly rules: readonly Judged[];
  /** The rule that keeps all models away, if one does. */
  readonly barredBy?: string;
  /** Each model once, with the most urgent of its priorities and the first rule that names it. */
  readonly chosen: readonly Chosen[];
  /** Each target once. */
  readonly copies: readonly Copied[];
}

/** A copy without identity that a rule asks for. */
export interface Copied {
  readonly target: string;
  readonly results: boolean;
  readonly rule: string;
}

export interface Chosen {
  readonly modelId: string;
  readonly priority: Priority;
  readonly rule: string;
  /** What the rule wants of the whole study first. */
  readonly study?: StudyPolicy;
}

/** The name that stands for `otherwise`. */
const OTHERWISE = 'otherwise';

/** Judges a series by all rules. Pure: the same file and attributes give the same ruling. */
export function rule({ rules, otherwise }: RuleFile, attributes: Attributes): Ruling {
  const judged = rules.map(({ name, comment, contact, when, run }): Judged => {
    const verdict = judge(when, attributes);
    return { name, comment, contact, run: modelsOf(run), matched: verdict.holds, verdict };
  });
  const matching = rules.filter((_, i) => judged[i]?.matched);
  const barring = matching.find(({ run }) => run === 'none');
  if (barring) return { rules: judged, barredBy: barring.name, chosen: [], copies: [] };
  const fallback = matching.length === 0 && otherwise ? [{ name: OTHERWISE, ...otherwise }] : [];
  const chosen = new Map<string, Chosen>();
  for (const acting of [...matching, ...fallback]) {
    for (const modelId of modelsOf(acting.run)) {
      const { name, priority, study } = { study: undefined, ...acting };
      const other = { modelId, priority, rule: name, ...(study ? { study } : {}) };
      chosen.set(modelId, joined(chosen.get(modelId), other));
    }
  }
  return { rules: judged, chosen: [...chosen.values()], copies: copiesOf(matching) };
}

const modelsOf = (run: z.infer<typeof Rule>['run']): readonly string[] =>
  run === undefined || run === 'none' ? [] : run;

/** Of two rules for one target the first, and its results where either wants them. */
function copiesOf(matching: RuleFile['rules']): readonly Copied[] {
  const copies = new Map<string, Copied>();
  for (const { name, copy } of matching) {
    if (!copy) continue;
    const known = copies.get(copy.to) ?? { target: copy.to, rule: name, results: false };
    copies.set(copy.to, { ...known, results: known.results || copy.results });
  }
  return [...copies.values()];
}

/** Of two rules for one model: the more urgent priority, and the one that waits for no study. */
function joined(known: Chosen | undefined, other: Chosen): Chosen {
  if (!known) return other;
  const first = known.study && !other.study ? other : known;
  return { ...first, priority: sooner(known.priority, other.priority) };
}

const sooner = (a: Priority, b: Priority): Priority =>
  PRIORITIES[Math.min(PRIORITIES.indexOf(a), PRIORITIES.indexOf(b))] as Priority;
