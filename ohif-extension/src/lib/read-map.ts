import { CODES } from '../../../server/dicom/code.ts';
import { codeOf, type DicomJson, items, number, sameCode, text } from './dicom-json.ts';
import { imageKey, type ValueMap } from './value-map.ts';

export const GRAYSCALE_WORD_SC = '1.2.840.10008.5.1.4.1.1.7.3';

/** What the header of a value image says, before its pixels are there. */
export type MapHeader = Omit<ValueMap, 'values'> & { readonly slope: number; readonly intercept: number };

interface WordHeader extends MapHeader {
  readonly padding?: number;
}

/** A value image over projections (docs/result-format.md); undefined when it isn't one that we can draw. */
export function readMapHeader(instance: DicomJson): WordHeader | undefined {
  const mapping = mappingOf(instance);
  const rows = number(instance, 'Rows');
  const columns = number(instance, 'Columns');
  const centre = number(instance, 'WindowCenter');
  const width = number(instance, 'WindowWidth');
  const padding = number(instance, 'PixelPaddingValue');
  if (!mapping || !rows || !columns) return undefined;
  if (centre === undefined || width === undefined || number(instance, 'BitsAllocated') !== 16)
    return undefined;
  if (number(instance, 'PixelRepresentation') === 1) return undefined;
  const { slope, intercept } = mapping;
  return {
    ...mapping,
    ...wordsOf(text(instance, 'DerivationDescription')),
    rows,
    columns,
    // The ends of a LINEAR window (PS3.3 C.11.2.1.2).
    low: slope * (centre - width / 2) + intercept,
    high: slope * (centre + width / 2 - 1) + intercept,
    images: items(instance, 'SourceImageSequence').flatMap(imageOf),
    ...(padding === undefined ? {} : { padding }),
  };
}

/** All frames' stored values (little endian), one buffer a frame; undefined when they are not of the declared size: what is longer may be a page to log in at. */
export function readMap(header: WordHeader, frames: readonly ArrayBuffer[]): ValueMap | undefined {
  const { slope, intercept, padding, ...map } = header;
  const size = map.rows * map.columns;
  if (frames.length < map.images.length || frames.some((f) => f.byteLength !== 2 * size)) return undefined;
  const values = new Float32Array(map.images.length * size);
  for (let frame = 0, at = 0; frame < map.images.length; frame++) {
    const view = new DataView(frames[frame] as ArrayBuffer);
    for (let i = 0; i < size; i++, at++) {
      const stored = view.getUint16(2 * i, true);
      values[at] = stored === padding ? Number.NaN : slope * stored + intercept;
    }
  }
  return { ...map, values };
}

/** What the stored numbers mean (PS3.3 C.7.6.16.2.11), and so how they are read. */
export function mappingOf(
  dataset: DicomJson,
): Pick<MapHeader, 'slope' | 'intercept' | 'unit' | 'reading'> | undefined {
  const mapping = items(dataset, 'RealWorldValueMappingSequence')[0];
  const slope = mapping && number(mapping, 'RealWorldValueSlope');
  const intercept = mapping && number(mapping, 'RealWorldValueIntercept');
  if (!mapping || slope === undefined || intercept === undefined) return undefined;
  const isMargin = items(mapping, 'QuantityDefinitionSequence').some((quantity) =>
    sameCode(codeOf(quantity, 'ConceptCodeSequence'), CODES.marginMap),
  );
  return {
    slope,
    intercept,
    unit: codeOf(mapping, 'MeasurementUnitsCodeSequence')?.value ?? '',
    reading: isMargin ? 'doubt' : 'evidence',
  };
}

/** How the values came about, in full: what explains the mapping has room for 64 characters. */
export const methodOf = (mapping: DicomJson): string | undefined =>
  items(mapping, 'QuantityDefinitionSequence')
    .filter((item) => sameCode(codeOf(item, 'ConceptNameCodeSequence'), MEASUREMENT_METHOD))
    .flatMap((item) => text(item, 'TextValue') ?? [])[0];

const MEASUREMENT_METHOD = { value: '370129005', scheme: 'SCT' };

/** `<name>: <method>`; of others the whole is the name. */
export function wordsOf(words = ''): Pick<MapHeader, 'name' | 'method'> {
  const [, name = words, method = ''] = /^([^:]*): (.*)$/s.exec(words) ?? [];
  return { name, method };
}

/** The image that an item refers to. */
export function imageOf(reference: DicomJson): readonly string[] {
  const uid = text(reference, 'ReferencedSOPInstanceUID');
  return uid ? [imageKey(uid, number(reference, 'ReferencedFrameNumber'))] : [];
}
