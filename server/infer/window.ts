import type { Volume } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { VoiTable, VoiWindow } from '../dicom/voi.ts';
import type { FixedWindow } from '../models/steps.ts';
import { Fault } from '../shared/fault.ts';

/** Value → display value 0..255, inverted for MONOCHROME1. */
export type Window = (value: number) => number;

export type WindowChoice = 'header' | 'exact' | 'full' | FixedWindow;

/**
 * The VOI of the image: `header` its table, else its window as its VOILUTFunction says (PS3.3 C.11.2); `exact` its window by
 * LINEAR_EXACT whatever it says, for models trained so, else its table. Without one, or with `full`, minimum..maximum without
 * padding. Throws MODEL_REFUSES_SERIES when a window of the package is for another unit, PIXELS_UNSUPPORTED.
 */
export function windowOf(volume: Volume, choice: WindowChoice): Window {
  const { map } = viewOf(volume, choice);
  return volume.inverted ? (v) => 255 - map(v) : map;
}

/** Which view that is, for the record. */
export const windowName = (volume: Volume, choice: WindowChoice): string => viewOf(volume, choice).name;

interface View {
  readonly map: Window;
  readonly name: string;
}

function viewOf(volume: Volume, choice: WindowChoice): View {
  if (typeof choice === 'object') return fixedView(volume, choice);
  const view = choice === 'full' ? undefined : headerView(volume, choice);
  return view ?? { map: rangeMap(volume), name: choice === 'full' ? 'full' : `${choice}: none, so full` };
}

function headerView({ voi }: Volume, choice: 'header' | 'exact'): View | undefined {
  if (!voi) return undefined;
  const said = (what: string): string =>
    `${choice}: ${what}${voi.count > 1 ? `, first of ${voi.count} views` : ''}`;
  if (voi.window && (choice === 'exact' || !(voi.table || voi.tableUnread))) {
    const window = choice === 'exact' ? { ...voi.window, shape: 'LINEAR_EXACT' as const } : voi.window;
    return {
      map: WINDOWS[window.shape](window),
      name: said(`${window.shape} ${window.centre}/${window.width}`),
    };
  }
  if (voi.table) return { map: tableMap(voi.table), name: said('VOI LUT') };
  throw new Fault('PIXELS_UNSUPPORTED', `the VOI LUT of the image is not read: ${voi.tableUnread}`);
}

/** A window that the package brings, only for values in its unit. */
function fixedView({ unit }: Volume, { centre, width, unit: wanted }: FixedWindow): View {
  if (unit?.value !== UNIT_CODES[wanted].value) {
    throw new Fault(
      'MODEL_REFUSES_SERIES',
      `the model's window is in ${wanted}, the values are ${unit?.meaning ?? 'arbitrary'}`,
    );
  }
  const window: VoiWindow = { centre, width, shape: 'LINEAR_EXACT' };
  return { map: WINDOWS.LINEAR_EXACT(window), name: `${centre}/${width} ${wanted}` };
}

const UNIT_CODES = { HU: UNITS.hu, SUVbw: UNITS.suvbw, 'Bq/ml': UNITS.bqml } as const;

/** The formulas of PS3.3 C.11.2.1.2.1, C.11.2.1.3.2 and C.11.2.1.3.1. */
const WINDOWS: Readonly<Record<VoiWindow['shape'], (window: VoiWindow) => Window>> = {
  LINEAR: ({ centre, width }) =>
    width > 1
      ? (v) => clamp(((v - (centre - 0.5)) / (width - 1) + 0.5) * 255)
      : (v) => (v <= centre - 0.5 ? 0 : 255),
  LINEAR_EXACT:
    ({ centre, width }) =>
    (v) =>
      clamp(((v - centre) / width + 0.5) * 255),
  SIGMOID:
    ({ centre, width }) =>
    (v) =>
      255 / (1 + Math.exp((-4 * (v - centre)) / width)),
};

function tableMap({ entries, firstMapped, bits }: VoiTable): Window {
  const scale = 255 / (2 ** bits - 1);
  const last = entries.length - 1;
  return (v) => clamp((entries[Math.min(last, Math.max(0, Math.round(v) - firstMapped))] as number) * scale);
}

function rangeMap({ data, padding }: Volume): Window {
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
