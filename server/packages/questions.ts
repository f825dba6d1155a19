import { METHOD_NAMES } from '../models/picture.ts';
import { AskedAnatomy } from './anatomy.ts';
import {
  type Answers,
  matches,
  NONE,
  oneOf,
  orNone,
  type Question,
  whole,
  yaml,
  yesOrNo,
} from './question.ts';

/** What is asked of every model: who it is, what it may read, whom it is for, how it is explained and why. */

export const IDENTITY: readonly Question[] = [
  {
    key: 'id',
    ask: 'Short id of the package',
    why: 'Rules, addresses and folders name the model by it.',
    check: matches(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and single hyphens'),
  },
  {
    key: 'name',
    ask: 'Name as readers will see it',
    why: 'It stands in every result and in the list of series.',
    check: (a) => (a.length <= 40 ? undefined : 'at most 40 characters'),
  },
  {
    key: 'version',
    ask: 'Version',
    why: 'A changed package needs another one; results of two versions stay apart.',
    otherwise: '1.0.0',
    check: matches(/^\d+\.\d+\.\d+$/, 'three numbers, such as 1.0.0'),
  },
  {
    key: 'manufacturer',
    ask: 'Who made the model',
    why: 'It stands in every result, as DICOM asks.',
    check: (a) => (a.length <= 64 ? undefined : 'at most 64 characters'),
  },
  {
    key: 'licence',
    ask: 'Licence of the model, and of the data it was trained on',
    why: 'Whoever installs it must know what they may do.',
  },
  {
    key: 'intendedUse',
    ask: 'Intended use: for what, on whom, by whom, in one sentence',
    why: 'It is shown with the model, and a use beyond it can be seen.',
  },
  {
    key: 'limit',
    ask: 'What a reader must know that is bad about it, the worst first; several with semicolons',
    why: 'Each result carries it: readers follow wrong suggestions as well as right ones.',
  },
];

/** The usual SOP Classes of a modality, single-frame and enhanced where both are (PS3.4 B.5). */
const SOP_CLASSES: Readonly<Record<string, string>> = {
  CR: '1.2.840.10008.5.1.4.1.1.1',
  DX: '1.2.840.10008.5.1.4.1.1.1.1',
  MG: '1.2.840.10008.5.1.4.1.1.1.2',
  CT: '1.2.840.10008.5.1.4.1.1.2,1.2.840.10008.5.1.4.1.1.2.1',
  MR: '1.2.840.10008.5.1.4.1.1.4,1.2.840.10008.5.1.4.1.1.4.1',
  US: '1.2.840.10008.5.1.4.1.1.6.1',
  PT: '1.2.840.10008.5.1.4.1.1.128',
};
const usualClasses = ({ modality = '' }: Answers): string | undefined => {
  const known = modality.split(',').map((m) => SOP_CLASSES[m.trim()]);
  return known.every((uids) => uids !== undefined) ? known.join(',') : undefined;
};

/** Which series it may read; those of a volume have more to say. Without what is usual, modality and body part must be answered. */
export const acceptsQuestions = (
  usual: { readonly modality?: string; readonly bodyPart?: string } = {},
): readonly Question[] => [
  {
    key: 'modality',
    ask: 'Modalities, with commas',
    why: 'Other series are never given to the model.',
    ...(usual.modality && { otherwise: usual.modality }),
  },
  {
    key: 'sopClass',
    ask: 'SOP Class UIDs that it may read, with commas; nothing for the usual ones of the modality',
    why: 'Modality alone does not tell an image from a report.',
    otherwise: usualClasses,
    check: matches(/^[\d.]+(,[\d.]+)*$/, 'UIDs, with commas'),
  },
  {
    key: 'bodyPart',
    ask: 'Values of Body Part Examined, in capitals, with commas',
    why: 'A model answers for any picture, also of a foot.',
    ...(usual.bodyPart && { otherwise: usual.bodyPart }),
  },
  {
    key: 'bodyPartAbsent',
    ask: 'May it read a series that does not say its body part? yes or no',
    why: 'Many do not say; then only the words below tell.',
    otherwise: 'no',
    check: yesOrNo,
  },
  {
    key: 'words',
    ask: 'Words of which the description of a series must hold one, with commas, or none',
    why: 'Sequences and views of one modality differ by them, such as t1.',
    otherwise: NONE,
  },
  {
    key: 'burnedIn',
    ask: 'Images that say that text is burned in: warn or refuse',
    why: 'A model may read the text instead of the image.',
    otherwise: 'warn',
    check: oneOf('warn', 'refuse'),
  },
];

export const VOLUME_ACCEPTS: readonly Question[] = [
  {
    key: 'slices',
    ask: 'Fewest slices of a series',
    why: 'Localizers and key images are no volume.',
    otherwise: '16',
    check: whole,
  },
  {
    key: 'mostSlices',
    ask: 'Most slices of a series',
    why: 'A longer one is something else, or more than the machine can hold.',
    otherwise: '4096',
    check: whole,
  },
  {
    key: 'split',
    ask: 'A series of several stacks or time points: refuse, largest or first',
    why: 'One stack is read, or none; docs/models.md says which.',
    otherwise: 'refuse',
    check: oneOf('refuse', 'largest', 'first'),
  },
  {
    key: 'tilted',
    ask: 'Slices sheared by a gantry tilt: refuse or resample',
    why: 'resample needs a step that makes voxels anew (spacing, or the grid conform).',
    otherwise: 'refuse',
    check: oneOf('refuse', 'resample'),
  },
  {
    key: 'irregular',
    ask: 'Slices at uneven distances: refuse or resample',
    why: 'resample puts slices between them that nobody measured.',
    otherwise: 'refuse',
    check: oneOf('refuse', 'resample'),
  },
];

/** Outside of these a result is marked, not refused. */
export const LIMITS: readonly Question[] = [
  {
    key: 'ages',
    ask: 'Ages that it is for, in years, such as 18-120, or none',
    why: 'A result of another patient is marked: check before use.',
    otherwise: NONE,
    check: orNone(matches(/^\d+(\.\d+)?-\d+(\.\d+)?$/, 'two numbers, such as 18-120')),
  },
  {
    key: 'views',
    ask: 'Values of View Position that it is for, such as AP,PA, or none',
    why: 'A result of another view is marked: check before use.',
    otherwise: NONE,
  },
  {
    key: 'smallest',
    ask: 'Fewest rows and columns of the source, such as 224x224, or none',
    why: 'A smaller image was enlarged for the model, and is marked.',
    otherwise: NONE,
    check: orNone(matches(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, 'rows x columns, such as 224x224')),
  },
];

/** The method that the graph allows is proposed; the other answers are for whoever knows better. */
export const EXPLANATION: readonly Question[] = [
  {
    key: 'method',
    ask: `How its maps are made: auto, or one of ${METHOD_NAMES.join(', ')}`,
    why: 'auto takes the most faithful one that the graph allows; model check measures it.',
    otherwise: 'auto',
    check: oneOf('auto', ...METHOD_NAMES),
  },
  {
    key: 'layer',
    ask: 'ONNX value that class activation maps are of',
    why: 'auto is the last one that still has rows and columns.',
    otherwise: 'auto',
  },
  {
    key: 'baseline',
    ask: 'What hides a part of the image: blur, tissueMean, mirror or inpaint',
    why: 'Regions are hidden to measure what each carries; a black patch would be an image that the model never saw.',
    otherwise: 'blur',
    check: oneOf('blur', 'tissueMean', 'mirror', 'inpaint'),
  },
  {
    key: 'caution',
    ask: 'What is known to be misleading in its maps, in one sentence, or none',
    why: 'It is said with the place of the evidence, and the headline then names no place.',
    otherwise: NONE,
    check: (a) => (a.length <= 200 ? undefined : 'at most 200 characters'),
  },
  {
    key: 'anatomy',
    ask: 'A second network that finds structures in the same image, such as { file: lungs.onnx, output: masks, among: softmax, structures: [{ channel: 1, name: Lungs }], source: our U-Net }, or none',
    why: 'Then each result says what share of the evidence lies in each structure.',
    otherwise: NONE,
    check: orNone(yaml(AskedAnatomy)),
  },
];

/** The framework's questions (Wang et al. 2024, arXiv 2310.01685). */
export const WHY: readonly Question[] = [
  {
    key: 'task',
    ask: 'Which question does the model answer',
    why: 'An explanation is of this answer alone.',
  },
  { key: 'users', ask: 'Who uses the answer', why: 'What explains it to an engineer may not to a reader.' },
  { key: 'decision', ask: 'For which decision', why: 'The elements below are needed, or not, for it.' },
  {
    key: 'why',
    ask: 'Why must that user see an explanation',
    why: 'Where nobody needs one, none should be shown.',
  },
  {
    key: 'faithfulness',
    ask: 'How do you know that the explanation is faithful',
    why: 'A map can look right and still say nothing of the model.',
  },
  ...(
    [
      ['localization', 'where the evidence is', 'yes'],
      ['visualRecognizability', 'whether a reader can see it too', 'no'],
      ['physicalAttribution', 'what each region carries', 'yes'],
      ['modelTransparency', 'how the score came about', 'yes'],
      ['actionability', 'what to do now', 'no'],
    ] as const
  ).flatMap(([key, what, otherwise]): readonly Question[] => [
    {
      key: `${key}Required`,
      ask: `Does the decision need to know ${what}? yes or no`,
      why: `This is the element ${key}; one that is needed and absent is told.`,
      otherwise,
      check: yesOrNo,
    },
    {
      key: `${key}Why`,
      ask: 'Why, or why not',
      why: 'The reason is kept in the package, for who answers for it later.',
    },
  ]),
];
