import { readFile, stat, writeFile } from 'node:fs/promises';
import { readModelFile } from '../explain/graph/model-file.ts';
import { parseModel } from '../explain/graph/onnx.ts';
import { viewGraph } from '../explain/graph/view.ts';
import { type Attribution, size } from '../explain/subject.ts';
import { loadModel, type Model } from '../models/load.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { type Affine, multiplyAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import { writeNifti } from '../shared/nifti.ts';
import { readNpy, writeNpy } from '../shared/npy.ts';
import { type Answer, explainInput, type Question } from './explain-input.ts';
import { modelSaid, parseOptions, USUAL, type Usual } from './explain-options.ts';
import { explainTiled } from './explain-tiled.ts';
import { overlayPng } from './picture.ts';
import { type Read, readInput } from './read-input.ts';

/** `pellucid explain`: one input, one method, one picture or array. Prints a JSON line of what was done. */
export async function explainCommand(args: readonly string[]): Promise<void> {
  const start = performance.now();
  const path = modelSaid(args);
  const ours = path === undefined ? undefined : await packageAt(path);
  const { options: said, files, isTargetSaid } = parseOptions(args, ours ? usualOf(ours) : USUAL);
  const model = ours
    ? await openPackage(ours, isTargetSaid ? said.target : undefined)
    : { bytes: await readModelFile(said.model) };
  const options = { ...said, target: model.target ?? said.target };
  const read = await readInput(files, {
    declared: declaredDims(model.bytes),
    ...(options.size ? { size: options.size } : {}),
    ...(model.prepare ? { prepare: model.prepare } : {}),
  });
  const of = options.output ?? model.output;
  const question: Question = {
    model: model.bytes,
    read,
    options,
    // Without the arena, memory that a tile needed is given back after it.
    runtime: onnxRuntime({ intraOpNumThreads: options.threads, enableCpuMemArena: !options.tile }),
    progress,
    ...(of ? { of } : {}),
    classifies: model.prepare !== undefined,
    ...(model.goal !== undefined ? { goal: model.goal } : {}),
    ...(options.region ? { region: await readMask('region', options.region, read) } : {}),
    ...(options.truth ? { truth: await readMask('truth', options.truth, read) } : {}),
  };
  const answer = options.tile ? await explainTiled(question) : await explainInput(question);
  const { attribution } = answer;
  const facts = {
    ...attribution.parameters,
    method: attribution.method,
    asked: options.method,
    dims: attribution.dims,
    ...answer.facts,
    ms: Math.round(performance.now() - start),
    memoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  await write(options.out, { answer, read, facts });
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}

interface OpenedModel {
  readonly bytes: Uint8Array;
  readonly prepare?: Extract<Model['spec'], { kind: 'classification' }>['input'];
  readonly output?: string;
  /** The value at which the decision turns. */
  readonly goal?: number;
  /** The target of the package that is explained, where it has targets. */
  readonly target?: number;
}

/** The package in a folder; undefined for an ONNX file alone. */
async function packageAt(path: string): Promise<Model | undefined> {
  const facts = await stat(path).catch(() => {
    throw new Fault('REQUEST_INVALID', `${path} does not exist`);
  });
  return facts.isDirectory() ? loadModel(path, []) : undefined;
}

/** As the package is explained in the server: by the method that it was checked with. */
function usualOf({ spec }: Model): Usual {
  if (spec.kind === 'segmentation') return { ...USUAL, method: 'margin' };
  const { method, layer, baseline } = spec.explanation;
  return { method, layer, baseline };
}

async function openPackage({ spec, onnxPath }: Model, said: number | undefined): Promise<OpenedModel> {
  const bytes = await readModelFile(onnxPath);
  if (spec.kind === 'segmentation') return { bytes, output: spec.output.logits };
  if (spec.kind === 'detection') return { bytes, prepare: spec.input, output: spec.output.scores };
  const target = said ?? spec.output.targets[0]?.place ?? 0;
  if (spec.kind === 'regression') return { bytes, prepare: spec.input, output: spec.output.values, target };
  const { targets } = spec.output;
  const chosen = targets.find(({ place }) => place === target);
  if (!chosen) {
    const there = targets.map(({ place, label }) => `${place} (${label.label})`).join(', ');
    throw new Fault('REQUEST_INVALID', `the package has no target at place ${target}; there are ${there}`);
  }
  // One score alone comes from one logit; among several a softmax may stand between.
  const goal = targets.length === 1 && target === 0 ? logit(chosen.threshold) : undefined;
  return {
    bytes,
    prepare: spec.input,
    output: spec.output.logits,
    target,
    ...(goal !== undefined ? { goal } : {}),
  };
}

const logit = (p: number): number => Math.log(p / (1 - p));

/** What the model says of its one input; null where it leaves a size open. */
function declaredDims(bytes: Uint8Array): readonly (number | null)[] {
  const { inputs } = viewGraph(parseModel(bytes));
  const type = inputs[0]?.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
  return dims.map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null,
  );
}

