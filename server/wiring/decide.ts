import { archiveOf, type Config, modelPlaces } from '../config.ts';
import type { SeriesArrived } from '../contracts.ts';
import type { ModelDecision } from '../jobs/index.ts';
import { type Installed, installed, keyOf } from '../models/installed.ts';
import { seriesAttributes } from '../route/attributes.ts';
import { route } from '../route/route.ts';
import type { RuleBook } from '../route/rule-book.ts';
import { offPeakBegin } from '../route/rules.ts';

/** Which models run on the series and how, and why not the others: by the packages and the operator's decisions as they are now. */
export async function decide(
  arrived: SeriesArrived,
  { config, rules }: { readonly config: Config; readonly rules: RuleBook },
): Promise<readonly ModelDecision[]> {
  const attributes = await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, arrived);
  const { models } = await installed(modelPlaces(config));
  const inForce = await rules.current();
  return route(attributes, candidatesOf(models), inForce).map((decision): ModelDecision => {
    const { why } = decision;
    const found = models.find(({ identity }) => keyOf(identity) === decision.modelId) as Installed;
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
      ...(priority === 'off-peak' && inForce ? { notBefore: offPeakBegin(inForce, new Date()) } : {}),
      ...(found.mode === 'shadow' ? { shadow: found.why } : {}),
    };
  });
}

/** Models as the rules know them: each version by itself. */
export const candidatesOf = (models: readonly Installed[]) =>
  models.map(({ identity, spec }) => ({ id: keyOf(identity), accepts: spec.accepts }));
