import { parse } from 'yaml';
import { z } from 'zod';
import { Step } from '../models/steps.ts';
import { codeFrom, knownNames } from './known-codes.ts';
import type { Studied } from './study.ts';
import type { StudiedSegmentation } from './study-segmentation.ts';

/** What only a person can answer, one question a line of the terminal. Answers are text; empty takes the default. */
export interface Question {
  readonly key: string;
  readonly ask: string;
  /** Shown in brackets, from the answers so far; without one an answer is needed. */
  readonly otherwise?: string | ((before: Answers) => string | undefined);
  /** What is wrong with an answer, or nothing. */
  readonly check?: (answer: string) => string | undefined;
}

export type Answers = Readonly<Record<string, string>>;

/** What an empty answer means, after these. */
export const defaultOf = ({ otherwise }: Question, before: Answers): string | undefined =>
  typeof otherwise === 'function' ? otherwise(before) : otherwise;

const code = (answer: string): string | undefined =>
  codeFrom(answer)
    ? undefined
    : `write it as value|scheme|meaning, such as 233604007|SCT|Pneumonia, or one of the names ${knownNames}`;
const codeOrNone = (answer: string): string | undefined => (answer === '-' ? undefined : code(answer));
const share = (answer: string): string | undefined =>
  Number(answer) >= 0 && Number(answer) <= 1 && answer.trim() !== '' ? undefined : 'a number from 0 to 1';
const whole = (answer: string): string | undefined =>
  /^[1-9]\d{0,3}$/.test(answer) ? undefined : 'a whole number';
const oneOf =
  (...known: readonly string[]) =>
  (answer: string): string | undefined =>
    known.includes(answer) ? undefined : `one of ${known.join(', ')}`;
const numbers = (answer: string): string | undefined =>
  answer.split(',').every((n) => n.trim() !== '' && Number.isFinite(Number(n)))
    ? undefined
    : 'numbers, with commas';

const IDENTITY: readonly Question[] = [
  {
    key: 'id',
    ask: 'Short id of the package',
    check: (a) =>
      /^[a-z0-9]+(-[a-z0-9]+)*$/.test(a) ? undefined : 'small letters, digits and single hyphens',
  },
  {
    key: 'name',
    ask: 'Name as readers will see it',
    check: (a) => (a.length <= 40 ? undefined : 'at most 40 characters'),
  },
  {
    key: 'version',
    ask: 'Version',
    otherwise: '1.0.0',
    check: (a) => (/^\d+\.\d+\.\d+$/.test(a) ? undefined : 'three numbers, such as 1.0.0'),
  },
  { key: 'manufacturer', ask: 'Who made the model' },
  { key: 'licence', ask: 'Licence of the model, and of the data it was trained on' },
  { key: 'intendedUse', ask: 'Intended use: for what, on whom, by whom, in one sentence' },
  { key: 'limit', ask: 'The worst thing about it that a reader must know' },
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

const ACCEPTS = (modality: string, bodyPart: string): readonly Question[] => [
  { key: 'modality', ask: 'Modalities, with commas', otherwise: modality },
  {
    key: 'sopClass',
    ask: 'SOP Class UIDs that it may read, with commas; nothing for the usual ones of the modality',
    otherwise: usualClasses,
    check: (a) => (/^[\d.]+(,[\d.]+)*$/.test(a) ? undefined : 'UIDs, with commas'),
  },
  {
    key: 'bodyPart',
    ask: 'Values of Body Part Examined, in capitals, with commas',
    otherwise: bodyPart,
  },
];

const PICTURE: readonly Question[] = [
  {
    key: 'window',
    ask: 'Which grey values it saw in training: header, exact or full window',
    otherwise: 'header',
    check: oneOf('header', 'exact', 'full'),
  },
  {
    key: 'mean',
    ask: 'Mean that was subtracted from 0..1, by channel (where x / 127.5 − 1 was read: 0.5)',
    otherwise: '0',
    check: numbers,
  },
  { key: 'std', ask: 'and what it was divided by (there: 0.5)', otherwise: '1', check: numbers },
];

const WHY: readonly Question[] = [
  { key: 'task', ask: 'Which question does the model answer' },
  { key: 'users', ask: 'Who uses the answer' },
  { key: 'decision', ask: 'For which decision' },
  { key: 'why', ask: 'Why must that user see an explanation' },
  { key: 'faithfulness', ask: 'How do you know that the explanation is faithful' },
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
      otherwise,
      check: oneOf('yes', 'no'),
    },
    { key: `${key}Why`, ask: 'Why' },
  ]),
];

