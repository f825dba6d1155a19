import type {
  ClassificationFinding,
  Explanation,
  ExplanationMap,
  FindingExplanation,
  NextStep,
  Prediction,
  StudyCheck,
  Tap,
  Volume,
} from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { Model } from '../models/load.ts';
import type { Reference } from '../models/reference.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';
import { BASELINES } from './baselines.ts';
import { checkKnown } from './checks/known.ts';
import { checkMatrix, checkPicture } from './checks/picture.ts';
import { checkPopulation } from './checks/population.ts';
import { checkBaselines, checkMethods, checkStability } from './checks/steady.ts';
import { deletionOf, measuresOf } from './classification-measures.ts';
import { type Case, elementsOf, HIDDEN, sentenceOf } from './classification-words.ts';
import { decisiveEvidence } from './decisive.ts';
import { type Engine, onEngine } from './engine.ts';
import { type Evidence, evidenceOf, type Seen, trustIn } from './evidence.ts';
import type { Grid } from './evidence-regions.ts';
import { readModelFile } from './graph/model-file.ts';
import { METHOD_FACTS } from './methods/facts.ts';
import { explainBy } from './methods/index.ts';
import { nearestCases } from './nearest-cases.ts';
import { openSubject } from './onnx-subject.ts';
import { overSpace } from './over-space.ts';
import type { Attribution } from './subject.ts';

type ClassificationModel = Model & { readonly spec: ClassificationSpec };
type Target = ClassificationSpec['output']['targets'][number];

/**
 * Every score of an image explained on the model itself, by the package's method: a map, its strongest regions with what each
 * carries, measures of how far the map is to be trusted, and what was checked. Throws EXPLANATION_UNFAITHFUL,
 * MODEL_INPUT_MISMATCH.
 */
export async function explainScores(
  model: ClassificationModel,
  { volume, prediction }: { readonly volume: Volume; readonly prediction: Prediction },
  engine: Engine,
): Promise<Explanation> {
  const { input } = prediction;
  if (!input) throw new Fault('INTERNAL', 'a classification came without what the model saw');
  const bytes = await readModelFile(model.onnxPath);
  const work = { model, bytes, volume, prediction, input, engine };
  const known = model.reference && (await knownTo(model.reference, work));
  const ofImage = [
    ...checkKnown(model.reference?.statistics, known),
    ...checkPopulation(volume.header, model.spec.checks ?? {}),
    ...checkMatrix(volume, model.spec.checks?.smallest),
    ...checkPicture(input, model.spec.input),
  ];
  const done: Explained[] = [];
  for (const index of model.spec.output.targets.keys())
    done.push(await explainTarget(index, { ...work, ofImage, nearest: known?.nearest }));
  return {
    maps: done.map(({ map }) => map),
    findings: done.map(({ finding }) => finding),
    checks: [...ofImage, ...done.flatMap(({ checks }) => checks)],
  };
}

interface Work {
  readonly model: ClassificationModel;
  readonly bytes: Uint8Array;
  readonly volume: Volume;
  readonly prediction: Prediction;
  readonly input: Tap;
  readonly engine: Engine;
}

interface Explained {
  readonly map: ExplanationMap;
  readonly finding: FindingExplanation;
  readonly checks: readonly StudyCheck[];
}

const subjectOptions = ({ model: { spec }, input, engine }: Work, { place }: Target) => ({
  ...onEngine(engine, spec.onnx.sha256),
  inputDims: layoutDims(spec.input.layout, input.dims),
  layout: spec.input.layout,
  target: place,
  layer: spec.explanation.layer,
});

/** The image as the reference sees it: the activation of its layer, and the known images that are nearest. */
async function knownTo(reference: Reference, work: Work) {
  const { output } = work.model.spec;
  const subject = await openSubject(work.bytes, {
    ...subjectOptions(work, output.targets[0] as Target),
    of: output.logits,
    layer: reference.statistics.features.layer,
  });
  try {
    const activation = await subject.activation(work.input.data);
    return { input: work.input, activation, nearest: nearestCases(reference, activation) };
  } finally {
    await subject.close();
  }
}

type OfImage = Pick<Case, 'nearest'> & { readonly ofImage: readonly StudyCheck[] };

async function explainTarget(index: number, work: Work & OfImage): Promise<Explained> {
  const start = performance.now();
  const { spec } = work.model;
  const finding = work.prediction.findings[index] as ClassificationFinding;
  const target = spec.output.targets[index] as Target;
  const options = subjectOptions(work, target);
  const subject = await openSubject(work.bytes, { ...options, of: spec.output.logits });
  const scores = await openSubject(work.bytes, { ...options, of: spec.output.scores, layer: 'auto' });
  try {
    const input = work.input.data;
    const baseline = BASELINES[spec.explanation.baseline](input, subject.dims);
    const seen: Seen = { subject, scores, input, baseline };
    const { attribution, fallback } = await explainBy(spec.explanation.method, seen);
    const { dims: grid, data } = overSpace(attribution, subject.dims);
    const [rows = 1, columns = 1] = grid;
    const map: Grid = { rows, columns, data };
    const facts = METHOD_FACTS[attribution.method as keyof typeof METHOD_FACTS];
    const evidence = await evidenceOf(map, { ...seen, volume: work.volume, exact: facts.exact });
    const trust = await trustIn(map, seen);
    const ofFinding = [
      checkMethods(trust.occlusion, finding.positive),
      checkBaselines(await lossesOf(evidence, seen, spec), finding.positive),
      await checkStability(scores, input, finding),
    ];
    const nextStep = stepAt(finding.score, target);
    const it: Case = {
      finding,
      volume: work.volume,
      ...(fallback ? { fallback } : {}),
      surrogate: subject.surrogate() ?? null,
      method: facts,
      layer: attribution.parameters.layer,
      cells: map.data.length,
      completenessGap: gapOf(attribution),
      baseline: spec.explanation.baseline,
      calibration: target.calibration,
      regions: evidence.regions,
      others: evidence.others,
      decisive: finding.positive ? await decisiveIn(evidence, trust.deletion, finding) : undefined,
      nearest: work.nearest,
      checks: [...work.ofImage, ...ofFinding],
      nextStep,
      trust,
    };
    return {
      checks: ofFinding.map((check) => ({ ...check, finding: index })),
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
        ...(nextStep ? { nextStep } : {}),
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

/** What the logit loses when the strongest region is hidden, as the package hides it and in another way. */
async function lossesOf(
  { regions, without }: Evidence,
  { subject, input, baseline }: Seen,
  { explanation }: ClassificationSpec,
): Promise<Readonly<Record<string, number>> | undefined> {
  if (regions.length === 0) return undefined;
  const other = explanation.baseline === 'tissueMean' ? 'blur' : 'tissueMean';
  const whole = await without([], { subject, baseline });
  return {
    [HIDDEN[explanation.baseline]]: whole - (await without([0], { subject, baseline })),
    [HIDDEN[other]]:
      whole - (await without([0], { subject, baseline: BASELINES[other](input, subject.dims) })),
  };
}

const decisiveIn = (
  { regions, without }: Evidence,
  deletion: Case['trust']['deletion'],
  { threshold }: ClassificationFinding,
) =>
  decisiveEvidence({
    names: regions.map(({ region }) => region.name),
    threshold,
    scoreWithout: without,
    deletion,
  });

/** The last of the package's actions that the score reaches. */
function stepAt(score: number, { actions = [] }: Target): NextStep | undefined {
  const step = actions.findLast(({ from }) => score >= from);
  return step && { text: step.text, source: step.source, ...(step.code ? { code: step.code } : {}) };
}
