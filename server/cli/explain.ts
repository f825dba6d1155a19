import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { blur, constant } from '../explain/baselines.ts';
import { parseModel } from '../explain/graph/onnx.ts';
import { viewGraph } from '../explain/graph/view.ts';
import { type Explained, explainBy, METHODS, type MethodName } from '../explain/methods/index.ts';
import { openSubject } from '../explain/onnx-subject.ts';
import { loadModel, type Model } from '../models/load.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { writeNifti } from '../shared/nifti.ts';
import { writeNpy } from '../shared/npy.ts';
import { overlayPng } from './picture.ts';
import { readInput } from './read-input.ts';

/** `pellucid explain`: one image, one method, one picture or array. Prints a JSON line of what was done. */
export async function explainCommand(args: readonly string[]): Promise<void> {
  const { options, file } = parse(args);
  const model = await openModel(options.model);
  const inputDims = dimsOf(model.bytes, options.size);
  const input = await readInput(file, {
    dims: inputDims,
    ...(model.prepare ? { prepare: model.prepare } : {}),
  });
  const subject = await openSubject(model.bytes, {
    runtime: onnxRuntime({ intraOpNumThreads: options.threads }),
    inputDims,
    target: options.target,
    layer: options.layer,
    ...((options.output ?? model.output) ? { of: options.output ?? (model.output as string) } : {}),
  });
  try {
    progress(`${options.method} of ${subject.of}[${options.target}]…`);
    const start = performance.now();
    const [score = 0] = await subject.score([input]);
    const baseline =
      options.baseline === 'blur'
        ? blur(input, subject.dims, Math.min(...subject.dims.slice(1)) / 14)
        : constant(input, Number(options.baseline));
    const explained = await explainBy(options.method, { subject, input, baseline });
    const facts = {
      ...explained.attribution.parameters,
      method: explained.attribution.method,
      asked: options.method,
      of: subject.of,
      target: options.target,
      score,
      dims: explained.attribution.dims,
      surrogate: subject.surrogate() ?? null,
      fallback: explained.fallback ?? null,
      ms: Math.round(performance.now() - start),
      memoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    await write(options.out, { explained, input, dims: subject.dims, facts });
    process.stdout.write(`${JSON.stringify(facts)}\n`);
  } finally {
    await subject.close();
  }
}

interface Options {
  readonly model: string;
  readonly method: MethodName;
  readonly target: number;
  readonly out: string;
  readonly layer: string;
  readonly baseline: string;
  readonly threads: number;
  readonly output?: string;
  readonly size?: readonly number[];
}

function parse(args: readonly string[]): { options: Options; file: string } {
  const { values, positionals } = read(args);
  const [file] = positionals;
  const { model, out, method } = values;
  if (!file || !model || !out) throw new Fault('REQUEST_INVALID', 'say an image, --model and --out');
  if (!isMethod(method))
    throw new Fault('REQUEST_INVALID', `no method ${method}; there are ${Object.keys(METHODS).join(', ')}`);
  const target = Number(values.target);
  if (!Number.isInteger(target) || target < 0)
    throw new Fault('REQUEST_INVALID', `target ${values.target} is no whole number`);
  if (values.baseline !== 'blur' && !Number.isFinite(Number(values.baseline))) {
    throw new Fault('REQUEST_INVALID', `baseline ${values.baseline} is neither blur nor a number`);
  }
  return {
    file,
    options: {
      model,
      out,
      method,
      target,
      layer: values.layer,
      baseline: values.baseline,
      threads: Number(values.threads),
      ...(values.output ? { output: values.output } : {}),
      ...(values.size ? { size: values.size.split('x').map(Number) } : {}),
    },
  };
}

/** Throws REQUEST_INVALID for options that do not exist or lack their value. */
function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        model: { type: 'string' },
        method: { type: 'string', default: 'gradCam' },
        target: { type: 'string', default: '0' },
        out: { type: 'string' },
        output: { type: 'string' },
        layer: { type: 'string', default: 'auto' },
        baseline: { type: 'string', default: 'blur' },
        size: { type: 'string' },
        threads: { type: 'string', default: '2' },
      },
    });
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', asFault(cause).detail, { cause });
  }
}

const isMethod = (name: string): name is MethodName => Object.hasOwn(METHODS, name);

interface OpenedModel {
  readonly bytes: Uint8Array;
  readonly prepare?: Extract<Model['spec'], { kind: 'classification' }>['input'];
  readonly output?: string;
}

/** A package folder, or an ONNX file alone. */
async function openModel(path: string): Promise<OpenedModel> {
  const facts = await stat(path).catch(() => {
    throw new Fault('REQUEST_INVALID', `${path} does not exist`);
  });
  if (!facts.isDirectory()) return { bytes: new Uint8Array(await readFile(path)) };
  const model = await loadModel(path, []);
  const bytes = new Uint8Array(await readFile(model.onnxPath));
  return model.spec.kind === 'classification'
    ? { bytes, prepare: model.spec.input, output: model.spec.output.logit }
    : { bytes };
}

/** What the model says of its input, with the batch set to 1; open dims are taken from --size in their order. */
function dimsOf(bytes: Uint8Array, size: readonly number[] = []): readonly number[] {
  const { inputs } = viewGraph(parseModel(bytes));
  const type = inputs[0]?.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
  const given = [...size];
  return dims.map(({ value }, axis) => {
    if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
    if (axis === 0) return 1;
    const next = given.shift();
    if (!next)
      throw new Fault('REQUEST_INVALID', 'the model leaves its image size open: say --size, e.g. 224x224');
    return next;
  });
}

interface Result {
  readonly explained: Explained;
  readonly input: Float32Array;
  /** [c, …space] of the input. */
  readonly dims: readonly number[];
  readonly facts: object;
}

async function write(out: string, { explained, input, dims, facts }: Result): Promise<void> {
  const { attribution } = explained;
  if (out.endsWith('.npy')) await writeFile(out, writeNpy(attribution));
  else if (out.endsWith('.json'))
    await writeFile(out, JSON.stringify({ ...facts, data: [...attribution.data] }));
  else if (out.endsWith('.png')) await writeFile(out, overlayPng({ attribution, input, dims }));
  else if (out.endsWith('.nii.gz'))
    await writeFile(out, writeNifti(attribution.data, volumeShape(attribution.dims), IDENTITY));
  else throw new Fault('REQUEST_INVALID', `${out}: write .png, .npy, .json or .nii.gz`);
}

/** The grid's own coordinates: the command knows no patient geometry. */
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function volumeShape(dims: readonly number[]): readonly [number, number, number] {
  const [columns = 1, rows = 1, frames = 1] = [...dims].reverse();
  return [frames, rows, columns];
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);
