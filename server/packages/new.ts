import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { readModelFile } from '../explain/graph/model-file.ts';
import { ModelSpec } from '../models/schema.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { acceptsOf, identityOf, list, pictureOf, structuresOf, targetsOf, whyOf } from './draft.ts';
import { proposeMethod } from './propose.ts';
import {
  type Answers,
  defaultOf,
  type Question,
  questionsFor,
  segmentationQuestions,
  stepsFrom,
  structureQuestions,
  targetQuestions,
} from './questions.ts';
import { type Studied, studyClassifier, withActivation } from './study.ts';
import { readsVolumes, studySegmentation } from './study-segmentation.ts';

/** Gives the answer to a question. */
export type Ask = (question: Question) => Promise<string>;

/** Writes a package around an ONNX file: what the file says is read, what only a person knows is asked. Returns its spec. */
export async function newPackage(onnxPath: string, folder: string, ask: Ask): Promise<ModelSpec> {
  if (await stat(folder).catch(() => undefined))
    throw new Fault('REQUEST_INVALID', `${folder} exists already; a package is written once`);
  // Weights beside the file are taken in: the package is whole.
  const given = await readModelFile(onnxPath);
  const { bytes, spec } = readsVolumes(given) ? await ofVolumes(given, ask) : await ofPictures(given, ask);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), bytes);
  await writeFile(join(folder, 'model.yaml'), stringify(spec, { lineWidth: 0 }));
  await writeFile(join(folder, 'card.md'), cardOf(spec, basename(onnxPath)));
  return spec;
}

/** Every question that may be asked of this file: for a file of answers. */
export function questionsOf(bytes: Uint8Array): readonly Question[] {
  if (!readsVolumes(bytes)) {
    const studied = studyClassifier(bytes);
    const places = Array.from({ length: studied.scores.count ?? 1 }, (_, n) => n);
    return [...questionsFor(studied), ...places.flatMap((n) => targetQuestions(n, `label${n}`))];
  }
  const studied = studySegmentation(bytes);
  const places = Array.from({ length: studied.classes - 1 }, (_, n) => n + 1);
  return [...segmentationQuestions(studied), ...places.flatMap((n) => structureQuestions(n, `label${n}`))];
}

interface Made {
  readonly bytes: Uint8Array;
  readonly spec: ModelSpec;
}

async function ofPictures(given: Uint8Array, ask: Ask): Promise<Made> {
  const studied = studyClassifier(given);
  const answers = await askAll(questionsFor(studied), ask, targetQuestions);
  if (!Object.keys(answers).some((key) => key.startsWith('type')))
    throw new Fault('REQUEST_INVALID', 'no output is a finding: there is nothing to report');
  const { bytes, scores } = ended(given, studied, answers);
  const spec = checked({
    ...identityOf(answers),
    kind: 'classification',
    onnx: { file: 'model.onnx', sha256: sha256(bytes) },
    accepts: { ...acceptsOf(answers), instances: { min: 1, max: 1 } },
    input: pictureOf(studied, answers),
    output: { scores, logits: studied.scores.logits, targets: targetsOf(answers) },
    explanation: { method: await proposeMethod(bytes, studied, answers) },
    interpretability: whyOf(answers, {
      localization: 'Strongest regions of the map.',
      visualRecognizability: 'How much of the picture the strongest region covers, and how it stands out.',
      physicalAttribution: 'The score with the region hidden; Shapley values.',
      modelTransparency: 'The method by name, its measures, the threshold.',
      actionability: 'Distance of the score to the threshold; the least that turns the decision.',
    }),
  });
  return { bytes, spec };
}

async function ofVolumes(bytes: Uint8Array, ask: Ask): Promise<Made> {
  const studied = studySegmentation(bytes);
  const answers = await askAll(segmentationQuestions(studied), ask, structureQuestions);
  const words = answers.words === '-' ? {} : { words: list(answers.words) };
  const spec = checked({
    ...identityOf(answers),
    kind: 'segmentation',
    onnx: { file: 'model.onnx', sha256: sha256(bytes) },
    accepts: { ...acceptsOf(answers), ...words, instances: { min: Number(answers.slices), max: 4096 } },
    input: { tensor: studied.input, grid: answers.grid, steps: stepsFrom(answers.steps ?? '').steps },
    output: {
      logits: studied.logits,
      largestComponent: answers.largest === 'yes',
      labels: structuresOf(answers, studied.classes),
    },
    interpretability: whyOf(answers, {
      localization: 'The mask itself on the source slices.',
      visualRecognizability: 'How much the image changes across the border of the mask, against inside.',
      physicalAttribution: 'Sum of the voxel volumes of the mask on the source grid.',
      modelTransparency: 'Margin of the label over the next one, for each voxel.',
      actionability: 'The slice to look at first.',
    }),
  });
  return { bytes, spec };
}

async function askAll(
  questions: readonly Question[],
  ask: Ask,
  more: (place: number, label: string) => readonly Question[],
): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const question of questions) {
    const answer = await answered(question, ask, answers);
    answers[question.key] = answer;
    const place = /^label(\d+)$/.exec(question.key)?.[1];
    if (place === undefined || answer === '-') continue;
    for (const further of more(Number(place), answer))
      answers[further.key] = await answered(further, ask, answers);
  }
  return answers;
}

async function answered(question: Question, ask: Ask, before: Answers): Promise<string> {
  const otherwise = defaultOf(question, before);
  const shown: Question = { ...question, ...(otherwise === undefined ? {} : { otherwise }) };
  const answer = (await ask(shown)).trim() || otherwise || '';
  const wrong = answer === '' ? 'an answer is needed' : question.check?.(answer);
  if (wrong) throw new Fault('REQUEST_INVALID', `${question.key} (${question.ask}): ${wrong}`);
  return answer;
}

function ended(
  bytes: Uint8Array,
  studied: Studied,
  { activation }: Answers,
): { readonly bytes: Uint8Array; readonly scores: string } {
  return activation
    ? withActivation(bytes, studied, activation as 'Sigmoid' | 'Softmax')
    : { bytes, scores: studied.scores.name };
}

function checked(spec: unknown): ModelSpec {
  const parsed = ModelSpec.safeParse(spec);
  if (!parsed.success) throw new Fault('MODEL_PACKAGE_INVALID', `\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** A card to be completed: what is not known is said to be unknown. */
const cardOf = ({ name, version, limits, licence, intendedUse }: ModelSpec, file: string): string =>
  `# ${name} ${version}

${intendedUse} **Research use only.**

## What is bad about it
${limits.map((limit) => `- ${limit}`).join('\n')}
- No accuracy was measured when it was packaged.

## Made of
${file}. ${licence}
`;
