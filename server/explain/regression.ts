import type { Anatomy, MeasurementFinding, Prediction, Volume } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { Explanation, ExplanationMap, FindingExplanation, StudyCheck } from '../explanation.ts';
import type { Model } from '../models/load.ts';
import type { RegressionSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { contextOf } from './anatomy.ts';
import { AUGMENTATIONS } from './augmentation.ts';
import { BASELINES } from './baselines.ts';
import { checkImage } from './checks/image.ts';
import { judged } from './checks/judged.ts';
import { optionsOf } from './classification.ts';
import type { Engine } from './engine.ts';
import { evidenceOf, trustIn } from './evidence.ts';
import { readModelFile } from './graph/model-file.ts';
import { METHOD_FACTS } from './methods/facts.ts';
import { explainBy } from './methods/index.ts';
import { stepAt } from './next-step.ts';
import { type OnnxSubject, openSubject } from './onnx-subject.ts';
import { overSpace } from './over-space.ts';
import { shareOnPlain } from './plain-ground.ts';
import { elementsOf, measuresOf, type Reading, sentenceOf, shown } from './regression-words.ts';
import { imageResolution } from './resolution.ts';
import { scoreOf } from './subject.ts';

type RegressionModel = Model & { readonly spec: RegressionSpec };

/**
 * Each value explained on the model itself: a map of what raises it, its strongest regions with what each carries, in the value's own unit.
 * There is no threshold, and so nothing of decisions. Throws EXPLANATION_UNFAITHFUL, MODEL_INPUT_MISMATCH.
 */
export async function explainValues(
  model: RegressionModel,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
  engine: Engine,
): Promise<Explanation> {
  const { input } = prediction;
  if (!input) throw new Fault('INTERNAL', 'a regression came without what the model saw');
  const { spec } = model;
  const bytes = await readModelFile(model.onnxPath);
  const options = optionsOf(spec, input, engine);
  const open = (target: number, layer: string) =>
    openSubject(bytes, { ...options, target, of: spec.output.values, layer });
  const image = await checkImage(model, { volume, input, open: (layer) => open(0, layer) });
  const done: Explained[] = [];
  for (const [index, target] of spec.output.targets.entries()) {
    const subject = await open(target.place, spec.explanation.layer);
    try {
      const finding = prediction.findings[index] as MeasurementFinding;
      done.push(
        await explainValue(index, finding, {
          subject,
          spec,
          volume,
          input: input.data,
          anatomy: prediction.anatomy,
          ...image,
        }),
      );
    } finally {
      await subject.close();
    }
  }
  return {
    maps: done.map(({ map }) => map),
    findings: done.map(({ finding }) => finding),
    checks: [...image.ofImage, ...done.flatMap(({ checks }) => checks)],
  };
}

interface Explained {
  readonly map: ExplanationMap;
  readonly finding: FindingExplanation;
  readonly checks: readonly StudyCheck[];
}

type Work = Pick<Reading, 'volume' | 'nearest'> & {
  readonly subject: OnnxSubject;
  readonly spec: RegressionSpec;
  readonly input: Float32Array;
  readonly ofImage: readonly StudyCheck[];
  readonly anatomy: Anatomy | undefined;
  readonly plain: Anatomy;
};

async function explainValue(
  index: number,
  finding: MeasurementFinding,
  { subject, spec, volume, input, ofImage, nearest, anatomy, plain }: Work,
): Promise<Explained> {
  const start = performance.now();
  const { method, baseline: hiding } = spec.explanation;
  const baseline = BASELINES[hiding](input, subject.dims);
  const { attribution, fallback } = await explainBy(method, { subject, input, baseline });
  const { dims, data } = overSpace(attribution, subject.dims);
  const [rows = 1, columns = 1] = dims;
  const map = { rows, columns, data };
  const facts = METHOD_FACTS[attribution.method as keyof typeof METHOD_FACTS];
  const seen = { subject, scores: subject, input, baseline };
  const { regions, others } = await evidenceOf(map, { ...seen, volume, exact: facts.exact });
  const trust = await trustIn(map, seen);
  const ofFinding = [isPlausible(finding), await isSteady(subject, input, finding)];
  const target = spec.output.targets[index];
  const nextStep = stepAt(finding.value, target?.actions);
  const it: Reading = {
    finding,
    volume,
    method: facts,
    layer: attribution.parameters.layer,
    resolution: imageResolution(subject.dims, volume),
    ...(fallback ? { fallback } : {}),
    surrogate: subject.surrogate() ?? null,
    baseline: hiding,
    error: target?.error,
    actions: target?.actions,
    nextStep,
    regions,
    others,
    trust,
    nearest,
    context: contextOf(map, anatomy),
    onPlain: shareOnPlain(map, plain),
    checks: [...ofImage, ...ofFinding],
    caution: spec.explanation.caution,
  };
  return {
    checks: ofFinding.map((check) => ({ ...check, finding: index })),
    map: {
      name: `What raises ${finding.label.label.toLowerCase()}`,
      finding: index,
      method: facts.name,
      quantity: facts.quantity,
      unit: UNITS.one,
      shape: [1, rows, columns],
      data,
      range: [0, data.reduce((a, b) => Math.max(a, b), 0)],
    },
    finding: {
      finding: index,
      sentence: sentenceOf(it),
      regions: regions.map(({ region }) => region),
      measures: measuresOf(it),
      ...(nextStep ? { nextStep } : {}),
      elements: elementsOf(it),
      cost: {
        method: attribution.method,
        ms: Math.round(performance.now() - start),
        peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
      },
    },
  };
}

function isPlausible({ value, plausible: [low, high], unit }: MeasurementFinding): StudyCheck {
  const isIn = value >= low && value <= high;
  return judged(
    'plausible',
    isIn,
    `The value is ${isIn ? 'within' : 'outside'} what it may be: ${low} to ${high} ${unit.value}.`,
  );
}

/** Part of what the value may be over which small changes of the image may move it. */
const MOST_MOVED = 0.05;
const CHANGES = [...AUGMENTATIONS.shift, ...AUGMENTATIONS.noise];

async function isSteady(
  subject: OnnxSubject,
  input: Float32Array,
  { value, plausible: [low, high], unit }: MeasurementFinding,
): Promise<StudyCheck> {
  let moved = 0;
  for (const change of CHANGES)
    moved = Math.max(moved, Math.abs((await scoreOf(subject, change.apply(input, subject.dims))) - value));
  return judged(
    'stability',
    moved <= MOST_MOVED * (high - low),
    `Under ${CHANGES.length} small changes of the image the value moves by up to ${shown(moved)} ${unit.value}.`,
  );
}
