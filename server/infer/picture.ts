import type { Tap, Volume } from '../contracts.ts';
import type { ClassificationSpec } from '../models/schema.ts';
import { Fault } from '../shared/fault.ts';
import { intoLayout, layoutDims } from '../shared/layout.ts';
import { resizeArea } from './resize-area.ts';
import { windowName, windowOf } from './window.ts';

type PictureInput = ClassificationSpec['input'];

/** One image as a model reads it: `image` [1, channel, row, column], `fed` with the channels where the model has them. */
export function pictureFor(
  volume: Volume,
  input: PictureInput,
): { readonly image: Tap; readonly fed: Tap; readonly said: Readonly<Record<string, string>> } {
  const { layout, channels, rows, columns } = input;
  const image = { dims: [1, channels, rows, columns], data: modelImage(volume, input) };
  return {
    image,
    fed: { dims: layoutDims(layout, image.dims), data: intoLayout(layout, image.data, channels) },
    said: { input: `${rows}x${columns}`, window: windowName(volume, input.window), resize: 'area' },
  };
}

/** What the model sees of an image: [channel, row, column], (v − mean) / std of v in 0..1. Throws MODEL_INPUT_MISMATCH. */
export function modelImage(volume: Volume, input: PictureInput): Float32Array {
  const [frames, rows, columns] = volume.shape;
  if (frames !== 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model reads one image, the series holds ${frames}`);
  const toDisplay = windowOf(volume, input.window);
  const shown = resizeArea({ rows, columns, data: volume.data.map(toDisplay) }, input.rows, input.columns);
  const places = shown.data.length;
  const image = new Float32Array(input.channels * places);
  for (let c = 0; c < input.channels; c++) {
    const mean = input.mean[c] ?? input.mean[0] ?? 0;
    const std = input.std[c] ?? input.std[0] ?? 1;
    for (let i = 0; i < places; i++) image[c * places + i] = ((shown.data[i] as number) / 255 - mean) / std;
  }
  return image;
}
