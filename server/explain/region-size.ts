import type { Volume } from '../contracts.ts';
import { type Code, UNITS } from '../dicom/code.ts';
import type { Measure } from '../explanation.ts';
import type { EvidenceRegion, Grid } from './evidence-regions.ts';

/** How large a region is in the patient, by its cells. */
export interface RegionSize {
  /** Of its cells, not of its box. */
  readonly areaMm2: number;
  /** Its greatest and its least extent in any direction. */
  readonly longMm: number;
  readonly shortMm: number;
}

export interface RegionMean {
  readonly value: number;
  readonly unit: Code;
}

type Cells = EvidenceRegion['cells'];
type Point = readonly [across: number, down: number];

/** Undefined where the spacing in the patient is not known. */
export function sizeOf(
  cells: Cells,
  grid: Grid,
  { shape: [, rows, columns], PixelSpacing }: Pick<Volume, 'shape' | 'PixelSpacing'>,
): RegionSize | undefined {
  if (!PixelSpacing || cells.length === 0) return undefined;
  const [row, column] = PixelSpacing.map(Number) as [number, number];
  const [high, wide] = [(rows * row) / grid.rows, (columns * column) / grid.columns];
  const corners = cells.flatMap((cell): readonly Point[] => {
    const [down, across] = [Math.floor(cell / grid.columns), cell % grid.columns];
    return [0, 1].flatMap((d) => [0, 1].map((a): Point => [(across + a) * wide, (down + d) * high]));
  });
  return { areaMm2: cells.length * high * wide, ...axesOf(corners) };
}

/** The extents in all directions, degree by degree: callipers that are turned round the region. */
function axesOf(corners: readonly Point[]): Pick<RegionSize, 'longMm' | 'shortMm'> {
  const extents = Array.from({ length: 180 }, (_, degree) => {
    const [cos, sin] = [Math.cos((degree * Math.PI) / 180), Math.sin((degree * Math.PI) / 180)];
    const along = corners.map(([across, down]) => across * cos + down * sin);
    return Math.max(...along) - Math.min(...along);
  });
  return { longMm: Math.max(...extents), shortMm: Math.min(...extents) };
}

/** Mean of the source's values in a region; undefined where they have no unit. */
export function meanIn(
  cells: Cells,
  grid: Grid,
  { shape: [, rows, columns], data, unit }: Pick<Volume, 'shape' | 'data' | 'unit'>,
): RegionMean | undefined {
  if (unit === null) return undefined;
  const own = new Set(cells);
  let [sum, count] = [0, 0];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const cell =
        Math.floor((row * grid.rows) / rows) * grid.columns + Math.floor((column * grid.columns) / columns);
      if (!own.has(cell)) continue;
      sum += data[row * columns + column] as number;
      count++;
    }
  return count > 0 ? { value: sum / count, unit } : undefined;
}

interface Sized {
  readonly size: RegionSize | undefined;
  readonly mean: RegionMean | undefined;
}

interface Covering extends Sized {
  /** Of the picture, 0..1. */
  readonly extent: number;
}

/** `It measures 20.6 cm², 62 by 41 mm. Its mean is 35 HU.` */
export function sizeWords({ size, mean }: Sized): string {
  const measured = size
    ? `It measures ${(size.areaMm2 / 100).toFixed(1)} cm², ${size.longMm.toFixed(0)} by ${size.shortMm.toFixed(0)} mm.`
    : 'Its size in mm is unknown.';
  return mean ? `${measured} Its mean is ${mean.value.toFixed(0)} ${unitOf(mean.unit)}.` : measured;
}

export const unitOf = ({ value }: Code): string => (value === UNITS.hu.value ? 'HU' : value);

export const sizeMeasures = (name: string, { size, mean, extent }: Covering): readonly Measure[] => [
  {
    name: `Part of the picture in region ${name}`,
    value: 100 * extent,
    unit: UNITS.percent,
    sentence: 'How much of the picture its cells cover.',
  },
  ...(size
    ? [
        {
          name: `Area of region ${name}`,
          value: size.areaMm2,
          unit: UNITS.mm2,
          sentence: 'Of its cells, in the plane of the image.',
        },
        {
          name: `Long axis of region ${name}`,
          value: size.longMm,
          unit: UNITS.mm,
          sentence: 'The greatest extent of its cells in any direction.',
        },
        {
          name: `Short axis of region ${name}`,
          value: size.shortMm,
          unit: UNITS.mm,
          sentence: 'The least extent of its cells in any direction.',
        },
      ]
    : []),
  ...(mean
    ? [
        {
          name: `Mean of region ${name}`,
          value: mean.value,
          unit: mean.unit,
          sentence: 'Of the values that the image has there.',
        },
      ]
    : []),
];
