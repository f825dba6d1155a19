import { PNG } from 'pngjs';
import type { LabelMap, SegmentFinding, Volume } from '../contracts.ts';
import { colourOf } from '../shared/colour-map.ts';
import { colouring } from './colouring.ts';
import type { Context } from './context.ts';
import { resampleFrame } from './grid.ts';
import { greyFrame } from './window.ts';

/** Longest side in pixels: what a reader tells apart on half a page. */
const LONGEST = 640;
const OPACITY = 0.55;

export interface Picture {
  /** RGB without alpha. */
  readonly png: Buffer;
  /** Width over height of the anatomy: pixels need not be square. */
  readonly aspect: number;
}

/** A source frame in grey or in its own colours, under its segments or under the first map, reduced to what a page shows. */
export function pictureOf(context: Context, frame: number): Picture {
  const { volume, prediction, explanation } = context;
  const [, rows, columns] = volume.shape;
  const pixels = sourceColours(volume, frame);
  const [map] = explanation.maps;
  if (prediction.labelMap)
    paintSegments(pixels, frame, {
      labelMap: prediction.labelMap,
      segments: prediction.findings.filter((f): f is SegmentFinding => f.kind === 'segment'),
    });
  else if (map)
    paintMap(pixels, resampleFrame(map, frame, rows, columns), colouring(map, prediction.findings));
  const [down = '1', across = '1'] = volume.PixelSpacing ?? [];
  return {
    png: encodePng(pixels, rows, columns),
    aspect: (columns * Number(across)) / (rows * Number(down)),
  };
}

/** [row, column, 3] */
function sourceColours(volume: Volume, frame: number): Uint8Array {
  const size = volume.shape[1] * volume.shape[2];
  if (volume.samples === 3)
    return Uint8Array.from(volume.data.subarray(frame * size * 3, (frame + 1) * size * 3));
  const grey = greyFrame(volume, frame);
  return Uint8Array.from({ length: size * 3 }, (_, i) => grey[Math.floor(i / 3)] as number);
}

function paintSegments(
  pixels: Uint8Array,
  frame: number,
  { labelMap, segments }: { labelMap: LabelMap; segments: readonly SegmentFinding[] },
): void {
  const size = labelMap.shape[1] * labelMap.shape[2];
  for (let i = 0; i < size; i++) {
    const segment = segments[(labelMap.data[frame * size + i] as number) - 1];
    if (segment) mix(pixels, i, { colour: segment.label.rgb, cover: OPACITY });
  }
}

/** As in the overlay object. */
function paintMap(pixels: Uint8Array, values: Float32Array, shareOf: (value: number) => number): void {
  for (let i = 0; i < values.length; i++) {
    const share = shareOf(values[i] as number);
    mix(pixels, i, { colour: colourOf('inferno', share), cover: OPACITY * share });
  }
}

function mix(
  pixels: Uint8Array,
  at: number,
  { colour, cover }: { colour: readonly number[]; cover: number },
): void {
  for (const c of [0, 1, 2]) {
    const below = pixels[at * 3 + c] as number;
    pixels[at * 3 + c] = Math.round(below + ((colour[c] as number) - below) * cover);
  }
}

/** Reduced by a whole number with the mean of each block, and without alpha, which a PDF embeds as it is. */
function encodePng(pixels: Uint8Array, rows: number, columns: number): Buffer {
  const step = Math.max(1, Math.ceil(Math.max(rows, columns) / LONGEST));
  const [height, width] = [Math.ceil(rows / step), Math.ceil(columns / step)];
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const block = meanOf(pixels, { rows, columns, top: y * step, left: x * step, step });
      png.data.set([...block, 255], (y * width + x) * 4);
    }
  return PNG.sync.write(png, { colorType: 2 });
}

function meanOf(
  pixels: Uint8Array,
  { rows, columns, top, left, step }: Record<'rows' | 'columns' | 'top' | 'left' | 'step', number>,
): readonly number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = top; y < Math.min(rows, top + step); y++)
    for (let x = left; x < Math.min(columns, left + step); x++, count++)
      for (const c of [0, 1, 2]) sum[c] = (sum[c] as number) + (pixels[(y * columns + x) * 3 + c] as number);
  return sum.map((s) => Math.round(s / count));
}
