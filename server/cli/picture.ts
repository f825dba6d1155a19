import { PNG } from 'pngjs';
import { overInput } from '../explain/over-space.ts';
import type { Attribution } from '../explain/subject.ts';
import { colourOf } from '../shared/colour-map.ts';
import { Fault } from '../shared/fault.ts';

/** The input in grey (its channels' mean, minimum to maximum) with the map's positive part in inferno over it. */
export function overlayPng({
  attribution,
  input,
  dims,
}: {
  readonly attribution: Attribution;
  readonly input: Float32Array;
  readonly dims: readonly number[];
}): Buffer {
  const [channels = 1, rows = 1, columns = 1] = dims;
  if (dims.length !== 3)
    throw new Fault('REQUEST_INVALID', 'a picture is of an image; write volumes as .nii.gz');
  const space = rows * columns;
  const grey = scaled(Float32Array.from({ length: space }, (_, i) => meanOf(input, { channels, space, i })));
  const map = scaled(overInput(attribution, dims).map((v) => Math.max(v, 0)));
  const png = new PNG({ width: columns, height: rows });
  for (let i = 0; i < space; i++) {
    const share = map[i] as number;
    const cover = 0.6 * share;
    const colour = colourOf('inferno', share);
    for (const c of [0, 1, 2] as const)
      png.data[4 * i + c] = Math.round(255 * (grey[i] as number) * (1 - cover) + colour[c] * cover);
    png.data[4 * i + 3] = 255;
  }
  return PNG.sync.write(png);
}

function meanOf(
  input: Float32Array,
  { channels, space, i }: { channels: number; space: number; i: number },
): number {
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += input[c * space + i] as number;
  return sum / channels;
}

function scaled(data: Float32Array): Float32Array {
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  return high > low ? data.map((v) => (v - low) / (high - low)) : data.map(() => 0);
}