/** A NumPy array over the space of the input: what is not 0 is inside. */
async function readMask(what: 'region' | 'truth', path: string, { dims }: Read): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });
  const { data, dims: own } = readNpy(bytes);
  if (data.length !== size(dims.slice(2)))
    throw new Fault(
      'REQUEST_INVALID',
      `the ${what} is ${own.join(' × ')}, the input ${dims.slice(2).join(' × ')}`,
    );
  return Uint8Array.from(data, (v) => (v ? 1 : 0));
}

interface Result {
  readonly answer: Answer;
  readonly read: Read;
  readonly facts: object;
}

async function write(out: string, { answer: { attribution }, read, facts }: Result): Promise<void> {
  if (out.endsWith('.npy')) await writeFile(out, writeNpy(attribution));
  else if (out.endsWith('.json'))
    await writeFile(out, JSON.stringify({ ...facts, data: [...attribution.data] }));
  else if (out.endsWith('.png')) await writeFile(out, picture(attribution, read));
  else if (out.endsWith('.nii.gz')) await writeFile(out, nifti(attribution, read));
  else throw new Fault('REQUEST_INVALID', `${out}: write .png, .npy, .json or .nii.gz`);
}

const picture = (attribution: Attribution, { dims, frames: [input = new Float32Array()] }: Read): Buffer =>
  overlayPng({ attribution, input, dims: dims.slice(1) });

/** One value a place: maps with channels are summed over them. On the input's grid in patient space where that is known. */
function nifti({ data, dims }: Attribution, read: Read): Uint8Array {
  const channelled = dims.length === read.dims.length - 1 && read.frames.length === 1;
  const [channels = 1, ...space] = channelled || dims.length > 3 ? dims : [1, ...dims];
  const places = size(space);
  const sums = Float32Array.from({ length: places }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[c * places + i] as number;
    return sum;
  });
  const [columns = 1, rows = 1, slices = 1] = space.toReversed();
  const [width = 1, height = 1, depth = 1] = read.dims.slice(2).toReversed();
  const ratio = [width / columns, height / rows, space.length === 3 && read.affine ? depth / slices : 1];
  return writeNifti(sums, [slices, rows, columns], coarser(read.affine ?? IDENTITY, ratio));
}

/** The affine of a grid over the same extent whose cells are `ratio` times as large. */
const coarser = (affine: Affine, ratio: readonly number[]): Affine =>
  multiplyAffine(
    affine,
    IDENTITY.map((v, i) => {
      const axis = Math.floor(i / 4);
      if (axis === 3) return v;
      const r = ratio[axis] as number;
      return i % 4 === 3 ? (r - 1) / 2 : v * r;
    }),
  );

/** The grid's own coordinates, where patient geometry is not known. */
const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

const progress = (line: string): void => void process.stderr.write(`${line}\n`);
