import { Fault } from '../shared/fault.ts';
import { lookUp, type Table } from './modality-lut.ts';

/** Colour samples as they are stored, unsigned. */
export interface ColourFrame {
  readonly samples: ArrayLike<number>;
  readonly pixels: number;
  readonly planar: boolean;
  /** Largest value that the bits allow. */
  readonly maximum: number;
}

/** Writes red, green and blue from 0 to 255, pixel by pixel, into `out` of length pixels × 3. */
export type ToRgb = (frame: ColourFrame, out: Float32Array) => void;

export const rgbToRgb: ToRgb = ({ samples, pixels, planar, maximum }, out) => {
  const [plane, step] = planar ? [pixels, 1] : [1, 3];
  for (let i = 0; i < pixels; i++) {
    for (let s = 0; s < 3; s++) out[3 * i + s] = ((samples[i * step + s * plane] as number) * 255) / maximum;
  }
};

/** YBR_FULL (PS3.3 C.7.6.3.1.2): ITU-R BT.601, full range. Rounded, as an 8-bit image is. */
export const ybrFullToRgb: ToRgb = (frame, out) => {
  checkBytes(frame);
  const { samples, pixels, planar } = frame;
  const [plane, step] = planar ? [pixels, 1] : [1, 3];
  for (let i = 0; i < pixels; i++) {
    const at = i * step;
    writeYbr(out, 3 * i, [samples[at], samples[at + plane], samples[at + 2 * plane]] as Triple);
  }
};

/** YBR_FULL_422 without compression: Y Y Cb Cr for two pixels of a row. */
export const ybrFull422ToRgb: ToRgb = (frame, out) => {
  checkBytes(frame);
  const { samples, pixels } = frame;
  for (let i = 0; i < pixels; i += 2) {
    const [first, second, blue, red] = [0, 1, 2, 3].map(
      (k) => samples[2 * i + k] as number,
    ) as unknown as readonly [number, number, number, number];
    writeYbr(out, 3 * i, [first, blue, red]);
    writeYbr(out, 3 * i + 3, [second, blue, red]);
  }
};

/** PALETTE COLOR: each stored value through three tables. */
export function paletteToRgb(tables: readonly [Table, Table, Table]): ToRgb {
  return ({ samples, pixels }, out) => {
    for (let s = 0; s < 3; s++) {
      const table = tables[s] as Table;
      const scale = 255 / (2 ** table.bits - 1);
      for (let i = 0; i < pixels; i++) out[3 * i + s] = lookUp(table, samples[i] as number) * scale;
    }
  };
}

type Triple = readonly [number, number, number];

function writeYbr(out: Float32Array, at: number, [y, cb, cr]: Triple): void {
  out[at] = byte(y + 1.402 * (cr - 128));
  out[at + 1] = byte(y - ((0.114 * 1.772) / 0.587) * (cb - 128) - ((0.299 * 1.402) / 0.587) * (cr - 128));
  out[at + 2] = byte(y + 1.772 * (cb - 128));
}

const byte = (v: number): number => Math.min(255, Math.max(0, Math.round(v)));

function checkBytes({ maximum }: ColourFrame): void {
  if (maximum !== 255) throw new Fault('PIXELS_UNSUPPORTED', 'luminance and chrominance of more than 8 bits');
}
