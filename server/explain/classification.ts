import type {
  ClassificationFinding,
  Explanation,
  ExplanationMap,
  FindingExplanation,
  Prediction,
  Tap,
  Volume,
} from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { Model } from '../models/load.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import { BASELINES } from './baselines.ts';
import { type Case, deletionOf, elementsOf, measuresOf, sentenceOf } from './classification-words.ts';
import { type Engine, onEngine } from './engine.ts';
import { enlarge } from './enlarge.ts';
import { coarse, evidenceRegions, type Grid, onImage } from './evidence-regions.ts';
import { readModelFile } from './graph/model-file.ts';
import { chanceMap, deletion } from './measures/curves.ts';
import { agreement } from './measures/shape.ts';
import { METHOD_FACTS } from './methods/facts.ts';
import { explainBy, METHODS } from './methods/index.ts';
import { exactShapley } from './methods/shapley.ts';
import { type OnnxSubject, openSubject } from './onnx-subject.ts';
import { overSpace } from './over-space.ts';
import { keepRegions } from './regions.ts';
import { type Attribution, scoreOf } from './subject.ts';

type ClassificationModel = Model & { readonly spec: ClassificationSpec };

/**
 * Every score of an image explained on the model itself, by the package's method: a map, its strongest regions with what each
 * carries, and measures of how far the map is to be trusted. Throws EXPLANATION_UNFAITHFUL, MODEL_INPUT_MISMATCH.
 */
export async function explainScores(
  model: ClassificationModel,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
  engine: Engine,
): Promise<Explanation> {
  const { input } = prediction;
  if (!input) throw new Fault('INTERNAL', 'a classification came without what the model saw');
  const bytes = await readModelFile(model.onnxPath);
  const done: { map: ExplanationMap; finding: FindingExplanation }[] = [];
  for (const index of model.spec.output.targets.keys()) {
    done.push(await explainTarget(index, { model, bytes, volume, prediction, input, engine }));
  }
  return { maps: done.map(({ map }) => map), findings: done.map(({ finding }) => finding) };
}

interface Work {
  readonly model: ClassificationModel;
  readonly bytes: Uint8Array;
  readonly volume: Volume;
  readonly prediction: Prediction;
  readonly input: Tap;
  readonly engine: Engine;
}

async function explainTarget(
  index: number,
  { model: { spec }, bytes, volume, prediction, input, engine }: Work,
): Promise<{ map: ExplanationMap; finding: FindingExplanation }> {
  const start = performance.now();
  const finding = prediction.findings[index] as ClassificationFinding;
  const target = spec.output.targets[index] as ClassificationSpec['output']['targets'][number];
  const common = {
    ...onEngine(engine, spec.onnx.sha256),
    inputDims: layoutDims(spec.input.layout, input.dims),
    layout: spec.input.layout,
    target: target.place,
    layer: spec.explanation.layer,
  };
  const subject = await openSubject(bytes, { ...common, of: spec.output.logits });
  const scores = await openSubject(bytes, { ...common, of: spec.output.scores, layer: 'auto' });
  try {
    const baseline = BASELINES[spec.explanation.baseline](input.data, subject.dims);
    const { attribution, fallback } = await explainBy(spec.explanation.method, {
      subject,
      input: input.data,
      baseline,
    });
    const { dims: grid, data } = overSpace(attribution, subject.dims);
    const [rows = 1, columns = 1] = grid;
    const map: Grid = { rows, columns, data };
    const facts = METHOD_FACTS[attribution.method as keyof typeof METHOD_FACTS];
    const it: Case = {
      finding,
      volume,
      ...(fallback ? { fallback } : {}),
      surrogate: subject.surrogate() ?? null,
      method: facts,
      layer: attribution.parameters.layer,
      cells: map.data.length,
      completenessGap: gapOf(attribution),
      baseline: spec.explanation.baseline,
      ...(await evidence(map, { volume, subject, scores, input: input.data, baseline, exact: facts.exact })),
      ...(await trust(map, { subject, scores, input: input.data, baseline })),
    };
    return {
      map: {
        name: `Evidence for ${finding.label.label.toLowerCase()}`,
        finding: index,
        method: facts.name,
        quantity: facts.quantity,
        unit: UNITS.one,
        shape: [1, map.rows, map.columns],
        data: map.data,
        range: [0, map.data.reduce((a, b) => Math.max(a, b), 0)],
      },
      finding: {
        finding: index,
        sentence: sentenceOf(it),
        regions: it.regions.map(({ region }) => region),
        measures: measuresOf(it),
        deletion: deletionOf(it),
        elements: elementsOf(it),
        cost: {
          method: attribution.method,
          ms: Math.round(performance.now() - start),
          peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
        },
      },
    };
  } finally {
    await subject.close();
    await scores.close();
  }
}

const gapOf = (attribution: Attribution & { readonly completenessGap?: number }): number | undefined =>
  attribution.completenessGap;

interface Seen {
  readonly subject: OnnxSubject;
  readonly scores: OnnxSubject;
  readonly input: Float32Array;
  readonly baseline: Float32Array;
}

/** The strongest regions and what each carries: exact Shapley values of the logit, and the score when it alone is replaced. */
async function evidence(
  map: Grid,
  { volume, subject, scores, input, baseline, exact }: Seen & { volume: Volume; exact: boolean },
): Promise<Pick<Case, 'regions'>> {
  const grid = coarse(map);
  const found = evidenceRegions(grid, volume);
  if (found.length === 0) return { regions: [] };
  const regions = onImage(found, grid, subject.dims.slice(1));
  const { shares } = await exactShapley(subject, input, { baseline, regions });
  return {
    regions: await Promise.all(
      found.map(async ({ region, cells }, i) => ({
        region,
        shapley: shares[i + 1] as number,
        // Only an exact map's cells are parts of the score, and they are those of the map itself.
        exactShare:
          exact && grid.data === map.data
            ? cells.reduce((sum, c) => sum + (map.data[c] as number), 0)
            : undefined,
        scoreWithout: await scoreOf(
          scores,
          keepRegions(input, baseline, { regions, kept: (r) => r !== i + 1 }),
        ),
      })),
    ),
  };
}

/** How far the map is to be trusted on this image: against a random order, and against a method that uses no gradient. */
async function trust(map: Grid, { subject, scores, input, baseline }: Seen): Promise<Pick<Case, 'trust'>> {
  const space = subject.dims.slice(1);
  const fine = enlarge(map.data, [map.rows, map.columns], space);
  const chance = chanceMap(space, 1);
  const occluded = await METHODS.occlusionCoarseToFine({ subject, input, baseline });
  return {
    trust: {
      deletion: await deletion(scores, input, fine, { baseline }),
      random: await deletion(scores, input, chance, { baseline }),
      occlusion: agreement(fine, occluded.data),
    },
  };
}
