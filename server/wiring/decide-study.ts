import type { Config } from '../config.ts';
import type { SeriesArrived } from '../contracts.ts';
import type { ModelDecision } from '../jobs/index.ts';
import { inStudy } from '../models/canary.ts';
import { type Installed, installed } from '../models/installed.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { type Attributes, seriesAttributes } from '../route/attributes.ts';
import type { Decision } from '../route/route.ts';
import type { RuleFile } from '../route/rules.ts';
import { judgeStudy, type StudyVerdict } from '../route/study.ts';
import { asModelDecision, decisionsOf } from './decide.ts';

export interface Decided {
  readonly arrived: SeriesArrived;
  readonly decisions: readonly ModelDecision[];
}

/**
 * All decisions of the series of a study of the past: it is as complete as it gets, so what a rule would hold for its study is decided
 * at once.
 */
export async function decideStudy(
  arrivals: readonly SeriesArrived[],
  { config, inForce }: { readonly config: Config; readonly inForce: RuleFile | undefined },
): Promise<readonly Decided[]> {
  const { models } = await installed(modelPlaces(config));
  const known = new Map<string, Attributes>();
  for (const arrived of arrivals)
    known.set(
      arrived.SeriesInstanceUID,
      await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, arrived),
    );
  const decided = decideSeries(known, { study: arrivals[0]?.StudyInstanceUID ?? '', models, inForce });
  return arrivals.map((arrived) => ({ arrived, decisions: decided.get(arrived.SeriesInstanceUID) ?? [] }));
}

/** The same of series whose attributes are known. Pure but for the time of day. */
export function decideSeries(
  known: BySeries<Attributes>,
  {
    study,
    models: all,
    inForce,
  }: {
    readonly study: string;
    readonly models: readonly Installed[];
    readonly inForce: RuleFile | undefined;
  },
): BySeries<readonly ModelDecision[]> {
  const models = inStudy(all, study);
  const decided = new Map([...known].map(([uid, a]) => [uid, decisionsOf(a, models, inForce)]));
  const verdicts = new Map(
    rulesThatWait(decided).map((rule) => [rule, verdictOf(rule, { known, decided, inForce })]),
  );
  const final = (uid: string, decision: Decision): ModelDecision => {
    const verdict = decision.run && decision.waitsFor ? verdicts.get(decision.waitsFor) : undefined;
    return asModelDecision(withVerdict(decision, verdict, uid), models, inForce);
  };
  return new Map([...decided].map(([uid, decisions]) => [uid, decisions.map((d) => final(uid, d))]));
}

/**
 * What becomes of a held series when the study is settled for one rule: its decisions without those that wait for another, or undefined
 * when all that is left is what other rules still have to say.
 */
export function released(
  decisions: readonly Decision[],
  {
    rule,
    verdict,
    SeriesInstanceUID,
  }: {
    readonly rule: string;
    readonly verdict: StudyVerdict | undefined;
    readonly SeriesInstanceUID: string;
  },
): readonly Decision[] | undefined {
  const final = decisions
    .filter((d) => !(d.run && d.waitsFor && d.waitsFor !== rule))
    .map((d) => (d.run && d.waitsFor === rule ? withVerdict(d, verdict, SeriesInstanceUID) : d));
  const othersWait = final.length < decisions.length;
  return othersWait && !final.some(({ run }) => run) ? undefined : final;
}

/** The rules, beside one, that a series waits for. */
export const othersWaitedFor = (decisions: readonly Decision[], rule: string): readonly string[] => [
  ...new Set(waitsFor(decisions).filter((other) => other !== rule)),
];

/** A decision that waited for its study, as the study turned out. */
function withVerdict(
  decision: Decision,
  verdict: StudyVerdict | undefined,
  SeriesInstanceUID: string,
): Decision {
  if (!verdict) return decision;
  const said = verdict.settled
    ? verdict.series.get(SeriesInstanceUID)
    : { run: false, why: `it waits: no series with ${verdict.missing.join(', and none with ')} has come` };
  if (!said) return decision;
  const why = `${decision.why}; ${said.why}`;
  return said.run ? { ...decision, why } : { modelId: decision.modelId, run: false, why };
}

type BySeries<T> = ReadonlyMap<string, T>;

/** The rules that a series waits for. */
export const waitsFor = (decisions: readonly Decision[]): readonly string[] =>
  decisions.flatMap((d) => (d.run && d.waitsFor ? [d.waitsFor] : []));

const rulesThatWait = (decided: BySeries<readonly Decision[]>): readonly string[] => [
  ...new Set([...decided.values()].flatMap(waitsFor)),
];

function verdictOf(
  rule: string,
  {
    known,
    decided,
    inForce,
  }: {
    readonly known: BySeries<Attributes>;
    readonly decided: BySeries<readonly Decision[]>;
    readonly inForce: RuleFile | undefined;
  },
): StudyVerdict | undefined {
  const policy = inForce?.rules.find(({ name }) => name === rule)?.study;
  if (!policy) return undefined;
  const matched = new Map([...known].filter(([uid]) => waitsFor(decided.get(uid) ?? []).includes(rule)));
  // Its first and latest series came long ago.
  return judgeStudy(policy, { matched, all: [...known.values()], first: 0, latest: 0, now: Date.now() });
}
