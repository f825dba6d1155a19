import { items, number, type Part10, text, texts } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';
import { type DecodeFrame, decoderOf } from './codec.ts';

/** Largest image that is read: 2^28 pixels. Checked before anything is allocated. */
const MAX_PIXELS = 2 ** 28;

export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly signed: boolean;
  readonly inverted: boolean;
}

/** The pixel module of a single-frame grey image, checked. Throws PIXELS_UNSUPPORTED or DICOM_UNREADABLE. */
export function pixelFormat({ dataset }: Part10): PixelFormat {
  const rows = required(dataset, 'Rows');
  const columns = required(dataset, 'Columns');
  const bitsAllocated = required(dataset, 'BitsAllocated');
  const bitsStored = number(dataset, 'BitsStored') ?? bitsAllocated;
  const photometric = text(dataset, 'PhotometricInterpretation') ?? '';
  const frames = number(dataset, 'NumberOfFrames') ?? 1;
  const samples = number(dataset, 'SamplesPerPixel') ?? 1;
  if (rows * columns === 0 || rows * columns > MAX_PIXELS) {
    throw new Fault('PIXELS_UNSUPPORTED', `${rows} × ${columns} pixels are outside what is read`);
  }
  if (frames !== 1) throw new Fault('PIXELS_UNSUPPORTED', `the instance holds ${frames} frames`);
  if (samples !== 1 || !['MONOCHROME1', 'MONOCHROME2'].includes(photometric)) {
    throw new Fault(
      'PIXELS_UNSUPPORTED',
      `the image is ${photometric || 'of unknown colour'} with ${samples} samples`,
    );
  }
  if (![8, 16].includes(bitsAllocated) || bitsStored < 1 || bitsStored > bitsAllocated) {
    throw new Fault('PIXELS_UNSUPPORTED', `${bitsStored} of ${bitsAllocated} bits a pixel`);
  }
  return {
    rows,
    columns,
    bitsAllocated,
    bitsStored,
    signed: number(dataset, 'PixelRepresentation') === 1,
    inverted: photometric === 'MONOCHROME1',
  };
}

/** Decodes one instance into `out` (rows × columns) after the modality LUT (PS3.3 C.11.1). Throws PIXELS_TRUNCATED. */
export async function readPixels(instance: Part10, format: PixelFormat, out: Float32Array): Promise<void> {
  const stored = storedPixels(instance, format, await decoderOf(instance.TransferSyntaxUID));
  const lut = modalityLut(instance);
  // Bits above BitsStored may hold anything, overlays among it: shift them out, and the sign in.
  const unused = 32 - format.bitsStored;
  if ('table' in lut) {
    for (let i = 0; i < out.length; i++) out[i] = lookUp(lut, clean(stored[i] as number, format));
  } else if (format.signed) {
    for (let i = 0; i < out.length; i++)
      out[i] = (((stored[i] as number) << unused) >> unused) * lut.slope + lut.intercept;
  } else {
    for (let i = 0; i < out.length; i++)
      out[i] = (((stored[i] as number) << unused) >>> unused) * lut.slope + lut.intercept;
  }
}

const clean = (stored: number, { bitsStored, signed }: PixelFormat): number =>
  signed
    ? (stored << (32 - bitsStored)) >> (32 - bitsStored)
    : (stored << (32 - bitsStored)) >>> (32 - bitsStored);

/** PixelPaddingValue after the modality LUT, read with the sign of the pixels whatever VR it was stored with. */
export function paddingValue(instance: Part10, format: PixelFormat): number | null {
  const raw = number(instance.dataset, 'PixelPaddingValue');
  if (raw === undefined) return null;
  const signed = format.signed && raw >= 2 ** 15 ? raw - 2 ** 16 : raw;
  const lut = modalityLut(instance);
  return 'table' in lut ? lookUp(lut, signed) : signed * lut.slope + lut.intercept;
}

const required = (dataset: Part10['dataset'], keyword: string): number => {
  const value = number(dataset, keyword);
  if (value === undefined) throw new Fault('DICOM_UNREADABLE', `${keyword} is missing`);
  return value;
};

/** The pixels as they are stored, unsigned. */
function storedPixels(
  instance: Part10,
  format: PixelFormat,
  decode: DecodeFrame | undefined,
): Uint8Array | Uint16Array {
  const { rows, columns, bitsAllocated } = format;
  const first = instance.pixels[0];
  if (!first) throw new Fault('PIXELS_TRUNCATED', 'the instance has no pixel data');
  const bytes = decode ? decode(joined(instance.pixels), format) : first;
  const need = (rows * columns * bitsAllocated) / 8;
  if (bytes.length < need) {
    throw new Fault(
      'PIXELS_TRUNCATED',
      `the header promises ${need} bytes of pixels, the file holds ${bytes.length}`,
    );
  }
  if (bitsAllocated === 8) return bytes;
  // A view where the alignment allows it, else a copy. DICOM and all our machines are little endian.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, need / 2);
}

/** A single frame may come in several fragments. */
const joined = (fragments: readonly Uint8Array[]): Uint8Array =>
  fragments.length === 1 ? (fragments[0] as Uint8Array) : Buffer.concat(fragments);

type ModalityLut = { readonly slope: number; readonly intercept: number } | Table;

/** Entry k is for the stored value `firstMapped` + k; values outside take the end entries. */
interface Table {
  readonly table: ArrayLike<number>;
  readonly firstMapped: number;
  readonly length: number;
}

/** Stored value → value in units: the LUT sequence when present, else rescale, else the value itself. */
function modalityLut({ dataset }: Part10): ModalityLut {
  const lut = items(dataset, 'ModalityLUTSequence')[0];
  if (lut) return readTable(lut);
  return { slope: number(dataset, 'RescaleSlope') ?? 1, intercept: number(dataset, 'RescaleIntercept') ?? 0 };
}

const lookUp = ({ table, firstMapped, length }: Table, stored: number): number =>
  table[Math.min(length - 1, Math.max(0, stored - firstMapped))] as number;

/** A LUT (PS3.3 C.11.1.1): its descriptor is entries (0 means 65536), first stored value mapped, bits. */
function readTable(lut: Part10['dataset']): Table {
  const [entries = 0, firstMapped = 0, bits = 16] = texts(lut, 'LUTDescriptor').map(Number);
  const length = entries === 0 ? 2 ** 16 : entries;
  const table = lutData(lut.LUTData, bits);
  if (table.length < length) {
    throw new Fault(
      'PIXELS_TRUNCATED',
      `the modality LUT promises ${length} entries and holds ${table.length}`,
    );
  }
  return { table, firstMapped, length };
}

function lutData(value: unknown, bits: number): ArrayLike<number> {
  const data: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (data instanceof ArrayBuffer) return bits > 8 ? new Uint16Array(data) : new Uint8Array(data);
  if (Array.isArray(data) && data.every((v) => typeof v === 'number')) return data;
  throw new Fault('DICOM_UNREADABLE', 'the modality LUT holds no data');
}
