import type { Volume } from '../contracts.ts';
import { type Dataset, number, text } from '../dicom/read.ts';

/** Value → display value 0..255, inverted for MONOCHROME1. */
export type Window = (value: number) => number;

/**
 * The first VOI window of the image (PS3.3 C.11.2.1): `header` as its VOILUTFunction says, LINEAR by default; `exact` by
 * LINEAR_EXACT whatever it says, for models trained so. Without one, or with `full`, minimum..maximum without padding.
 */
export function windowOf(volume: Volume, choice: 'header' | 'exact' | 'full'): Window {
  const shown = choice === 'full' ? undefined : headerWindow(volume.header, choice);
  const map = shown ?? rangeWindow(volume);
  return volume.inverted ? (v) => 255 - map(v) : map;
}

function headerWindow(header: Dataset, choice: 'header' | 'exact'): Window | undefined {
  const centre = number(header, 'WindowCenter');
  const width = number(header, 'WindowWidth');
  const kind = choice === 'exact' ? 'LINEAR_EXACT' : (text(header, 'VOILUTFunction') ?? 'LINEAR');
  if (centre === undefined || width === undefined) return undefined;
  if (kind === 'LINEAR_EXACT' && width > 0) return (v) => clamp(((v - centre) / width + 0.5) * 255);
  if (kind === 'LINEAR' && width > 1) return (v) => clamp(((v - (centre - 0.5)) / (width - 1) + 0.5) * 255);
  return undefined;
}

function rangeWindow({ data, padding }: Volume): Window {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of data) {
    if (v === padding) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return high > low ? (v) => clamp(((v - low) / (high - low)) * 255) : () => 0;
}

const clamp = (v: number): number => Math.min(255, Math.max(0, v));
