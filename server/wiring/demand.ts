import type { Config } from '../config.ts';
import type { Priority, SeriesArrived } from '../contracts.ts';
import type { Analysis, Jobs } from '../jobs/index.ts';
import { inStudy } from '../models/canary.ts';
import { installed, keyOf } from '../models/installed.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { seriesAttributes } from '../route/attributes.ts';
import { Fault } from '../shared/fault.ts';
import { asModelDecision, decisionsOf } from './decide.ts';

/**
 * A person wants one version of a model, as `id@version`, on a series: whatever the rules say, but only what its package reads. Throws
 * REQUEST_INVALID for a model that is not installed or was stopped, MODEL_REFUSES_SERIES with the reason.
 */
export async function demand(
  arrived: SeriesArrived,
  { key, priority, because }: { readonly key: string; readonly priority: Priority; readonly because: string },
  { config, jobs }: { readonly config: Config; readonly jobs: Pick<Jobs, 'demand'> },
): Promise<Analysis> {
  const models = inStudy((await installed(modelPlaces(config))).models, arrived.StudyInstanceUID);
  const found = models.filter(({ identity }) => keyOf(identity) === key);
  if (found.length === 0) {
    const there = models.map(({ identity }) => keyOf(identity)).join(', ');
    throw new Fault('REQUEST_INVALID', `no model ${key} is installed; there are ${there || 'none'}`);
  }
  const attributes = await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, arrived);
  const [decision] = decisionsOf(attributes, found, undefined);
  if (!decision?.run)
    throw new Fault('MODEL_REFUSES_SERIES', `${key}: ${decision?.why ?? 'no reason is known'}`);
  const final = asModelDecision(decision, models, undefined);
  if (!final.run) throw new Fault('REQUEST_INVALID', `${key}: ${final.why}`);
  const analysis = await jobs.demand(arrived, { ...final, why: `${because}: ${final.why}`, priority });
  if (!analysis) throw new Fault('NOT_FOUND', `no analysis of ${key} came of it`);
  return analysis;
}
