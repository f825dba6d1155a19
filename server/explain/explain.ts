import type { Prediction, Volume } from '../contracts.ts';
import type { ElementName, Explanation, FindingExplanation } from '../explanation.ts';
import type { Model } from '../models/load.ts';
import { explainScores } from './classification.ts';
import { explainDetections } from './detection.ts';
import { absent } from './element.ts';
import type { Engine } from './engine.ts';
import { explainByMargin } from './margin.ts';
import { explainValues } from './regression.ts';

interface Seen {
  readonly volume: Volume;
  readonly prediction: Prediction;
}

/**
 * The explanation of every finding: five elements each, given or absent with the reason, and the maps. Throws
 * EXPLANATION_UNFAITHFUL when a map does not reproduce the score that it claims to explain.
 */
export async function explain(model: Model, seen: Seen, engine: Engine): Promise<Explanation> {
  const explained = await byKind(model, seen, engine);
  const { elements } = model.spec.interpretability;
  return { ...explained, findings: explained.findings.map((finding) => tellingNeeded(finding, elements)) };
}

async function byKind(model: Model, seen: Seen, engine: Engine): Promise<Explanation> {
  const { spec } = model;
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

/** An element that the package says the decision needs, and that is absent, says that too. */
function tellingNeeded(
  finding: FindingExplanation,
  needed: Model['spec']['interpretability']['elements'],
): FindingExplanation {
  const elements = { ...finding.elements };
  for (const [name, { required }] of Object.entries(needed) as [ElementName, { required: boolean }][]) {
    const element = elements[name];
    if (element.state === 'absent' && required)
      elements[name] = absent(`${element.reason}, though it is needed for this decision`);
  }
  return { ...finding, elements };
}
