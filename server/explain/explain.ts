import type { Explanation, Prediction, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import { explainByExactCam } from './exact-cam.ts';
import { explainByMargin } from './margin.ts';

/**
 * The explanation of every finding: five elements each, given or absent with the reason, and the maps. Throws
 * EXPLANATION_UNFAITHFUL when a map does not reproduce the score that it claims to explain.
 */
export function explain(model: Model, volume: Volume, prediction: Prediction): Explanation {
  const { spec } = model;
  return spec.kind === 'classification'
    ? explainByExactCam(spec, volume, prediction)
    : explainByMargin(volume, prediction);
}
