import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { Volume } from '../contracts.ts';
import { readPart10 } from '../dicom/read.ts';
import { modelImage } from '../infer/picture.ts';
import { resizeArea } from '../infer/resize-area.ts';
import { windowOf } from '../infer/window.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { assembleVolume } from '../retrieve/volume.ts';
import type { Affine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import { readNpy } from '../shared/npy.ts';

/** What the model's input looks like. */
export interface InputShape {
  /** [1, c, …space] as the model's file says it; null where it leaves a size open, nothing where it leaves all open. */
  readonly declared: readonly (number | null)[];
  /** For open sizes, in their order; without it an array or a volume has its own. */
  readonly size?: readonly number[];
  /** The preparation of a package; without one, grey values 0..1 in every channel. */
  readonly prepare?: ClassificationSpec['input'];
}

/** One input of the model, or several frames of a cine for a model that reads one. */
export interface Read {
  /** Of each frame, with its batch axis: [1, c, …space]. */
  readonly dims: readonly number[];
  readonly frames: readonly Float32Array[];
  /** (column, row, slice) of the input to patient millimetres, for volumes that are read as they are. */
  readonly affine?: Affine;
}

/**
 * Reads a DICOM image, cine or folder of slices, a PNG or a NumPy array as the model's input. Arrays and volumes are taken on
 * their own grid; images are resized. Throws REQUEST_INVALID, MODEL_INPUT_MISMATCH.
 */
export async function readInput(paths: readonly string[], shape: InputShape): Promise<Read> {
  const [path = ''] = paths;
  if (paths.length === 1 && path.endsWith('.npy')) return fromArray(await bytesOf(path), shape);
  if (paths.length === 1 && path.endsWith('.png')) return fromPng(await bytesOf(path), shape);
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const instances = [];
  for (const file of files) instances.push(readPart10(await bytesOf(file)));
  return fromDicom(await assembleVolume(instances), shape);
}

const bytesOf = (path: string): Promise<Buffer> =>
  readFile(path).catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });

/** The .dcm files of a folder. */
async function filesOf(path: string): Promise<readonly string[]> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.dcm'));
  if (names.length === 0) throw new Fault('REQUEST_INVALID', `${path} holds no .dcm file`);
  return names.toSorted().map((name) => join(path, name));
}

/** An array without its batch or channel axis is given them; more than one along the batch are frames. */
function fromArray(bytes: Uint8Array, shape: InputShape): Read {
  const array = readNpy(bytes);
  const declared = shape.declared.length ? shape.declared : array.dims.map(() => null);
  const rank = declared.length;
  const own = [...Array<number>(Math.max(0, rank - array.dims.length)).fill(1), ...array.dims];
  const dims = filled({ ...shape, declared }, own.slice(2));
  const one = dims.reduce((a, b) => a * b, 1);
  const frames = array.data.length / one;
  if (own.length !== rank || frames < 1 || !Number.isInteger(frames) || (frames > 1 && own[0] !== frames))
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the array is ${array.dims.join(' × ')}, the model reads ${dims.join(' × ')}`,
    );
  return {
    dims,
    frames: Array.from({ length: frames }, (_, f) => array.data.subarray(f * one, (f + 1) * one)),
  };
}

function fromPng(bytes: Buffer, shape: InputShape): Read {
  const dims = filled(shape);
  const { width, height, data } = PNG.sync.read(bytes);
  return { dims, frames: [intoChannels({ rows: height, columns: width, data: greyOf(data, 4) }, dims)] };
}

/** Luma of red, green, blue 0..255 as 0..1 (BT.601). */
const greyOf = (pixels: ArrayLike<number>, step: number): Float32Array =>
  Float32Array.from({ length: pixels.length / step }, (_, i) => {
    const [r, g, b] = [0, 1, 2].map((c) => pixels[step * i + c] as number) as [number, number, number];
    return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
  });

function fromDicom(volume: Volume, shape: InputShape): Read {
  if (shape.declared.length === 5) return fromStack(volume, shape);
  const dims = filled(shape);
  const [frames, rows, columns] = volume.shape;
  const places = volume.data.length / frames;
  return {
    dims,
    frames: Array.from({ length: frames }, (_, f) => {
      const data = volume.data.subarray(f * places, (f + 1) * places);
      if (shape.prepare) return modelImage({ ...volume, shape: [1, rows, columns], data }, shape.prepare);
      const grey = volume.samples === 3 ? greyOf(data, 3) : displayed(data, volume);
      return intoChannels({ rows, columns, data: grey }, dims);
    }),
  };
}

function displayed(data: Float32Array, volume: Volume): Float32Array {
  const toDisplay = windowOf(volume, 'header');
  return data.map((v) => toDisplay(v) / 255);
}

/** A volume on its own grid, minimum to maximum as 0..1. */
function fromStack({ shape: own, data, samples = 1, geometry }: Volume, shape: InputShape): Read {
  const dims = filled(shape, own);
  if (samples !== 1 || dims.join() !== [1, 1, ...own].join())
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the volume is ${own.join(' × ')}, the model reads ${dims.join(' × ')}`,
    );
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of data) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!(high > low)) throw new Fault('MODEL_INPUT_MISMATCH', 'every voxel has the same value');
  return {
    dims,
    frames: [data.map((v) => (v - low) / (high - low))],
    ...(geometry ? { affine: geometry.affine } : {}),
  };
}

/** What the model leaves open is taken from --size, else from the input's own grid. */
function filled({ declared, size }: InputShape, own: readonly number[] = []): readonly number[] {
  const given = [...(size ?? [])];
  return declared.map((n, axis) => {
    if (n !== null) return axis === 0 ? 1 : n;
    if (axis < 2) return 1;
    const next = given.shift() ?? (size ? undefined : own[axis - 2]);
    if (next && Number.isInteger(next) && next > 0) return next;
    throw new Fault('REQUEST_INVALID', 'the model leaves its image size open: say --size, e.g. 224x224');
  });
}

/** Resized to the model's image and repeated in each channel. */
function intoChannels(image: Parameters<typeof resizeArea>[0], dims: readonly number[]): Float32Array {
  const [, channels = 1, rows = 1, columns = 1] = dims;
  const { data } = resizeArea(image, rows, columns);
  const out = new Float32Array(channels * rows * columns);
  for (let c = 0; c < channels; c++) out.set(data, c * data.length);
  return out;
}