/** All questions for a model, those that its file answers left out. */
export function questionsFor({ input, scores }: Studied): readonly Question[] {
  const open: readonly Question[] = [
    ...(input.rows ? [] : [{ key: 'rows', ask: 'Rows of the image it reads', check: whole }]),
    ...(input.columns ? [] : [{ key: 'columns', ask: 'Columns of the image it reads', check: whole }]),
    ...(scores.activation
      ? []
      : [
          {
            key: 'activation',
            ask: 'Its output is not yet a score. Are the answers exclusive (Softmax) or not (Sigmoid)',
            check: oneOf('Sigmoid', 'Softmax'),
          },
        ]),
  ];
  const places = scores.count ?? 1;
  const targets = Array.from({ length: places }, (_, place): readonly Question[] => [
    {
      key: `label${place}`,
      ask: `What output ${place} of ${places} says, as a finding; a hyphen when it is no finding`,
    },
  ]).flat();
  return [...IDENTITY, ...ACCEPTS('CR,DX', 'CHEST'), ...PICTURE, ...open, ...targets, ...WHY];
}

const typeQuestion = (place: number, label: string): Question => ({
  key: `type${place}`,
  ask: `Code of ${label}: value|scheme|meaning, or a name that is known`,
  ...(codeFrom(label) ? { otherwise: label } : {}),
  check: code,
});
const siteQuestion = (place: number): Question => ({
  key: `site${place}`,
  ask: 'Code of the place in the body, or a hyphen',
  otherwise: '-',
  check: codeOrNone,
});

/** What must be known of an output that is a finding. */
export const targetQuestions = (place: number, label: string): readonly Question[] => [
  typeQuestion(place, label),
  siteQuestion(place),
  {
    key: `threshold${place}`,
    ask: `Score from which ${label} is called present`,
    otherwise: '0.5',
    check: share,
  },
  {
    key: `calibrated${place}`,
    ask: 'Was the score calibrated on other data? yes or no',
    otherwise: 'no',
    check: oneOf('yes', 'no'),
  },
];

/** All questions for a segmentation; of each class that is a structure, `structureQuestions` too. */
export function segmentationQuestions({ classes }: StudiedSegmentation): readonly Question[] {
  return [
    ...IDENTITY,
    ...ACCEPTS('MR', 'HEAD'),
    {
      key: 'words',
      ask: 'Words of which the description of a series must hold one, with commas, or a hyphen',
      otherwise: '-',
    },
    { key: 'slices', ask: 'Fewest slices of a series', otherwise: '16', check: whole },
    {
      key: 'grid',
      ask: 'Where preparation begins: the series as it is stored (source), or 256³ voxels of 1 mm (conform)',
      otherwise: 'source',
      check: oneOf('source', 'conform'),
    },
    {
      key: 'steps',
      ask: 'Preparation in order, as [{ step: orient, axes: LPS }, { step: zscore }]; the steps are in docs/models.md',
      check: (a) => stepsFrom(a).wrong,
    },
    {
      key: 'largest',
      ask: 'Keep only the largest connected piece? yes or no',
      otherwise: 'no',
      check: oneOf('yes', 'no'),
    },
    ...Array.from({ length: classes - 1 }, (_, i) => ({
      key: `label${i + 1}`,
      ask: `Name of class ${i + 1} of ${classes - 1}`,
    })),
    ...WHY,
  ];
}

/** What must be known of a class that is a structure. */
export const structureQuestions = (place: number, label: string): readonly Question[] => [
  typeQuestion(place, label),
  siteQuestion(place),
];

/** Steps from a line of YAML, or what is wrong with them. */
export function stepsFrom(text: string): { readonly steps: readonly Step[]; readonly wrong?: string } {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    return { steps: [], wrong: `it is not YAML: ${(error as Error).message}` };
  }
  const steps = z.array(Step).max(16).safeParse(parsed);
  return steps.success ? { steps: steps.data } : { steps: [], wrong: z.prettifyError(steps.error) };
}
