import { Fault } from '../shared/fault.ts';
import type { Grid } from './grid.ts';

export type Values = Grid['data'];

/** Which voxels count, and are changed. */
export type Of = 'all' | 'nonzero';

/** Least and greatest value. */
export function extremes(data: Values): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const v = data[i] as number;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high };
}

/** From `low` to `high`: 0..1. Throws MODEL_REFUSES_SERIES when they are one. */
export function minmax(data: Values, { low, high }: ReturnType<typeof extremes>): Float32Array {
  if (!(high > low)) constant();
  return changed(data, (v) => (v - low) / (high - low));
}

export const clip = (data: Values, low: number, high: number, of: Of = 'all'): Float32Array =>
  changed(data, (v) => Math.min(high, Math.max(low, v)), of);

/** The values below which so many per cent of the voxels lie, linear between ranks (NumPy's default). */
export function percentiles(data: Values, wanted: readonly number[], of: Of = 'all'): readonly number[] {
  const counted = new Float32Array(data);
  const sorted = (of === 'all' ? counted : counted.filter((v) => v !== 0)).sort();
  if (sorted.length === 0) constant();
  return wanted.map((percent) => {
    const rank = (percent / 100) * (sorted.length - 1);
    const below = sorted[Math.floor(rank)] as number;
    const above = sorted[Math.ceil(rank)] as number;
    return below + (rank - Math.floor(rank)) * (above - below);
  });
}

/** Mean and standard deviation of the voxels as a population. Throws MODEL_REFUSES_SERIES when they do not differ. */
export function moments(data: Values, of: Of = 'all'): { readonly mean: number; readonly std: number } {
  let count = 0;
  let sum = 0;
  for (const v of data) {
    if (of === 'nonzero' && v === 0) continue;
    count++;
    sum += v;
  }
  const mean = sum / count;
  let squares = 0;
  for (const v of data) if (of === 'all' || v !== 0) squares += (v - mean) ** 2;
  const std = Math.sqrt(squares / count);
  if (!(std > 0)) constant();
  return { mean, std };
}

export const standardise = (
  data: Values,
  { mean, std }: ReturnType<typeof moments>,
  of: Of = 'all',
): Float32Array => changed(data, (v) => (v - mean) / std, of);

/** A copy with each voxel that counts changed. */
export function changed(data: Values, change: (value: number) => number, of: Of = 'all'): Float32Array {
  const out = new Float32Array(data.length);
  const counted = (v: number): number => (of === 'nonzero' && v === 0 ? 0 : change(v));
  if (data instanceof Uint8Array) {
    // Of bytes there are few: each is changed once.
    const changes = Float32Array.from({ length: 256 }, (_, v) => counted(v));
    for (let i = 0; i < out.length; i++) out[i] = changes[data[i] as number] as number;
  } else {
    for (let i = 0; i < out.length; i++) out[i] = counted(data[i] as number);
  }
  return out;
}

function constant(): never {
  throw new Fault('MODEL_REFUSES_SERIES', 'every voxel of the series has the same value');
}
