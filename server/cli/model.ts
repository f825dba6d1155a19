import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../config.ts';
import { readModelFile } from '../explain/graph/model-file.ts';
import { sameVersionRemark, voidReason } from '../models/acceptance.ts';
import { type Installed, installed, keyOf } from '../models/installed.ts';
import { loadModel, type Model } from '../models/load.ts';
import { referencePage } from '../models/reference-page.ts';
import { describe } from '../models/routes.ts';
import { modelSchema } from '../models/schema.ts';
import { checkPackage, MEASURED } from '../packages/check.ts';
import { importAnswers } from '../packages/import.ts';
import { addPackage, disable, enable, promote, type Store } from '../packages/life.ts';
import { newPackage, questionsOf } from '../packages/new.ts';
import { runSamples, type Sample } from '../packages/samples.ts';
import { modelPlaces } from '../places.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { answersFile, fromFile, inTerminal } from './answers.ts';
import { calibrateCommand } from './model-calibrate.ts';
import { referenceCommand } from './model-reference.ts';
import { askServer, OUR_SERVER } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid model new <file.onnx> <folder> [--answers answers.yaml]     write a package
  pellucid model reference <folder> --samples <folder> --held-out <folder> [--cases 48]   keep what known images look like
  pellucid model calibrate <folder> --samples <folder> [--label …] [--positive …] [--method isotonic]   fit what the score means
  pellucid model questions <file.onnx> [--kind regression]             what new asks, as a file of answers to fill in
  pellucid model import <monai|nnunet|torchxrayvision> <folder or file> <file.onnx>   the same, with what these files answer
  pellucid model record <folder> --samples <folder>                    keep what it gives for these images
  pellucid model check <folder> --samples <folder>                     measure whether it may write into the archive
  pellucid model list                                                  what is installed, in which mode, and why
  pellucid model add <folder>                                          install a package; it runs in shadow
  pellucid model promote <id>@<version> [--share 10]                   let this version write into the archive, of 10 in 100 studies
  pellucid model disable <id>[@<version>]                              let it run no more
  pellucid model enable <id>[@<version>]                               take that back
  pellucid model schema [--page]                                       model.yaml as a JSON Schema, for editors; or as a page, for people
with --json for scripts`;

/** What is done with installed packages, by the operator's word for it. */
const LIFE: Readonly<
  Record<string, (key: string, places: Store, share?: number) => Promise<readonly Installed[]>>
> = {
  add: addPackage,
  promote,
  disable,
  enable,
};

/** `pellucid model`: packages are written, given reference values, checked, installed and switched. */
export async function modelCommand([verb = '', ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [first, second, third] = positionals;
  if (verb === 'new' && first && second) return create(first, second, values.answers);
  if (verb === 'questions' && first)
    return say(answersFile(await questionsOf(await readModelFile(first), values.kind), {}).trimEnd());
  if (verb === 'schema')
    return say(values.page ? referencePage(modelSchema()).trimEnd() : JSON.stringify(modelSchema(), null, 1));
  if (verb === 'import' && first && second && third) return importFrom(first, second, third);
  if (verb === 'reference' && first) return referenceCommand(first, values);
  if (verb === 'calibrate' && first) return calibrateCommand(first, values);
  const config = loadConfig(process.env);
  const places = modelPlaces(config);
  const tell = values.json ? sayJson : sayTable;
  if (verb === 'list') {
    const { models, refused } = await installed(places);
    return tell(models, refused);
  }
  const live = LIFE[verb];
  if (live && first) {
    if (values.share !== undefined && verb !== 'promote')
      throw new Fault('REQUEST_INVALID', `only promote takes a share; ${USAGE}`);
    const share = values.share === undefined ? undefined : Number(values.share);
    const changed = await live(first, places, share);
    tell(changed, []);
    return noteChange(verb, changed, { said: first, share });
  }
  if (!first || !values.samples || (verb !== 'record' && verb !== 'check'))
    throw new Fault('REQUEST_INVALID', USAGE);
  const model = await loadModel(first, places.path.split(':'));
  const samples = await runSamples(model, values.samples, {
    threads: config.ORT_THREADS,
    keep: verb === 'check' ? MEASURED[model.spec.kind] : 0,
    progress: (done, of) => process.stderr.isTTY && process.stderr.write(`\rsample ${done + 1} of ${of} `),
  });
  if (process.stderr.isTTY) process.stderr.write('\r');
  return verb === 'record'
    ? record(first, samples)
    : check(model, samples, {
        threads: config.ORT_THREADS,
        limits: { ms: config.JOB_TIMEOUT_MS, memoryMb: config.WORKER_MEMORY_MB },
      });
}

/** In the audit trail, which the running server keeps. */
async function noteChange(
  verb: string,
  changed: readonly Installed[],
  { said, share }: { readonly said: string; readonly share: number | undefined },
): Promise<void> {
  const [model] = changed;
  const key = verb === 'add' && model ? keyOf(model.identity) : said;
  await askServer('/api/models/changes', { verb, key, ...(share === undefined ? {} : { share }) }).catch(
    (error: unknown) => {
      process.stderr.write(
        `Done, and not in the audit trail: ${asFault(error).detail}. ${OUR_SERVER} Note it by hand where the trail must be whole.\n`,
      );
    },
  );
}

async function create(onnx: string, folder: string, answers: string | undefined): Promise<void> {
  const { ask, unasked, end } = answers ? await fromFile(answers) : inTerminal();
  try {
    const spec = await newPackage(onnx, folder, ask);
    const how = 'explanation' in spec ? `, explained by ${spec.explanation.method}` : '';
    say(`${spec.id} is written to ${folder}: a ${spec.kind}${how}.`);
    say(
      `Read ${folder}/card.md and say there what is bad about the model, then: pellucid model record, model check.`,
    );
    if (spec.kind !== 'segmentation')
      say(
        'pellucid model reference, before check, keeps what known images look like: others are then marked.',
      );
    const stacks = spec.accepts.Modality.filter((modality) => ['CT', 'MR', 'PT'].includes(modality));
    if (spec.kind !== 'segmentation' && stacks.length > 0)
      say(
        `It reads series of one image alone: a series of several slices (${stacks.join(', ')}) is not given to it.`,
      );
    const left = unasked();
    if (left.length > 0) process.stderr.write(`Not asked for: ${left.join(', ')}\n`);
  } finally {
    end();
  }
}

/** The file of answers, with what a framework's own files say filled in, and first what of theirs has no counterpart. */
async function importFrom(framework: string, path: string, onnx: string): Promise<void> {
  const { answers, notes } = await importAnswers(framework, path);
  const questions = await questionsOf(await readModelFile(onnx));
  const asked = new Set(questions.map(({ key }) => key));
  const unasked = Object.keys(answers).filter((key) => !asked.has(key));
  const left = unasked.map((key) => `${key} (${answers[key]}) is not asked of this ONNX file`);
  for (const note of [...notes, ...left]) say(`# To judge: ${note}`);
  say(answersFile(questions, answers).trimEnd());
}

