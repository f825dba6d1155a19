import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { stringify } from 'yaml';
import { readModelFile } from '../explain/graph/model-file.ts';
import type { ModelSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { inHome } from '../shared/home.ts';
import { type Kind, type Plan, planOf } from './plans.ts';
import { type Answers, defaultOf, NONE, type Question } from './question.ts';
import { KIND } from './questions-kinds.ts';
import { kindOf, studyPicture } from './study.ts';
import { readsVolumes } from './study-segmentation.ts';

/** Gives the answer to a question. */
export type Ask = (question: Question) => Promise<string>;

/** Writes a package around an ONNX file: what the file says is read, what only a person knows is asked. Returns its spec. */
export async function newPackage(onnxPath: string, folder: string, ask: Ask): Promise<ModelSpec> {
  if (await stat(folder).catch(() => undefined))
    throw new Fault('REQUEST_INVALID', `${folder} exists already; a package is written once`);
  // Weights beside the file are taken in: the package is whole.
  const given = await readModelFile(onnxPath);
  const kind = await kindAnswered(given, ask);
  const plan = await planOf(given, kind);
  const { bytes, spec, files } = await plan.make(await askAll(plan, ask));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), bytes);
  for (const [name, other] of files) await writeFile(join(folder, name), other);
  await writeFile(join(folder, 'model.yaml'), `${forEditors(folder)}${stringify(spec, { lineWidth: 0 })}`);
  await writeFile(join(folder, 'card.md'), cardOf(spec, basename(onnxPath)));
  return spec;
}

/** Every question that may be asked of this file: for a file of answers. */
export async function questionsOf(bytes: Uint8Array, kind?: string): Promise<readonly Question[]> {
  const wrong = kind === undefined ? undefined : KIND.check?.(kind);
  if (wrong) throw new Fault('REQUEST_INVALID', `--kind ${kind}: ${wrong}`);
  if (readsVolumes(bytes)) return allOf(await planOf(bytes, 'segmentation'));
  const chosen = (kind as Kind | undefined) ?? kindOf(await studyPicture(bytes));
  return [{ ...KIND, otherwise: chosen }, ...allOf(await planOf(bytes, chosen))];
}

const allOf = ({ questions, more }: Plan): readonly Question[] =>
  questions.flatMap((question) => {
    const place = placeOf(question);
    return place === undefined ? [question] : [question, ...more(place, question.key)];
  });

/** A model of volumes is a segmentation; of one of images the outputs alone do not tell. */
async function kindAnswered(bytes: Uint8Array, ask: Ask): Promise<Kind> {
  if (readsVolumes(bytes)) return 'segmentation';
  const otherwise = kindOf(await studyPicture(bytes));
  const question = { ...KIND, otherwise };
  const answer = await answerOf(question, ask, {});
  const wrong = wrongWith(question, answer);
  if (wrong) throw new Fault('REQUEST_INVALID', wrong);
  return answer as Kind;
}

/** The place whose label a question asks. */
const placeOf = ({ key }: Question): number | undefined => {
  const place = /^label(\d+)$/.exec(key)?.[1];
  return place === undefined ? undefined : Number(place);
};

/** Throws REQUEST_INVALID with every answer that is missing or wrong, where whoever answers does not see that before. */
async function askAll({ questions, more }: Plan, ask: Ask): Promise<Answers> {
  const answers: Record<string, string> = {};
  const wrong: string[] = [];
  const put = async (question: Question): Promise<string> => {
    const answer = await answerOf(question, ask, answers);
    const told = wrongWith(question, answer);
    if (told) wrong.push(told);
    else answers[question.key] = answer;
    return told ? '' : answer;
  };
  for (const question of questions) {
    const answer = await put(question);
    const place = placeOf(question);
    if (place === undefined || answer === '' || answer === NONE) continue;
    for (const further of more(place, answer)) await put(further);
  }
  if (wrong.length > 0) throw new Fault('REQUEST_INVALID', wrong.join('\n'));
  return answers;
}

async function answerOf(question: Question, ask: Ask, before: Answers): Promise<string> {
  const otherwise = defaultOf(question, before);
  const shown: Question = { ...question, ...(otherwise === undefined ? {} : { otherwise }) };
  const said = (await ask(shown)).trim() || otherwise || '';
  return said === '-' ? NONE : said;
}

function wrongWith({ key, ask, check }: Question, answer: string): string | undefined {
  const wrong = answer === '' ? 'an answer is needed' : check?.(answer);
  return wrong && `${key} (${ask}): ${wrong}`;
}

const SCHEMA = inHome('docs/model.schema.json');

/** Makes editors complete and check the file, by the schema of this checkout. */
const forEditors = (folder: string): string =>
  `# yaml-language-server: $schema=${relative(folder, SCHEMA)}\n`;

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
