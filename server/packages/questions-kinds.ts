import { z } from 'zod';
import { PictureWindow } from '../models/picture.ts';
import { Step, Tiles } from '../models/steps.ts';
import {
  matches,
  NONE,
  numbers,
  oneOf,
  orNone,
  type Question,
  share,
  whole,
  yaml,
  yesOrNo,
} from './question.ts';
import { acceptsQuestions, EXPLANATION, IDENTITY, LIMITS, VOLUME_ACCEPTS, WHY } from './questions.ts';
import type { StudiedBoxes, StudiedPicture, StudiedScores, StudiedValues } from './study.ts';
import type { StudiedSegmentation } from './study-segmentation.ts';

/** All questions of each kind of model, those that its file answers left out. Of each finding more is asked. */

export const KIND: Question = {
  key: 'kind',
  ask: 'What it gives of an image: classification (scores), regression (quantities) or detection (boxes)',
  why: 'The file holds numbers, and does not say what they are.',
  check: oneOf('classification', 'regression', 'detection'),
};

const asPicture = (
  { input }: StudiedPicture,
  own: readonly Question[],
  labels: readonly Question[],
): readonly Question[] => [
  ...IDENTITY,
  ...acceptsQuestions({ modality: 'CR,DX', bodyPart: 'CHEST' }),
  ...LIMITS,
  ...PICTURE,
  ...(input.rows
    ? []
    : [{ key: 'rows', ask: 'Rows of the image it reads', why: 'The file leaves them open.', check: whole }]),
  ...(input.columns
    ? []
    : [
        {
          key: 'columns',
          ask: 'Columns of the image it reads',
          why: 'The file leaves them open.',
          check: whole,
        },
      ]),
  ...own,
  ...labels,
  ...EXPLANATION,
  ...WHY,
];

const PICTURE: readonly Question[] = [
  {
    key: 'window',
    ask: 'Which grey values it saw in training: header, exact or full window, or { centre: 40, width: 400, unit: HU }',
    why: 'Other greys than in training give other scores, silently.',
    otherwise: 'header',
    check: (a) => (['header', 'exact', 'full'].includes(a) ? undefined : yaml(PictureWindow)(a)),
  },
  {
    key: 'mean',
    ask: 'Mean that was subtracted from 0..1, by channel (where x / 127.5 − 1 was read: 0.5)',
    why: 'The greys are made as the training code made them.',
    otherwise: '0',
    check: numbers,
  },
  {
    key: 'std',
    ask: 'and what it was divided by (there: 0.5)',
    why: 'The same.',
    otherwise: '1',
    check: numbers,
  },
];

const labels = (count: number, ask: (place: number) => string): readonly Question[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `label${i}`,
    ask: ask(i),
    why: 'The name that readers see; its codes are asked next.',
  }));

export const classificationQuestions = (
  picture: StudiedPicture,
  { activation, count }: StudiedScores,
): readonly Question[] =>
  asPicture(
    picture,
    activation
      ? []
      : [
          {
            key: 'activation',
            ask: 'Its output is not yet a score. Are the answers exclusive (Softmax) or not (Sigmoid)',
            why: 'It is added to the end of the graph.',
            check: oneOf('Sigmoid', 'Softmax'),
          },
        ],
    labels(
      count,
      (place) => `What output ${place} of ${count} says, as a finding; none when it is no finding`,
    ),
  );

export const regressionQuestions = (
  picture: StudiedPicture,
  { name, count }: StudiedValues,
): readonly Question[] =>
  asPicture(
    picture,
    [],
    labels(
      count,
      (place) => `What value ${place} of ${count} of ${name} is; none when it is not to be reported`,
    ),
  );

export const detectionQuestions = (
  picture: StudiedPicture,
  { boxes, scores, classes }: StudiedBoxes,
): readonly Question[] =>
  asPicture(
    picture,
    [
      {
        key: 'form',
        ask: `What the four numbers of ${boxes} are: corners (left, top, right, bottom) or centre (across, down, width, height)`,
        why: 'The file does not say, and a box drawn wrongly looks plausible.',
        check: oneOf('corners', 'centre'),
      },
      {
        key: 'boxUnit',
        ask: 'in pixel of the model’s picture, or in part of it (0..1)',
        why: 'The same.',
        check: oneOf('pixel', 'part'),
      },
      {
        key: 'overlap',
        ask: 'Share of overlap (intersection over union) from which the weaker of two boxes is left out',
        why: 'A detector marks one thing many times.',
        otherwise: '0.5',
        check: (a) => (Number(a) === 0 ? 'more than 0' : share(a)),
      },
      {
        key: 'most',
        ask: 'Boxes of a finding at most',
        why: 'A reader looks at few.',
        otherwise: '8',
        check: matches(/^([1-9]|1\d|20)$/, 'a whole number from 1 to 20'),
      },
    ],
    labels(
      classes,
      (place) => `What class ${place} of ${classes} of ${scores} is; none when it is no finding`,
    ),
  );

export const Steps = z.array(Step).max(16);

export const segmentationQuestions = ({ classes }: StudiedSegmentation): readonly Question[] => [
  ...IDENTITY,
  ...acceptsQuestions(),
  ...VOLUME_ACCEPTS,
  ...LIMITS,
  {
    key: 'grid',
    ask: 'Where preparation begins: the series as it is stored (source), or 256³ voxels of 1 mm (conform)',
    why: 'conform is what FreeSurfer and niivue do.',
    otherwise: 'source',
    check: oneOf('source', 'conform'),
  },
  {
    key: 'steps',
    ask: 'Preparation in order, as [{ step: orient, axes: LPS }, { step: zscore }]; the steps are in docs/models.md',
    why: 'It must be that of training, step by step.',
    check: yaml(Steps),
  },
  {
    key: 'tiles',
    ask: 'Tiles that it reads, such as { size: [96, 96, 96], overlap: 0.5, blend: gaussian, by: monai }, or none',
    why: 'A model of one size sees a larger volume tile by tile; none reads it at once.',
    otherwise: NONE,
    check: orNone(yaml(Tiles)),
  },
  {
    key: 'largest',
    ask: 'Keep only the largest connected piece? yes or no',
    why: 'Islands are removed and counted.',
    otherwise: 'no',
    check: yesOrNo,
  },
  {
    key: 'rule',
    ask: 'All that it does, in words, if it is a rule that learned nothing, or none',
    why: 'The words stand in place of a map; each threshold must be among them.',
    otherwise: NONE,
    check: orNone((a) => (a.length <= 600 ? undefined : 'at most 600 characters')),
  },
  ...labels(classes, (place) => `Name of class ${place} of ${classes - 1}`)
    .slice(1)
    .map((question) => ({
      ...question,
      check: (a: string) => (a === NONE ? 'every class has a name' : undefined),
    })),
  ...WHY,
];
