import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { voidReason } from '../models/acceptance.ts';
import { loadModel } from '../models/load.ts';
import { type ClassificationModel, checkPackage } from '../packages/check.ts';
import { newPackage } from '../packages/new.ts';
import type { Question } from '../packages/questions.ts';
import { runSamples, type Sample } from '../packages/samples.ts';
import { asFault, Fault } from '../shared/fault.ts';

const USAGE = `say one of
  pellucid model new <file.onnx> <folder> [--answers answers.yaml]
  pellucid model record <folder> --samples <folder of .dcm files>
  pellucid model check <folder> --samples <folder of .dcm files>`;

/** `pellucid model`: packages are written, given reference scores, and checked. */
export async function modelCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [first, second] = positionals;
  if (verb === 'new' && first && second) return create(first, second, values.answers);
  if (!first || !values.samples || (verb !== 'record' && verb !== 'check'))
    throw new Fault('REQUEST_INVALID', USAGE);
  const model = await loadModel(first, (process.env.MODEL_PATH ?? '').split(':').filter(Boolean));
  const { spec } = model;
  if (spec.kind !== 'classification')
    throw new Fault('REQUEST_INVALID', `${spec.id} is a segmentation; only classifications are checked yet`);
  const samples = await runSamples(model, values.samples, THREADS);
  return verb === 'record' ? record(first, samples) : check({ ...model, spec }, first, samples);
}

const THREADS = 2;

async function create(onnx: string, folder: string, answers: string | undefined): Promise<void> {
  const { ask, end } = answers ? await fromFile(answers) : inTerminal();
  try {
    const { id, explanation, output } = await newPackage(onnx, folder, ask);
    say(
      `${id} is written to ${folder}: ${output.targets.length} finding(s), explained by ${explanation.method}.`,
    );
    say(
      `Read ${folder}/card.md and say there what is bad about the model, then: pellucid model record, model check.`,
    );
  } finally {
    end();
  }
}

/** Writes what the model gives here and now, so that another machine or a changed file is noticed. */
async function record(folder: string, samples: readonly Sample[]): Promise<void> {
  const vectors = Object.fromEntries(samples.map(({ digest, scores }) => [digest, scores]));
  await mkdir(join(folder, 'reference'), { recursive: true });
  await writeFile(join(folder, 'reference', 'vectors.json'), `${JSON.stringify(vectors, null, 1)}\n`);
  say(`${samples.length} images: their scores are in ${folder}/reference/vectors.json.`);
}

async function check(model: ClassificationModel, folder: string, samples: readonly Sample[]): Promise<void> {
  const acceptance = await checkPackage(model, folder, {
    samples,
    threads: THREADS,
    checkedAt: new Date().toISOString(),
    progress: ({ name, passed, measured, wanted }) =>
      say(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(14)} ${measured}  (wanted: ${wanted})`),
  });
  await writeFile(join(folder, 'acceptance.json'), `${JSON.stringify(acceptance, null, 1)}\n`);
  const reason = voidReason(acceptance, model.identity.digest);
  if (reason) throw new Fault('MODEL_NOT_ACCEPTED', `${model.identity.id}: ${reason}`);
  say(`${model.identity.id} ${model.identity.version} is accepted. A changed file voids this.`);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { answers: { type: 'string' }, samples: { type: 'string' } },
    });
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', `${asFault(cause).detail}; ${USAGE}`, { cause });
  }
}

interface Asker {
  readonly ask: (question: Question) => Promise<string>;
  readonly end: () => void;
}

/** One line a question; a wrong answer is told and asked again. */
function inTerminal(): Asker {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return {
    ask: async ({ ask, otherwise, check }) => {
      for (;;) {
        const answer = await terminal.question(`${ask}${otherwise === undefined ? '' : ` [${otherwise}]`}: `);
        const wrong = answer.trim() === '' ? undefined : check?.(answer.trim());
        if (wrong) process.stderr.write(`  ${wrong}\n`);
        else if (answer.trim() !== '' || otherwise !== undefined) return answer;
      }
    },
    end: () => terminal.close(),
  };
}

/** Answers by their keys; a key that no question has is a mistake. */
async function fromFile(path: string): Promise<Asker> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });
  const parsed = z.record(z.string(), z.coerce.string()).safeParse(parse(text));
  if (!parsed.success) throw new Fault('REQUEST_INVALID', `${path}: answers are lines of "key: answer"`);
  const left = new Map(Object.entries(parsed.data));
  return {
    ask: async ({ key }) => {
      const answer = left.get(key) ?? '';
      left.delete(key);
      return answer;
    },
    end: () => {
      if (left.size > 0) process.stderr.write(`Not asked for: ${[...left.keys()].join(', ')}\n`);
    },
  };
}
