import type { Voi, VoiTable, VoiWindow } from '../../dicom/voi.ts';
import { Fault } from '../../shared/fault.ts';
import type { Window } from '../contract/case.ts';
import type { Picture } from './png.ts';

/** One frame of a source image as it was read: grey values after the modality LUT, or red, green and blue from 0 to 255. */
export interface SourceFrame {
  readonly rows: number;
  readonly columns: number;
  readonly samples: 1 | 3;
  readonly data: Float32Array;
  /** MONOCHROME1: low is bright. */
  readonly inverted: boolean;
  readonly padding: number | null;
  readonly voi?: Voi | undefined;
}

/**
 * A frame through `window` (linear), else as it asks to be shown (PS3.3 C.11.2): by its first window, else its first table, else from its least to its greatest
 * value. Padding is black. Throws REQUEST_INVALID for a window on colours.
 */
export function sourcePicture(frame: SourceFrame, window?: Window): Picture {
  const { rows, columns, samples, data, inverted, padding, voi } = frame;
  if (samples === 3) {
    if (window) throw new Fault('REQUEST_INVALID', 'centre, width: an image in colour has no window');
    return { rows, columns, samples, data: Uint8Array.from(data, (v) => Math.round(v)) };
  }
  const level = window
    ? throughWindow({ ...window, shape: 'LINEAR_EXACT' })
    : (levelOf(voi) ?? throughWindow({ ...whole(frame), shape: 'LINEAR_EXACT' }));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value === padding) continue;
    const grey = Math.round(255 * level(value));
    out[i] = inverted ? 255 - grey : grey;
  }
  return { rows, columns, samples: 1, data: out };
}

/** By which it is shown unless another is asked for; of what no window says, all of its values. Throws NOT_FOUND for an image in colour. */
export function windowOf(frame: SourceFrame): Window {
  if (frame.samples === 3) throw new Fault('NOT_FOUND', 'an image in colour has no window');
  const { centre, width } = frame.voi?.window ?? whole(frame);
  return { centre, width };
}

/** A value as a share of white, 0..1. */
type Level = (value: number) => number;

function levelOf(voi: Voi | undefined): Level | undefined {
  if (voi?.window) return throughWindow(voi.window);
  return voi?.table ? throughTable(voi.table) : undefined;
}

/** PS3.3 C.11.2.1.2.1, C.11.2.1.3. */
function throughWindow({ centre, width, shape }: VoiWindow): Level {
  switch (shape) {
    case 'SIGMOID':
      return (x) => 1 / (1 + Math.exp((-4 * (x - centre)) / width));
    case 'LINEAR_EXACT':
      return (x) => clamped((x - centre) / width + 0.5);
    case 'LINEAR':
      return width > 1
        ? (x) => clamped((x - (centre - 0.5)) / (width - 1) + 0.5)
        : (x) => (x <= centre - 0.5 ? 0 : 1);
  }
}

/** PS3.3 C.11.2.1.1. */
function throughTable({ entries, firstMapped, bits }: VoiTable): Level {
  const last = entries.length - 1;
  const most = 2 ** bits - 1;
  return (x) => clamped((entries[Math.min(last, Math.max(0, Math.round(x) - firstMapped))] as number) / most);
}

/** From the least to the greatest value that is image; of one value alone, so that it is black. */
function whole({ data, padding }: SourceFrame): Window {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value === padding) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (high > low) return { centre: (low + high) / 2, width: high - low };
  return { centre: Number.isFinite(low) ? low + 0.5 : 0.5, width: 1 };
}

const clamped = (share: number): number => Math.min(1, Math.max(0, share));
