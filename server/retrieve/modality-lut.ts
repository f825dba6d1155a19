import { functionalGroup, items, number, type Part10, plainNumber, texts } from '../dicom/read.ts';
import { EXPLICIT_BIG } from '../dicom/syntax.ts';
import { Fault } from '../shared/fault.ts';
import { expandPalette } from './segmented-palette.ts';

/** Stored value → value in units (PS3.3 C.11.1). */
export type ModalityLut = { readonly slope: number; readonly intercept: number } | Table;

/** Entry k is for the stored value `firstMapped` + k; values outside take the end entries. */
export interface Table {
  readonly table: ArrayLike<number>;
  readonly firstMapped: number;
  readonly length: number;
  /** Bits of an entry, as the descriptor says. */
  readonly bits: number;
}

/** Of a frame (from 0): its own or the shared transformation, the LUT sequence, rescale, else the value itself. */
export function modalityLut(instance: Part10, frame = 0): ModalityLut {
  const { dataset } = instance;
  const lut = items(dataset, 'ModalityLUTSequence')[0];
  if (lut) {
    const table = readTable(instance, lut.LUTDescriptor, lut.LUTData);
    // Its sign is that of the pixels; implicit files don't say so.
    const isNegative = number(dataset, 'PixelRepresentation') === 1 && table.firstMapped >= 2 ** 15;
    return isNegative ? { ...table, firstMapped: table.firstMapped - 2 ** 16 } : table;
  }
  const rescale = functionalGroup(dataset, frame, 'PixelValueTransformationSequence') ?? dataset;
  return {
    slope: plainNumber(rescale, 'RescaleSlope') ?? 1,
    intercept: plainNumber(rescale, 'RescaleIntercept') ?? 0,
  };
}

export const lookUp = ({ table, firstMapped, length }: Table, stored: number): number =>
  table[Math.min(length - 1, Math.max(0, stored - firstMapped))] as number;

/** The red, green and blue tables of PALETTE COLOR (PS3.3 C.7.6.3.1.5, .6). */
export function palette(instance: Part10): readonly [Table, Table, Table] {
  const { dataset } = instance;
  return (['Red', 'Green', 'Blue'] as const).map((colour) => {
    const name = `${colour}PaletteColorLookupTable` as const;
    const segments = dataset[`Segmented${name}Data`];
    return readTable(instance, dataset[`${name}Descriptor`], segments ?? dataset[`${name}Data`], {
      segmented: segments !== undefined,
    });
  }) as unknown as readonly [Table, Table, Table];
}

/** A descriptor is entries (0 means 65536), first stored value mapped, bits of an entry. */
export function readTable(
  { TransferSyntaxUID }: Part10,
  descriptor: unknown,
  data: unknown,
  { segmented = false } = {},
): Table {
  const [entries = 0, firstMapped = 0, bits = 16] = texts({ descriptor }, 'descriptor').map(Number);
  const length = entries > 0 ? entries : entries + 2 ** 16;
  if (TransferSyntaxUID === EXPLICIT_BIG)
    throw new Fault('PIXELS_UNSUPPORTED', 'a lookup table in big endian');
  const table = segmented ? expandPalette(segmentsOf(data, bits), length) : tableData(data, { length, bits });
  if (table.length < length) {
    throw new Fault(
      'PIXELS_TRUNCATED',
      `a lookup table promises ${length} entries and holds ${table.length}`,
    );
  }
  return { table, firstMapped, length, bits };
}

/** Of 8 bits they come two in a word. */
function segmentsOf(value: unknown, bits: number): Uint8Array | Uint16Array {
  const data: unknown = Array.isArray(value) ? value[0] : value;
  if (!(data instanceof ArrayBuffer))
    throw new Fault('DICOM_UNREADABLE', 'a segmented palette holds no data');
  return bits <= 8 ? new Uint8Array(data) : new Uint16Array(data, 0, data.byteLength >> 1);
}

/** Entries of 8 bits come two in a word or, by older writers, each in its own word. */
function tableData(value: unknown, { length, bits }: { length: number; bits: number }): ArrayLike<number> {
  const data: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (data instanceof ArrayBuffer) {
    return bits <= 8 && data.byteLength < 2 * length
      ? new Uint8Array(data)
      : new Uint16Array(data, 0, data.byteLength >> 1);
  }
  if (Array.isArray(data) && data.every((v) => typeof v === 'number')) return data;
  throw new Fault('DICOM_UNREADABLE', 'a lookup table holds no data');
}
