import { type Code, UNITS } from '../dicom/code.ts';
import type { DeletionCurve, Measure } from '../explanation.ts';
import { contextMeasures } from './anatomy.ts';
import { type Case, HIDDEN } from './classification-words.ts';
import type { ScoreRegion } from './evidence.ts';
import { nearestMeasures } from './nearest-cases.ts';
import { plainMeasure } from './plain-ground.ts';
import { sizeMeasures } from './region-size.ts';

/** The curves with what was done to the image, and where. */
export function deletionOf(it: Case): DeletionCurve {
  const { deletion, random } = it.trust;
  const hiddenFrom = deletion.points.slice(1, -1).map(({ from }) => from ?? null);
  return {
    strongestFirst: deletion.points.map(({ score }) => score),
    randomOrder: random.points.map(({ score }) => score),
    hidden: HIDDEN[it.baseline],
    ...(isStoredAsRanked(it) && hiddenFrom.some((from) => from !== null) ? { hiddenFrom } : {}),
  };
}

/** Over planes in the patient a map is stored on their grid: only one with four pixels and more to a cell comes back as it was. */
const isStoredAsRanked = ({ volume, cells }: Case): boolean => {
  const [, rows, columns] = volume.shape;
  return volume.geometry === null || 4 * cells <= rows * columns;
};

/** How far the map can be trusted, and what each region carries. The shares with the rest and what is hidden add up to the logit. */
export function measuresOf(it: Case): readonly Measure[] {
  const { finding, completenessGap, trust, regions, others, baseline, context, onPlain, nearest } = it;
  const { deletion, random, occlusion } = trust;
  const done = HIDDEN[baseline];
  return [
    ...(completenessGap === undefined
      ? []
      : [
          measure(
            'Completeness gap',
            completenessGap,
            'How far the map’s sum is from the model’s own logit; 0 is exact.',
          ),
        ]),
    ...regions.flatMap((region) => ofRegion(region, done)),
    ...(others
      ? [
          measure(
            'Shapley value of the rest',
            others.rest,
            'What the picture outside the regions adds to the logit.',
          ),
          measure(
            'Logit with everything hidden',
            others.hidden,
            'With the Shapley values of the regions and of the rest it adds up to the logit, the model’s number before the sigmoid or softmax.',
          ),
        ]
      : []),
    ...(finding.positive ? [...contextMeasures(context), ...plainMeasure(onPlain)] : []),
    ...nearestMeasures(nearest),
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

const ofRegion = (
  { region: { name }, shapley, exactShare, scoreWithout, contrast, size, mean, extent }: ScoreRegion,
  done: string,
): readonly Measure[] => [
  ...(exactShare === undefined
    ? []
    : [
        measure(
          `Share of region ${name} in the logit`,
          exactShare,
          `What the cells of region ${name} add to the logit.`,
        ),
      ]),
  measure(
    `Shapley value of region ${name}`,
    shapley,
    `What region ${name} adds to the logit, over all orders of showing the regions.`,
  ),
  measure(
    `Score without region ${name}`,
    scoreWithout,
    `The score of the image with region ${name} ${done}.`,
  ),
  ...sizeMeasures(name, { size, mean, extent }),
  measure(
    `Contrast of region ${name}`,
    contrast,
    'Its mean grey less that of the rest, in standard deviations of the picture; above 0 is brighter.',
  ),
];

const measure = (name: string, value: number, sentence: string, unit: Code = UNITS.one): Measure => ({
  name,
  value,
  unit,
  sentence,
});
