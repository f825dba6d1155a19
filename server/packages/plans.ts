import { z } from 'zod';
import { ModelSpec } from '../models/schema.ts';
import { Tiles } from '../models/steps.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { secondNetwork } from './anatomy.ts';
import { acceptsOf, checksOf, explanationOf, identityOf, pictureOf, unless, whyOf } from './draft.ts';
import { given, placesOf, quantitiesOf, structuresOf, targetsOf } from './draft-findings.ts';
import { proposeMethod } from './propose.ts';
import { type Answers, NONE, type Question, structured } from './question.ts';
import { scoreQuestions, structureQuestions, valueQuestions } from './questions-findings.ts';
import {
  classificationQuestions,
  detectionQuestions,
  regressionQuestions,
  Steps,
  segmentationQuestions,
} from './questions-kinds.ts';
import { studyBoxes, studyPicture, studyScores, studyValues, withActivation } from './study.ts';
import { studySegmentation } from './study-segmentation.ts';

export type Kind = ModelSpec['kind'];

export interface Made {
  readonly bytes: Uint8Array;
  readonly spec: ModelSpec;
  /** Other files of the package, by their names. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What is asked of one kind of model, and the package that the answers make. */
export interface Plan {
  readonly questions: readonly Question[];
  /** What is asked once the thing at a place has its label. */
  more(place: number, label: string): readonly Question[];
  /** Throws REQUEST_INVALID when nothing is to be reported, MODEL_PACKAGE_INVALID for answers that contradict each other. */
  make(answers: Answers): Promise<Made>;
}

/** Throws MODEL_INPUT_MISMATCH for a file that is none of this kind. */
export const planOf = (bytes: Uint8Array, kind: Kind): Promise<Plan> => PLANS[kind](bytes);

const PLANS: Readonly<Record<Kind, (bytes: Uint8Array) => Promise<Plan>>> = {
  classification: async (given) => {
    const picture = await studyPicture(given);
    const scores = studyScores(given, picture);
    return {
      questions: classificationQuestions(picture, scores),
      more: scoreQuestions,
      make: async (answers) => {
        const target = firstOf(answers);
        const { bytes, name } = answers.activation
          ? withActivation(given, scores, answers.activation as 'Sigmoid' | 'Softmax')
          : { bytes: given, name: scores.name };
        const method = await proposeMethod(bytes, picture, { answers, of: scores.logits, target });
        const second = await secondNetwork(answers);
        return checked({ bytes, files: second.files }, answers, {
          kind: 'classification',
          accepts: ofOneImage(answers),
          input: pictureOf(picture, answers),
          output: { scores: name, logits: scores.logits, targets: targetsOf(answers) },
          explanation: explanationOf(answers, method, second.anatomy),
          interpretability: whyOf(answers, OF_SCORES),
        });
      },
    };
  },
  detection: async (bytes) => {
    const picture = await studyPicture(bytes);
    const { boxes, scores, classes } = studyBoxes(picture);
    return {
      questions: detectionQuestions(picture, { boxes, scores, classes }),
      more: scoreQuestions,
      make: async (answers) => {
        const target = firstOf(answers);
        const method = await proposeMethod(bytes, picture, { answers, of: scores, target });
        const second = await secondNetwork(answers);
        return checked({ bytes, files: second.files }, answers, {
          kind: 'detection',
          accepts: ofOneImage(answers),
          input: pictureOf(picture, answers),
          output: {
            boxes,
            scores,
            form: answers.form,
            unit: answers.boxUnit,
            overlap: Number(answers.overlap),
            most: Number(answers.most),
            targets: targetsOf(answers),
          },
          explanation: explanationOf(answers, method, second.anatomy),
          interpretability: whyOf(answers, OF_BOXES),
        });
      },
    };
  },
  regression: async (bytes) => {
    const picture = await studyPicture(bytes);
    const values = studyValues(picture);
    return {
      questions: regressionQuestions(picture, values),
      more: valueQuestions,
      make: async (answers) => {
        const target = firstOf(answers);
        const method = await proposeMethod(bytes, picture, { answers, of: values.name, target });
        const second = await secondNetwork(answers);
        return checked({ bytes, files: second.files }, answers, {
          kind: 'regression',
          accepts: ofOneImage(answers),
          input: pictureOf(picture, answers),
          output: { values: values.name, targets: quantitiesOf(answers) },
          explanation: explanationOf(answers, method, second.anatomy),
          interpretability: whyOf(answers, OF_VALUES),
        });
      },
    };
  },
  segmentation: async (bytes) => {
    const studied = studySegmentation(bytes);
    return {
      questions: segmentationQuestions(studied),
      more: structureQuestions,
      make: async (answers) =>
        checked({ bytes, files: new Map() }, answers, {
          kind: 'segmentation',
          accepts: {
            ...acceptsOf(answers),
            instances: { min: Number(answers.slices), max: Number(answers.mostSlices) },
          },
          ...unless(NONE, answers.rule, (rule) => ({ rule })),
          input: {
            tensor: studied.input,
            grid: answers.grid,
            steps: structured(Steps, answers.steps),
            ...given('tiles', structured(Tiles, answers.tiles)),
          },
          output: {
            logits: studied.logits,
            largestComponent: answers.largest === 'yes',
            labels: structuresOf(answers, studied.classes),
          },
          interpretability: whyOf(answers, OF_MASKS),
        }),
    };
  },
};

/** The first place that is reported. */
function firstOf(answers: Answers): number {
  const [first] = placesOf(answers);
  if (first === undefined)
    throw new Fault('REQUEST_INVALID', 'no output is a finding: there is nothing to report');
  return first;
}

const ofOneImage = (answers: Answers) => ({ ...acceptsOf(answers), instances: { min: 1, max: 1 } });

function checked({ bytes, files }: Omit<Made, 'spec'>, answers: Answers, own: object): Made {
  const parsed = ModelSpec.safeParse({
    ...identityOf(answers),
    onnx: { file: 'model.onnx', sha256: sha256(bytes) },
    ...checksOf(answers),
    ...own,
  });
  if (!parsed.success) throw new Fault('MODEL_PACKAGE_INVALID', `\n${z.prettifyError(parsed.error)}`);
  return { bytes, files, spec: parsed.data };
}

/** What each element is given by, by the kind of result; docs/elements.md. */
const OF_SCORES = {
  localization: 'Strongest regions of the map.',
  visualRecognizability: 'How much of the picture the strongest region covers, and how it stands out.',
  physicalAttribution: 'The score with the region hidden; Shapley values.',
  modelTransparency: 'The method by name, its measures, the threshold.',
  actionability: 'Distance of the score to the threshold; the least that turns the decision.',
};
const OF_BOXES = { ...OF_SCORES, localization: 'The boxes themselves.' };
const OF_VALUES = {
  ...OF_SCORES,
  physicalAttribution: 'Shares of the value, in its own unit, by region.',
  modelTransparency: 'The method by name, its measures.',
  actionability: 'The interval of the value, where it was measured; whether it is plausible.',
};
const OF_MASKS = {
  localization: 'The mask itself on the source slices.',
  visualRecognizability: 'How much the image changes across the border of the mask, against inside.',
  physicalAttribution: 'Sum of the voxel volumes of the mask on the source grid.',
  modelTransparency: 'Margin of the label over the next one, for each voxel.',
  actionability: 'The slice to look at first.',
};
