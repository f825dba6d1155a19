import type { Config } from '../config.ts';
import type { SeriesArrived } from '../contracts.ts';
import type { CopyRecords } from '../deidentify/records.ts';
import type { Jobs, ModelDecision } from '../jobs/index.ts';
import { type InStudy, inStudy } from '../models/canary.ts';
import { type Installed, installed, keyOf } from '../models/installed.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { type Attributes, seriesAttributes } from '../route/attributes.ts';
import { type Decision, route } from '../route/route.ts';
import type { RuleBook } from '../route/rule-book.ts';
import { type RuleFile, rule } from '../route/rules.ts';
import { nextWithin } from '../shared/day-window.ts';

export interface Deciding {
  readonly config: Config;
  readonly rules: RuleBook;
  readonly jobs: Pick<Jobs, 'arrived' | 'hold'>;
  readonly owe: CopyRecords['owe'];
  /** It was there before the first start: it waits for everything else. */
  readonly past: boolean;
}

/**
 * A series has settled: which models run on it and how, and why not the others, by the packages, the rules and the operator's decisions
 * as they are now. What a rule runs only on a complete study is held.
 */
export async function onArrived(
  arrived: SeriesArrived,
  { config, rules, jobs, owe, past }: Deciding,
): Promise<void> {
  const attributes = await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, arrived);
  const models = inStudy((await installed(modelPlaces(config))).models, arrived.StudyInstanceUID);
  const inForce = await rules.current();
  // Before the arrival is taken as known: a server that ends here owes it again.
  for (const copy of inForce ? rule(inForce, attributes).copies : [])
    await owe({
      ...copy,
      study: arrived.StudyInstanceUID,
      series: arrived.SeriesInstanceUID,
      instances: arrived.instanceCount,
      fingerprint: arrived.fingerprint,
    });
  const decided = route(attributes, candidatesOf(models), inForce);
  const waits = new Set(decided.flatMap((d) => (d.run && d.waitsFor ? [d.waitsFor] : [])));
  for (const waited of waits) await jobs.hold(arrived, waited);
  const now = decided.filter((d) => !(d.run && d.waitsFor));
  if (waits.size === 0 || now.some(({ run }) => run))
    await jobs.arrived(
      arrived,
      now.map((decision) => ({
        ...asModelDecision(decision, models, inForce),
        ...(past ? ({ priority: 'backfill' } as const) : {}),
      })),
    );
}

/** All decisions of a series by itself, as when it arrived. */
export const decisionsOf = (
  attributes: Attributes,
  models: readonly Installed[],
  rules: RuleFile | undefined,
): readonly Decision[] => route(attributes, candidatesOf(models), rules);

/** With the version that is meant, and what the operator decided of it. */
export function asModelDecision(
  decision: Decision,
  models: readonly InStudy[],
  rules: RuleFile | undefined,
): ModelDecision {
  const { why } = decision;
  const found = models.find(({ identity }) => keyOf(identity) === decision.modelId) as InStudy;
  const { id, version, digest } = found.identity;
  const model = { id, version, digest };
  if (!decision.run) return { model, run: false, why };
  if (found.mode === 'disabled') return { model, run: false, why: found.why };
  const { priority } = decision;
  return {
    model,
    run: true,
    why,
    priority,
    ...(decision.waitsFor === undefined ? {} : { takenBy: decision.waitsFor }),
    ...(priority === 'off-peak' && rules?.offPeak
      ? { notBefore: nextWithin(rules.offPeak, new Date()), hours: rules.offPeak }
      : {}),
    ...(found.mode === 'shadow' ? { shadow: found.why } : {}),
  };
}

/** Models as the rules know them: each version by itself. */
export const candidatesOf = (models: readonly Installed[]) =>
  models.map(({ identity, spec }) => ({ id: keyOf(identity), accepts: spec.accepts }));
