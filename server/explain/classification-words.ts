import type { ClassificationFinding, Volume } from '../contracts.ts';
import type { Element, FindingExplanation, NextStep, StudyCheck } from '../explanation.ts';
import type { Calibration } from '../models/scores.ts';
import { percent } from '../shared/percent.ts';
import { type Context, contextSentence } from './anatomy.ts';
import type { Decisive } from './decisive.ts';
import { absent, given } from './element.ts';
import type { Evidence, Trust } from './evidence.ts';
import type { MethodFacts } from './methods/facts.ts';
import type { NearCase } from './nearest-cases.ts';
import { placeOf } from './place.ts';
import { plainSentence } from './plain-ground.ts';
import { sizeWords } from './region-size.ts';
import { reasons, reservations, substitutes } from './reservations.ts';
import { actionability } from './score-advice.ts';

/** What is known of one score. */
export interface Case {
  readonly finding: ClassificationFinding;
  readonly volume: Volume;
  readonly method: MethodFacts;
  /** Why the package's own method was not used. */
  readonly fallback?: string;
  /** Why the gradient is that of a stand-in; null when it is the model's own. */
  readonly surrogate: string | null;
  readonly layer: string | number | undefined;
  readonly cells: number;
  /** At what resolution the model sees the image, in a sentence. */
  readonly resolution: string;
  /** Of methods that promise a sum. */
  readonly completenessGap: number | undefined;
  /** What replaced what was hidden. */
  readonly baseline: keyof typeof HIDDEN;
  readonly calibration: Calibration | undefined;
  readonly regions: Evidence['regions'];
  readonly others: Evidence['others'];
  /** Of a positive decision that hiding turns. */
  readonly decisive: Decisive | undefined;
  readonly nearest: readonly NearCase[] | undefined;
  /** Where the evidence lies in the anatomy; absent of packages without a network for it. */
  readonly context?: Context | undefined;
  /** Share of the evidence where the image shows nothing, 0..1; undefined without evidence. */
  readonly onPlain: number | undefined;
  /** Those of the image and of this finding. */
  readonly checks: readonly StudyCheck[];
  readonly nextStep: NextStep | undefined;
  /** What the package says is misleading in the model's maps. */
  readonly caution?: string | undefined;
  readonly trust: Trust;
}

/** What the baselines do to a part of the image. */
export const HIDDEN = {
  blur: 'blurred',
  tissueMean: 'greyed out',
  mirror: 'replaced by its other side',
  inpaint: 'painted over',
} as const;

const NOTHING = 'no cell of the map speaks for the finding';

/** The finding in one plain sentence. */
export function sentenceOf(it: Case): string {
  const { finding, volume, regions } = it;
  const [strongest] = regions;
  const name = finding.label.label.toLowerCase();
  if (!finding.positive) return `The model sees no sign of ${name}. It does not rule it out.`;
  const saysWhere = strongest && reservations(it).length === 0;
  return `The model sees signs of ${name}${saysWhere ? `, mainly in the ${placeOf(strongest.region, volume)}` : ''}.`;
}

/** The five elements, each given or absent with its reason. */
export const elementsOf = (it: Case): FindingExplanation['elements'] => ({
  localization: localization(it),
  visualRecognizability: visualRecognizability(it),
  physicalAttribution: physicalAttribution(it),
  modelTransparency: transparency(it),
  actionability: actionability(it),
});

function localization(it: Case) {
  const { finding, volume, method, regions } = it;
  const [strongest] = regions;
  if (!strongest) return absent(NOTHING);
  const place = placeOf(strongest.region, volume);
  const said = [`The strongest evidence lies in the ${place} (A).`, ...reservations(it)];
  return finding.positive
    ? given(said.join(' '), `${method.name}; cells above half its maximum`)
    : given(`Too little evidence anywhere; the most is in the ${place} (A).`, method.name);
}

