import type { Rgb } from '../../shared/colour-map.ts';
import { MASK } from './colours.ts';
import type { Picture } from './png.ts';

const INSIDE = 90;
const EDGE = 255;

/** A mask, [row, column] of 0 and more, in colour on `rows` × `columns` pixels; its outermost pixels are opaque, so that its border is seen over anything. */
export function maskPicture(
  mask: { readonly rows: number; readonly columns: number; readonly values: ArrayLike<number> },
  { rows, columns }: { readonly rows: number; readonly columns: number },
  colour: Rgb = MASK,
): Picture {
  const isIn = (y: number, x: number): boolean => {
    if (y < 0 || x < 0 || y >= rows || x >= columns) return false;
    const row = Math.floor(((y + 0.5) * mask.rows) / rows);
    const column = Math.floor(((x + 0.5) * mask.columns) / columns);
    return (mask.values[row * mask.columns + column] ?? 0) > 0;
  };
  const data = new Uint8Array(rows * columns * 4);
  for (let y = 0, at = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, at += 4) {
      if (!isIn(y, x)) continue;
      const isInner = isIn(y - 1, x) && isIn(y + 1, x) && isIn(y, x - 1) && isIn(y, x + 1);
      data.set(colour, at);
      data[at + 3] = isInner ? INSIDE : EDGE;
    }
  return { rows, columns, samples: 4, data };
}
