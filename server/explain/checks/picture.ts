import type { Tap, Volume } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { ClassificationSpec } from '../../models/schema.ts';
import { percent } from '../../shared/percent.ts';
import { judged } from './judged.ts';

/** Is the picture that the model sees fit to be read at all? Of 1,929 clinical radiographs none is beyond a limit; docs/elements.md. */
const LIMITS = {
  /** Share of the pixels that are cut off. */
  black: 0.4,
  white: 0.1,
  /** Share of the picture in rows and columns at its edges that show nothing. */
  empty: 0.4,
  /** Part of the greys that the middle 90 % of the pixels must use. */
  spread: 0.15,
} as const;
/** Grey levels, of 1, within which a row or a column shows nothing. */
const FLAT = 0.02;

/** Checks of the prepared picture [1, c, rows, columns], by its first channel as greys from 0 to 1. */
export function checkPicture(
  { dims, data }: Tap,
  { mean, std }: Pick<ClassificationSpec['input'], 'mean' | 'std'>,
): readonly StudyCheck[] {
  const [, , rows = 1, columns = 1] = dims;
  const grey = data.slice(0, rows * columns).map((v) => v * (std[0] ?? 1) + (mean[0] ?? 0));
  const sorted = grey.toSorted();
  const part = (is: (v: number) => boolean): number =>
    grey.reduce((n, v) => n + (is(v) ? 1 : 0), 0) / grey.length;
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] as number;
  const [black, white] = [part((v) => v < ROUNDING), part((v) => v > 1 - ROUNDING)];
  const empty = emptyEdges(grey, rows, columns);
  const spread = Math.max(0, at(0.95) - at(0.05));
  return [
    judged(
      'saturation',
      black <= LIMITS.black && white <= LIMITS.white,
      `Plain black: ${percent(black)} of the picture; plain white: ${percent(white)}.`,
    ),
    judged('border', empty <= LIMITS.empty, `An empty border takes up ${percent(empty)} of the picture.`),
    judged(
      'contrast',
      spread >= LIMITS.spread,
      `The middle 90 % of the picture uses ${percent(spread)} of the greys.`,
    ),
  ];
}

/** Of float32 greys that were normalised and put back. */
const ROUNDING = 1e-5;

/** The source must have the pixels that the package asks for: a smaller image was enlarged. */
export function checkMatrix(
  { shape: [, rows, columns] }: Pick<Volume, 'shape'>,
  smallest: { readonly rows: number; readonly columns: number } | undefined,
): readonly StudyCheck[] {
  if (!smallest) return [];
  const isLarge = rows >= smallest.rows && columns >= smallest.columns;
  const needed = `the model needs ${smallest.rows} × ${smallest.columns}`;
  return [judged('matrix', isLarge, `The image has ${rows} × ${columns} pixels; ${needed}.`)];
}

function emptyEdges(grey: Float32Array, rows: number, columns: number): number {
  const isEmpty = (start: number, step: number, count: number): boolean => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let k = 0, i = start; k < count; k++, i += step) {
      least = Math.min(least, grey[i] as number);
      most = Math.max(most, grey[i] as number);
    }
    return most - least < FLAT;
  };
  const row = (r: number): boolean => isEmpty(r * columns, 1, columns);
  const column = (c: number): boolean => isEmpty(c, columns, rows);
  let [top, bottom, left, right] = [0, 0, 0, 0];
  while (top < rows && row(top)) top++;
  while (bottom < rows - top && row(rows - 1 - bottom)) bottom++;
  while (left < columns && column(left)) left++;
  while (right < columns - left && column(columns - 1 - right)) right++;
  return 1 - ((rows - top - bottom) * (columns - left - right)) / (rows * columns);
}