function visualRecognizability({ finding, regions: [strongest], nearest, context, onPlain }: Case): Element {
  return finding.positive
    ? recognizability(NOTHING, { region: strongest, nearest, context, onPlain })
    : recognizability('there is no evidence to look at, and the package keeps no known images', { nearest });
}

interface Comparable {
  readonly region?: Evidence['regions'][number] | undefined;
  readonly nearest: readonly NearCase[] | undefined;
  readonly context?: Context | undefined;
  readonly onPlain?: number | undefined;
}

/** What a reader may compare with: in which structure the evidence lies, how region A stands out, known images that are like this one. */
export function recognizability(
  otherwise: string,
  { region, nearest, context, onPlain }: Comparable,
): Element {
  const near = nearest ?? [];
  const plain = region && onPlain !== undefined ? [plainSentence(onPlain)] : [];
  const isMuchPlain = onPlain !== undefined && onPlain > MUCH_PLAIN;
  // What a reader must know first stands first: viewers may show one sentence.
  const said = [
    ...(isMuchPlain ? plain : []),
    ...(context ? [contextSentence(context)] : []),
    ...(region
      ? [`A covers ${percent(region.extent)} of the picture and is ${brightness(region.contrast)}.`]
      : []),
    ...(isMuchPlain ? [] : plain),
    ...(near.length > 0
      ? [`Known images most like this one: ${near.map(({ truth, id }) => `${truth} (${id})`).join(', ')}.`]
      : []),
  ];
  if (said.length === 0) return absent(otherwise);
  const methods = [
    ...(context ? [`structures by ${context.source}`] : []),
    ...(region && !context ? ['the package names no network that finds structures'] : []),
    ...(region ? [`mean grey of A against the rest, ${region.contrast.toFixed(2)} standard deviations`] : []),
    ...(near.length > 0
      ? [
          `nearest by the model’s features, ${near.map(({ distance }) => distance.toFixed(2)).join(', ')} standard deviations away`,
        ]
      : []),
  ];
  return given(said.join(' '), methods.join('; '));
}

/** Share of the evidence where nothing of the body is seen, from which that comes first. */
const MUCH_PLAIN = 0.1;

function brightness(contrast: number): string {
  const size = Math.abs(contrast);
  if (size < 0.25) return 'about as bright as the rest';
  return `${size < 0.75 ? 'a little' : 'clearly'} ${contrast > 0 ? 'brighter' : 'darker'} than the rest`;
}

function physicalAttribution({ finding, baseline, regions: [strongest] }: Case) {
  if (!strongest) return absent(NOTHING);
  const { scoreWithout } = strongest;
  const [before, after] = [finding.score.toFixed(2), scoreWithout.toFixed(2)];
  const effect = before === after ? `stays at ${before}` : `is ${after} instead of ${before}`;
  return given(
    `With A ${HIDDEN[baseline]}, the score ${effect}. ${sizeWords(strongest)}`,
    `the model run again with A ${HIDDEN[baseline]}; the shares of the regions are exact Shapley values`,
  );
}

function transparency(it: Case) {
  const { finding, method, fallback, surrogate, layer, cells, completenessGap, calibration } = it;
  const { deletion, random } = it.trust;
  const sentences = [
    ...substitutes(it),
    ...(finding.positive && deletion.area >= random.area
      ? ['On this image the order of the map is no better than chance.']
      : []),
    method.exact ? `The ${cells} cells of the map add up exactly to the score.` : method.shows,
    it.resolution,
  ];
  const gap =
    completenessGap === undefined ? '' : `; sum checked on this image to ${completenessGap.toExponential(1)}`;
  const fitted = calibration && `probability by ${calibration.method} calibration on ${calibration.fittedOn}`;
  return given(
    sentences.join(' '),
    `${method.name}${layer ? ` of ${layer}` : ''}${gap}${reasons(fallback, surrogate, fitted)}`,
  );
}
