import { codeOf, type DicomJson, items, number, text } from './dicom-json.ts';
import type { ValueMap } from './value-map.ts';

export const GRAYSCALE_WORD_SC = '1.2.840.10008.5.1.4.1.1.7.3';

/** What the header of a value image says; undefined when it isn't one that we can draw. */
export interface MapHeader extends Omit<ValueMap, 'values' | 'SOPInstanceUID'> {
  readonly slope: number;
  readonly intercept: number;
  readonly padding?: number;
  /** The source image of each frame. */
  readonly sources: readonly string[];
}

export function readMapHeader(instance: DicomJson): MapHeader | undefined {
  const mapping = items(instance, 'RealWorldValueMappingSequence')[0];
  const slope = mapping && number(mapping, 'RealWorldValueSlope');
  const intercept = mapping && number(mapping, 'RealWorldValueIntercept');
  const rows = number(instance, 'Rows');
  const columns = number(instance, 'Columns');
  const centre = number(instance, 'WindowCenter');
  const width = number(instance, 'WindowWidth');
  const padding = number(instance, 'PixelPaddingValue');
  if (!mapping || slope === undefined || intercept === undefined || !rows || !columns) return undefined;
  if (centre === undefined || width === undefined || number(instance, 'BitsAllocated') !== 16)
    return undefined;
  const [, name = '', method = ''] =
    /^([^:]*): (.*)$/s.exec(text(instance, 'DerivationDescription') ?? '') ?? [];
  return {
    name,
    method,
    unit: codeOf(mapping, 'MeasurementUnitsCodeSequence')?.value ?? '',
    rows,
    columns,
    // The ends of a LINEAR window (PS3.3 C.11.2.1.2).
    low: slope * (centre - width / 2) + intercept,
    high: slope * (centre + width / 2 - 1) + intercept,
    slope,
    intercept,
    sources: items(instance, 'SourceImageSequence').flatMap((i) => text(i, 'ReferencedSOPInstanceUID') ?? []),
    ...(padding === undefined ? {} : { padding }),
  };
}

/** One frame's stored values (little endian) as a map over its source image. */
export function readMap(header: MapHeader, frame: number, stored: ArrayBuffer): ValueMap | undefined {
  const { slope, intercept, padding, sources, ...map } = header;
  const SOPInstanceUID = sources[frame];
  if (SOPInstanceUID === undefined || stored.byteLength < 2 * map.rows * map.columns) return undefined;
  const view = new DataView(stored);
  const values = Float32Array.from({ length: map.rows * map.columns }, (_, i) => {
    const value = view.getUint16(2 * i, true);
    return value === padding ? Number.NaN : slope * value + intercept;
  });
  return { ...map, values, SOPInstanceUID };
}