/** Writes what the model gives here and now, so that another machine or a changed file is noticed. */
async function record(folder: string, samples: readonly Sample[]): Promise<void> {
  const vectors = Object.fromEntries(samples.map(({ digest, values }) => [digest, values]));
  await mkdir(join(folder, 'reference'), { recursive: true });
  await writeFile(join(folder, 'reference', 'vectors.json'), `${JSON.stringify(vectors, null, 1)}\n`);
  say(`${samples.length} samples: their values are in ${folder}/reference/vectors.json.`);
}

async function check(
  model: Model,
  samples: readonly Sample[],
  options: { readonly threads: number; readonly limits: { readonly ms: number; readonly memoryMb: number } },
): Promise<void> {
  const { identity, folder, spec } = model;
  const acceptance = await checkPackage(model, folder, {
    ...options,
    samples,
    checkedAt: new Date().toISOString(),
    progress: ({ name, passed, measured, wanted }) =>
      say(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(14)} ${measured}  (wanted: ${wanted})`),
  });
  const remark = sameVersionRemark(model.acceptance, acceptance);
  if (remark) say(`remark  version        ${remark}`);
  await writeFile(join(folder, 'acceptance.json'), `${JSON.stringify(acceptance, null, 1)}\n`);
  const reason = voidReason(acceptance, identity.digest, spec);
  if (reason) throw new Fault('MODEL_NOT_ACCEPTED', `${identity.id}: ${reason}`);
  say(`${identity.id} ${identity.version} is accepted. A changed file voids this.`);
}

type Refused = Awaited<ReturnType<typeof installed>>['refused'];

function sayTable(models: readonly Installed[], refused: Refused): void {
  for (const { mode, identity, why } of models) say(`${mode.padEnd(9)} ${keyOf(identity).padEnd(32)} ${why}`);
  for (const { folder, fault } of refused) say(`${'refused'.padEnd(9)} ${folder.padEnd(32)} ${fault.detail}`);
}

function sayJson(models: readonly Installed[], refused: Refused): void {
  const faults = refused.map(({ folder, fault: { code, detail } }) => ({ folder, code, detail }));
  say(JSON.stringify({ models: models.map(describe), refused: faults }, null, 1));
}

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    options: {
      answers: { type: 'string' },
      kind: { type: 'string' },
      samples: { type: 'string' },
      'held-out': { type: 'string' },
      cases: { type: 'string' },
      label: { type: 'string' },
      positive: { type: 'string' },
      method: { type: 'string' },
      share: { type: 'string' },
      page: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
