import type {
  ClassificationFinding,
  DeletionCurve,
  FindingExplanation,
  Measure,
  Region,
  Volume,
} from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import { absent, given } from './element.ts';
import type { Curve } from './measures/curves.ts';
import type { MethodFacts } from './methods/facts.ts';
import { placeOf } from './place.ts';

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
  /** Of methods that promise a sum. */
  readonly completenessGap: number | undefined;
  /** What replaced what was hidden. */
  readonly baseline: keyof typeof HIDDEN;
  readonly regions: readonly {
    readonly region: Region;
    /** Shapley value in units of the logit. */
    readonly shapley: number;
    /** Sum of the cells of an exact map. */
    readonly exactShare: number | undefined;
    /** The score when this region alone is hidden. */
    readonly scoreWithout: number;
  }[];
  readonly trust: {
    readonly deletion: Curve;
    readonly random: Curve;
    /** Spearman's correlation with occlusion; null when one is flat. */
    readonly occlusion: number | null;
  };
}

/** What the baselines do to a part of the image. */
const HIDDEN = {
  blur: 'blurred',
  tissueMean: 'greyed out',
  mirror: 'replaced by its other side',
  inpaint: 'painted over',
} as const;

const NOTHING = 'no cell of the map speaks for the finding';

/** The finding in one plain sentence. */
export function sentenceOf({ finding, volume, regions: [strongest] }: Case): string {
  const name = finding.label.label.toLowerCase();
  if (!finding.positive) return `The model sees no sign of ${name}. It does not rule it out.`;
  return `The model sees signs of ${name}${strongest ? `, mainly in the ${placeOf(strongest.region, volume)}` : ''}.`;
}

/** The five elements, each given or absent with its reason. */
export const elementsOf = (it: Case): FindingExplanation['elements'] => ({
  localization: localization(it),
  visualRecognizability: absent('this package has no outline of the anatomy to compare the map with'),
  physicalAttribution: physicalAttribution(it),
  modelTransparency: transparency(it),
  actionability: given(
    distanceSentence(it.finding),
    'score minus operating point; the package names no next step',
  ),
});

function localization({ finding, volume, method, regions: [strongest] }: Case) {
  if (!strongest) return absent(NOTHING);
  const place = placeOf(strongest.region, volume);
  return finding.positive
    ? given(
        `The strongest evidence lies in the ${place} (A).`,
        `${method.name}; cells above half its maximum`,
      )
    : given(`Too little evidence anywhere; the most is in the ${place}.`, method.name);
}

function physicalAttribution({ finding, volume, baseline, regions: [strongest] }: Case) {
  if (!strongest) return absent(NOTHING);
  const size = volume.PixelSpacing ? '' : ' Its size in mm is unknown.';
  const [before, after] = [finding.score.toFixed(2), strongest.scoreWithout.toFixed(2)];
  const effect = before === after ? `stays at ${before}` : `is ${after} instead of ${before}`;
  return given(
    `With A ${HIDDEN[baseline]}, the score ${effect}.${size}`,
    `the model run again with A ${HIDDEN[baseline]}; the shares of the regions are exact Shapley values`,
  );
}

function transparency({ finding, method, fallback, surrogate, layer, cells, completenessGap, trust }: Case) {
  const { deletion, random } = trust;
  const sentences = [
    ...(fallback ? ['The package’s own method does not work on this model.'] : []),
    ...(surrogate ? ['The map is that of a stand-in for the quantised model.'] : []),
    method.exact ? `The ${cells} cells of the map add up exactly to the score.` : method.shows,
    ...(finding.positive && deletion.area >= random.area
      ? ['On this image its order is no better than chance.']
      : []),
  ];
  const gap =
    completenessGap === undefined ? '' : `; sum checked on this image to ${completenessGap.toExponential(1)}`;
  const why = [fallback, surrogate].filter(Boolean).map((reason) => `; ${reason}`);
  return given(sentences.join(' '), `${method.name}${layer ? ` of ${layer}` : ''}${gap}${why.join('')}`);
}

function distanceSentence({ score, threshold }: ClassificationFinding): string {
  const distance = Math.abs(score - threshold);
  return `The score is ${distance.toFixed(2)} ${score >= threshold ? 'above' : 'below'} the threshold of ${threshold.toFixed(2)}.`;
}

const measure = (name: string, value: number, sentence: string): Measure => ({
  name,
  value,
  unit: UNITS.one,
  sentence,
});

/** The curves with what was done to the image. */
export const deletionOf = ({ trust, baseline }: Case): DeletionCurve => ({
  strongestFirst: trust.deletion.points.map(({ score }) => score),
  randomOrder: trust.random.points.map(({ score }) => score),
  hidden: HIDDEN[baseline],
});

/** How far the map can be trusted, and what each region carries. */
export function measuresOf({ completenessGap, trust, regions, baseline }: Case): readonly Measure[] {
  const { deletion, random, occlusion } = trust;
  const done = HIDDEN[baseline];
  return [
    ...(completenessGap === undefined
      ? []
      : [
          measure(
            'Completeness gap',
            completenessGap,
            'How far the map’s sum is from the model’s own score, before the sigmoid; 0 is exact.',
          ),
        ]),
    ...regions.flatMap(({ region: { name }, shapley, exactShare, scoreWithout }) => [
      ...(exactShare === undefined
        ? []
        : [
            measure(
              `Share of region ${name} in the logit`,
              exactShare,
              `What the cells of region ${name} add to the score, before the sigmoid.`,
            ),
          ]),
      measure(
        `Shapley value of region ${name}`,
        shapley,
        `What region ${name} adds to the score before the sigmoid, over all orders of showing the regions.`,
      ),
      measure(
        `Score without region ${name}`,
        scoreWithout,
        `The score of the image with region ${name} ${done}.`,
      ),
    ]),
    measure(
      'Deletion area',
      deletion.area,
      `Mean score while the strongest evidence is ${done} first; under the random order’s, the map is better than chance.`,
    ),
    measure(
      'Deletion area of a random order',
      random.area,
      `Mean score while parts of the image are ${done} in a random order.`,
    ),
    ...(occlusion === null
      ? []
      : [
          measure(
            'Agreement with occlusion',
            occlusion,
            'Rank correlation with a map made without gradients: 1 agrees, 0 does not.',
          ),
        ]),
  ];
}
