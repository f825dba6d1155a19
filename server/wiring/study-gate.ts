import type { Config } from '../config.ts';
import type { HeldStudy, Jobs } from '../jobs/index.ts';
import { inStudy } from '../models/canary.ts';
import { installed } from '../models/installed.ts';
import type { HeldLine } from '../operations/held.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { type Attributes, studyAttributes } from '../route/attributes.ts';
import type { RuleBook } from '../route/rule-book.ts';
import type { RuleFile } from '../route/rules.ts';
import {
  judgeStudy,
  mayBeSettled,
  type StudyPolicy,
  type StudyVerdict,
  timeInWords,
} from '../route/study.ts';
import { asFault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import { asModelDecision, decisionsOf } from './decide.ts';
import { othersWaitedFor, released, waitsFor } from './decide-study.ts';
import { withoutOurs } from './rule-tester.ts';

export interface GateOptions {
  readonly config: Config;
  readonly rules: RuleBook;
  readonly jobs: Pick<Jobs, 'hold' | 'held' | 'takenBy' | 'release' | 'analyses'>;
}

export interface StudyGate {
  /** What is held, and what for, the longest first. */
  waiting(): Promise<readonly HeldLine[]>;
  close(): Promise<void>;
}

/** Looks at the studies that are held, time and again, and lets go what is complete or out of time. */
export function openStudyGate(options: GateOptions): StudyGate {
  const looks: Looks = new Map();
  let stopped = false;
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    looking = lookOnce({ ...options, looks })
      .catch((error: unknown) => {
        const { code, detail } = asFault(error);
        log.warn({ code, detail }, 'the studies that are held could not be looked at; again later');
      })
      .then(() => {
        if (!stopped) timer = setTimeout(look, options.config.POLL_MS);
      });
  };
  look();
  return {
    waiting: async () => {
      const inForce = await options.rules.current();
      return (await options.jobs.held()).map((held) =>
        lineOf(held, policyOf(held, inForce), looks.get(keyOf(held))),
      );
    },
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

/** When a study that is held was looked at, and what was missing then, by rule and study. */
type Looks = Map<string, { readonly at: number; readonly missing: readonly string[] }>;
const keyOf = ({ rule, study }: HeldStudy): string => `${rule} ${study}`;

/** Of a study that waits on after its deadline: so long between two looks. */
const PATIENCE_MS = 60_000;

const GONE = 'the series went from the archive while its study was waited for';

async function lookOnce(options: GateOptions & { readonly looks: Looks }): Promise<void> {
  const inForce = await options.rules.current();
  const all = await options.jobs.held();
  for (const key of options.looks.keys())
    if (!all.some((held) => keyOf(held) === key)) options.looks.delete(key);
  for (const held of all) {
    // One study that cannot be looked at keeps no other waiting.
    await lookAt(held, { ...options, inForce, all }).catch((error: unknown) => {
      const { code, detail } = asFault(error);
      log.warn(
        { study: held.study, code, detail },
        'a study that is held could not be looked at; again later',
      );
    });
  }
}

interface Looking extends GateOptions {
  readonly inForce: RuleFile | undefined;
  readonly looks: Looks;
  /** All that is held. */
  readonly all: readonly HeldStudy[];
}

async function lookAt(held: HeldStudy, { config, jobs, inForce, looks, all }: Looking): Promise<void> {
  const policy = policyOf(held, inForce);
  const now = Date.now();
  // A rule that is gone, or that waits no more, keeps nobody waiting.
  if (policy && !mayBeSettled(policy, { ...held, now })) return;
  const last = looks.get(keyOf(held))?.at ?? 0;
  // The first look after the deadline is the one that counts, however short a time ago the last before it was.
  const isPatient = policy && last > held.first + policy.deadline && last > held.latest;
  if (isPatient && now < last + PATIENCE_MS) return;
  const series = await attributesOf(held, { config, jobs });
  const models = inStudy((await installed(modelPlaces(config))).models, held.study);
  const decided = new Map([...series].map(([uid, a]) => [uid, decisionsOf(a, models, inForce)]));
  // What it took counts as long as it is there and the rule would take it.
  const taken = (await jobs.takenBy(held)).filter((uid) =>
    waitsFor(decided.get(uid) ?? []).includes(held.rule),
  );
  // What is gone waits for nothing.
  const isThere = held.arrivals.some(({ SeriesInstanceUID: uid }) => series.has(uid));
  const verdict = policy && isThere ? judgement(policy, { held, taken, series }) : undefined;
  if (verdict && !verdict.settled) {
    looks.set(keyOf(held), { at: now, missing: verdict.missing });
    return;
  }
  // The rules may have changed since it came: what waits for another rule by now is held for that one.
  for (const arrived of held.arrivals)
    for (const rule of othersWaitedFor(decided.get(arrived.SeriesInstanceUID) ?? [], held.rule))
      if (!isHeldFor(all, rule, arrived)) await jobs.hold(arrived, rule);
  await jobs.release(held, ({ SeriesInstanceUID: uid }) => {
    const decisions = decided.get(uid);
    if (!decisions) return models.map(({ identity }) => ({ model: identity, run: false, why: GONE }));
    const final = released(decisions, { rule: held.rule, verdict, SeriesInstanceUID: uid });
    return final?.map((decision) => asModelDecision(decision, models, inForce));
  });
}

const policyOf = ({ rule }: HeldStudy, inForce: RuleFile | undefined): StudyPolicy | undefined =>
  inForce?.rules.find(({ name }) => name === rule)?.study;

const AT_DEADLINE = { run: 'it runs all the same', skip: 'it is skipped', wait: 'it waits on' } as const;

function lineOf(
  held: HeldStudy,
  policy: StudyPolicy | undefined,
  look: { readonly missing: readonly string[] } | undefined,
): HeldLine {
  const { study, rule, arrivals, first, latest } = held;
  const line = {
    StudyInstanceUID: study,
    rule,
    series: arrivals.map(({ SeriesInstanceUID: uid }) => uid),
    since: new Date(first).toISOString(),
  };
  if (!policy)
    return { ...line, waitsFor: 'the rule waits no more', atDeadline: 'it is decided at the next look' };
  const grows = Date.now() < latest + policy.quiet;
  const reasons = [
    ...(grows ? [`nothing new must come for ${timeInWords(policy.quiet)}`] : []),
    ...(look?.missing ?? []).map((what) => `no series with ${what} has come`),
  ];
  return {
    ...line,
    deadline: new Date(first + policy.deadline).toISOString(),
    waitsFor: reasons.join('; ') || 'it is decided at the next look',
    atDeadline: policy.expect ? AT_DEADLINE[policy.atDeadline] : AT_DEADLINE.run,
  };
}

const isHeldFor = (
  all: readonly HeldStudy[],
  rule: string,
  { SeriesInstanceUID }: { readonly SeriesInstanceUID: string },
): boolean =>
  all.some(
    (held) =>
      held.rule === rule && held.arrivals.some((arrived) => arrived.SeriesInstanceUID === SeriesInstanceUID),
  );

/** Of the series of the study that are not our results. */
async function attributesOf(
  { study }: HeldStudy,
  { config, jobs }: Pick<GateOptions, 'config' | 'jobs'>,
): Promise<ReadonlyMap<string, Attributes>> {
  const all = await studyAttributes(archiveOf(config), config.DICOMWEB_PATH, study).catch(
    (error: unknown) => {
      // It was deleted: then it is settled with what is left of it, nothing.
      if (asFault(error).code === 'NOT_FOUND') return new Map<string, Attributes>();
      throw error;
    },
  );
  return withoutOurs(all, jobs.analyses);
}

function judgement(
  policy: StudyPolicy,
  {
    held: { arrivals, first, latest },
    taken,
    series,
  }: {
    readonly held: HeldStudy;
    readonly taken: readonly string[];
    readonly series: ReadonlyMap<string, Attributes>;
  },
): StudyVerdict {
  const only = (uids: readonly string[]) => new Map([...series].filter(([uid]) => uids.includes(uid)));
  return judgeStudy(policy, {
    matched: only(arrivals.map(({ SeriesInstanceUID }) => SeriesInstanceUID)),
    taken: only(taken),
    all: [...series.values()],
    first,
    latest,
    now: Date.now(),
  });
}
