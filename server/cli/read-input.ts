import { readFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { readPart10 } from '../dicom/read.ts';
import { modelImage } from '../infer/classify.ts';
import { resizeArea } from '../infer/resize-area.ts';
import { windowOf } from '../infer/window.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { assembleVolume } from '../retrieve/volume.ts';
import { Fault } from '../shared/fault.ts';
import { readNpy } from '../shared/npy.ts';

/** What the model's input looks like: [1, c, h, w], channels last when `layout` says so. */
export interface InputShape {
  readonly dims: readonly number[];
  /** The preparation of a package; without one, grey values 0..1 in every channel. */
  readonly prepare?: ClassificationSpec['input'];
}

/** Reads a DICOM image, a PNG or a NumPy array as the model's input. An array must have the input's size already. */
export async function readInput(path: string, shape: InputShape): Promise<Float32Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });
  if (path.endsWith('.npy')) return fromArray(bytes, shape.dims);
  if (path.endsWith('.png')) return fromPng(bytes, shape);
  return fromDicom(bytes, shape);
}

function fromArray(bytes: Uint8Array, dims: readonly number[]): Float32Array {
  const array = readNpy(bytes);
  const wanted = dims.reduce((a, b) => a * b, 1);
  if (array.data.length === wanted) return array.data;
  throw new Fault(
    'MODEL_INPUT_MISMATCH',
    `the array is ${array.dims.join(' × ')}, the model reads ${dims.join(' × ')}`,
  );
}

function fromPng(bytes: Buffer, { dims }: InputShape): Float32Array {
  const { width, height, data } = PNG.sync.read(bytes);
  const grey = Float32Array.from({ length: width * height }, (_, i) => {
    const [r = 0, g = 0, b = 0] = data.subarray(4 * i, 4 * i + 3);
    return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
  });
  return intoChannels({ rows: height, columns: width, data: grey }, dims);
}

async function fromDicom(bytes: Uint8Array, { dims, prepare }: InputShape): Promise<Float32Array> {
  const volume = await assembleVolume([readPart10(bytes)]);
  if (prepare) return modelImage(volume, prepare);
  const [, rows, columns] = volume.shape;
  const toDisplay = windowOf(volume, 'header');
  return intoChannels({ rows, columns, data: volume.data.map((v) => toDisplay(v) / 255) }, dims);
}

/** Resized to the model's image and repeated in each channel. */
function intoChannels(image: Parameters<typeof resizeArea>[0], dims: readonly number[]): Float32Array {
  const [, channels = 1, rows = 1, columns = 1] = dims;
  const { data } = resizeArea(image, rows, columns);
  const out = new Float32Array(channels * rows * columns);
  for (let c = 0; c < channels; c++) out.set(data, c * data.length);
  return out;
}
