import type { Explanation, Prediction, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import { explainScores } from './classification.ts';
import type { Engine } from './engine.ts';
import { explainByMargin } from './margin.ts';

/**
 * The explanation of every finding: five elements each, given or absent with the reason, and the maps. Throws
 * EXPLANATION_UNFAITHFUL when a map does not reproduce the score that it claims to explain.
 */
export async function explain(
  model: Model,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
  engine: Engine,
): Promise<Explanation> {
  const { spec } = model;
  return spec.kind === 'classification'
    ? explainScores({ ...model, spec }, { volume, prediction }, engine)
    : explainByMargin(spec, { volume, prediction });
}
