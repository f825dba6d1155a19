import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { readModelFile } from '../explain/graph/model-file.ts';
import { type ClassificationSpec, ModelSpec } from '../models/schema.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { proposeMethod } from './propose.ts';
import { type Answers, type Question, questionsFor, targetQuestions } from './questions.ts';
import { type Studied, studyClassifier, withActivation } from './study.ts';

/** Gives the answer to a question. */
export type Ask = (question: Question) => Promise<string>;

/**
 * Writes a package around an ONNX classifier: what the file says is read, what only a person knows is asked. Returns its spec.
 * Throws REQUEST_INVALID when the folder is there already, MODEL_INPUT_MISMATCH for what is no classifier of one image.
 */
export async function newPackage(onnxPath: string, folder: string, ask: Ask): Promise<ClassificationSpec> {
  if (await stat(folder).catch(() => undefined))
    throw new Fault('REQUEST_INVALID', `${folder} exists already; a package is written once`);
  // Weights beside the file are taken in: the digest of the package must cover them.
  const given = await readModelFile(onnxPath);
  const studied = studyClassifier(given);
  const answers = await askAll(studied, ask);
  const { bytes, scores } = ended(given, studied, answers);
  const spec = checked({
    ...draft(studied, answers),
    onnx: { file: 'model.onnx', sha256: sha256(bytes) },
    output: {
      scores,
      logits: studied.scores.logits,
      targets: targetsOf(answers),
    },
    explanation: { method: await proposeMethod(bytes, studied, answers) },
  });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), bytes);
  await writeFile(join(folder, 'model.yaml'), stringify(spec, { lineWidth: 0 }));
  await writeFile(join(folder, 'card.md'), cardOf(spec, basename(onnxPath)));
  return spec;
}

async function askAll(studied: Studied, ask: Ask): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const question of questionsFor(studied)) {
    const answer = await answered(question, ask);
    answers[question.key] = answer;
    const place = /^label(\d+)$/.exec(question.key)?.[1];
    if (place === undefined || answer === '-') continue;
    for (const more of targetQuestions(Number(place), answer)) answers[more.key] = await answered(more, ask);
  }
  if (!Object.keys(answers).some((key) => key.startsWith('type')))
    throw new Fault('REQUEST_INVALID', 'no output is a finding: there is nothing to report');
  return answers;
}

async function answered(question: Question, ask: Ask): Promise<string> {
  const answer = (await ask(question)).trim() || question.otherwise || '';
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

const list = (text = ''): string[] => text.split(',').map((part) => part.trim());
const numbers = (text = ''): number[] => list(text).map(Number);

function draft({ input }: Studied, a: Answers) {
  const element = (key: string, method: string) => ({
    required: a[`${key}Required`] === 'yes',
    method,
    why: a[`${key}Why`] ?? '',
  });
  return {
    schema: 1,
    kind: 'classification',
    id: a.id,
    name: a.name,
    version: a.version,
    manufacturer: a.manufacturer,
    licence: a.licence,
    intendedUse: a.intendedUse,
    limits: [a.limit],
    accepts: {
      Modality: list(a.modality),
      SOPClassUID: list(a.sopClass),
      BodyPartExamined: { oneOf: list(a.bodyPart), orAbsent: false },
      instances: { min: 1, max: 1 },
    },
    input: {
      tensor: input.name,
      layout: input.layout,
      channels: input.channels,
      rows: input.rows ?? Number(a.rows),
      columns: input.columns ?? Number(a.columns),
      window: a.window,
      mean: numbers(a.mean),
      std: numbers(a.std),
    },
    interpretability: {
      task: a.task,
      users: a.users,
      decision: a.decision,
      why: a.why,
      faithfulness: a.faithfulness,
      elements: {
        localization: element('localization', 'Strongest regions of the map.'),
        visualRecognizability: element('visualRecognizability', 'None yet.'),
        physicalAttribution: element(
          'physicalAttribution',
          'The score with the region hidden; Shapley values.',
        ),
        modelTransparency: element('modelTransparency', 'The method by name, its measures, the threshold.'),
        actionability: element('actionability', 'Distance of the score to the threshold.'),
      },
    },
  };
}

const COLOURS = [
  [251, 155, 6],
  [90, 204, 230],
  [134, 220, 196],
  [255, 157, 138],
] as const;

const targetsOf = (a: Answers) =>
  Object.keys(a)
    .flatMap((key) => /^type(\d+)$/.exec(key)?.[1] ?? [])
    .map((place, i) => ({
      place: Number(place),
      threshold: Number(a[`threshold${place}`]),
      calibrated: a[`calibrated${place}`] === 'yes',
      label: {
        label: a[`label${place}`],
        category: { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Abnormal Structure' },
        type: codeOf(a[`type${place}`]),
        ...(a[`site${place}`] === '-' ? {} : { site: codeOf(a[`site${place}`]) }),
        rgb: [...(COLOURS[i % COLOURS.length] as (typeof COLOURS)[number])],
      },
    }));

function codeOf(text = '') {
  const [value, scheme, meaning] = text.split('|');
  return { value, scheme, meaning };
}

function checked(spec: unknown): ClassificationSpec {
  const parsed = ModelSpec.safeParse(spec);
  if (!parsed.success) throw new Fault('MODEL_PACKAGE_INVALID', `\n${z.prettifyError(parsed.error)}`);
  return parsed.data as ClassificationSpec;
}

/** A card to be completed: what is not known is said to be unknown. */
const cardOf = ({ name, version, limits, licence, intendedUse }: ClassificationSpec, file: string): string =>
  `# ${name} ${version}

${intendedUse} **Research use only.**

## What is bad about it
${limits.map((limit) => `- ${limit}`).join('\n')}
- No accuracy was measured when it was packaged.

## Made of
${file}. ${licence}
`;
