import type { Anatomy, ClassificationFinding, Volume } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { ExplanationMap, FindingExplanation, StudyCheck } from '../explanation.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { contextOf } from './anatomy.ts';
import { BASELINES } from './baselines.ts';
import { checkBaselines, checkMethods, checkStability } from './checks/steady.ts';
import { deletionOf, measuresOf } from './classification-measures.ts';
import { type Case, elementsOf, HIDDEN, sentenceOf } from './classification-words.ts';
import { decisiveEvidence } from './decisive.ts';
import { type Evidence, evidenceIn, evidenceOf, type Seen, trustIn } from './evidence.ts';
import type { EvidenceRegion, Grid } from './evidence-regions.ts';
import { METHOD_FACTS } from './methods/facts.ts';
import { explainBy } from './methods/index.ts';
import { stepAt } from './next-step.ts';
import type { OnnxSubject } from './onnx-subject.ts';
import { overSpace } from './over-space.ts';
import { shareOnPlain } from './plain-ground.ts';
import { imageResolution } from './resolution.ts';
import type { Attribution, Subject } from './subject.ts';

/** One score of an image, and what is needed to explain it. */
export interface Question {
  readonly index: number;
  readonly finding: ClassificationFinding;
  readonly target: ClassificationSpec['output']['targets'][number];
  readonly explanation: ClassificationSpec['explanation'];
  /** The number that maps explain, and the score that the decision is of. */
  readonly subject: OnnxSubject;
  readonly scores: Subject;
  readonly input: Float32Array;
  readonly volume: Volume;
  /** Regions that are given, on a grid; the map's own when left out. */
  readonly regions?: { readonly found: readonly EvidenceRegion[]; readonly grid: Grid };
  readonly ofImage: readonly StudyCheck[];
  readonly nearest: Case['nearest'];
  readonly anatomy: Anatomy | undefined;
  /** Where the image shows nothing. */
  readonly plain: Anatomy;
}

export interface Explained {
  readonly it: Case;
  readonly map: ExplanationMap;
  readonly finding: FindingExplanation;
  readonly checks: readonly StudyCheck[];
}

/** A score explained: map, regions with what each carries, trust, checks, elements. Throws EXPLANATION_UNFAITHFUL. */
export async function explainScore(question: Question): Promise<Explained> {
  const start = performance.now();
  const { index, finding, target, explanation, subject, scores, input, volume } = question;
  const baseline = BASELINES[explanation.baseline](input, subject.dims);
  const seen: Seen = { subject, scores, input, baseline };
  const { attribution, fallback } = await explainBy(explanation.method, { subject, input, baseline });
  const { dims: grid, data } = overSpace(attribution, subject.dims);
  const [rows = 1, columns = 1] = grid;
  const map: Grid = { rows, columns, data };
  const facts = METHOD_FACTS[attribution.method as keyof typeof METHOD_FACTS];
  const image = { ...seen, volume, exact: facts.exact };
  const evidence = await (question.regions
    ? evidenceIn(question.regions.found, question.regions.grid, { ...image, exact: false })
    : evidenceOf(map, image));
  const trust = await trustIn(map, seen);
  const ofFinding = [
    checkMethods(trust.occlusion, finding.positive),
    checkBaselines(await lossesOf(evidence, seen, explanation), finding.positive),
    await checkStability(scores, input, finding),
  ];
  const nextStep = stepAt(finding.score, target.actions);
  const it: Case = {
    finding,
    volume,
    ...(fallback ? { fallback } : {}),
    surrogate: subject.surrogate() ?? null,
    method: facts,
    layer: attribution.parameters.layer,
    cells: map.data.length,
    resolution: imageResolution(subject.dims, volume),
    completenessGap: gapOf(attribution),
    baseline: explanation.baseline,
    calibration: target.calibration,
    regions: evidence.regions,
    others: evidence.others,
    decisive: finding.positive ? await decisiveIn(evidence, trust.deletion, finding) : undefined,
    nearest: question.nearest,
    context: contextOf(map, question.anatomy),
    onPlain: shareOnPlain(map, question.plain),
    checks: [...question.ofImage, ...ofFinding],
    nextStep,
    caution: explanation.caution,
    trust,
  };
  return {
    it,
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
}

const gapOf = (attribution: Attribution & { readonly completenessGap?: number }): number | undefined =>
  attribution.completenessGap;

/** What the logit loses when the strongest region is hidden, as the package hides it and in another way. */
async function lossesOf(
  { regions, without }: Evidence,
  { subject, input, baseline }: Seen,
  explanation: ClassificationSpec['explanation'],
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
