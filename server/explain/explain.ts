import type { Prediction, Volume } from '../contracts.ts';
import type { Explanation } from '../explanation.ts';
import type { Model } from '../models/load.ts';
import { explainScores } from './classification.ts';
import { explainDetections } from './detection.ts';
import type { Engine } from './engine.ts';
import { explainByMargin } from './margin.ts';
import { explainValues } from './regression.ts';

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
  const seen = { volume, prediction };
  switch (spec.kind) {
    case 'classification':
      return explainScores({ ...model, spec }, seen, engine);
    case 'detection':
      return explainDetections({ ...model, spec }, seen, engine);
    case 'regression':
      return explainValues({ ...model, spec }, seen, engine);
    case 'segmentation':
      return explainByMargin(spec, seen);
  }
}
