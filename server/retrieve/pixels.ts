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
  const decode = await decoderOf(instance.TransferSyntaxUID);
  const stored = storedValues(instance, format, decode);
  const toUnit = modalityLut(instance);
  for (let i = 0; i < out.length; i++) out[i] = toUnit(stored(i));
}

/** PixelPaddingValue after the modality LUT, read with the sign of the pixels whatever VR it was stored with. */
export function paddingValue(instance: Part10, format: PixelFormat): number | null {
  const raw = number(instance.dataset, 'PixelPaddingValue');
  if (raw === undefined) return null;
  const signed = format.signed && raw >= 2 ** 15 ? raw - 2 ** 16 : raw;
  return modalityLut(instance)(signed);
}

const required = (dataset: Part10['dataset'], keyword: string): number => {
  const value = number(dataset, keyword);
  if (value === undefined) throw new Fault('DICOM_UNREADABLE', `${keyword} is missing`);
  return value;
};

/** Stored value of pixel i: the low BitsStored bits, sign-extended when signed. */
function storedValues(
  instance: Part10,
  format: PixelFormat,
  decode: DecodeFrame | undefined,
): (i: number) => number {
  const { rows, columns, bitsAllocated, bitsStored, signed } = format;
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unused = 32 - bitsStored;
  const at =
    bitsAllocated === 8 ? (i: number) => view.getUint8(i) : (i: number) => view.getUint16(2 * i, true);
  return signed ? (i) => (at(i) << unused) >> unused : (i) => (at(i) << unused) >>> unused;
}

/** A single frame may come in several fragments. */
const joined = (fragments: readonly Uint8Array[]): Uint8Array =>
  fragments.length === 1 ? (fragments[0] as Uint8Array) : Buffer.concat(fragments);

/** Stored value → value in units: the LUT sequence when present, else rescale, else the value itself. */
function modalityLut({ dataset }: Part10): (stored: number) => number {
  const lut = items(dataset, 'ModalityLUTSequence')[0];
  if (lut) return table(lut);
  const slope = number(dataset, 'RescaleSlope') ?? 1;
  const intercept = number(dataset, 'RescaleIntercept') ?? 0;
  return (stored) => stored * slope + intercept;
}

/** A LUT (PS3.3 C.11.1.1): descriptor is entries, first stored value mapped, bits; values outside take the end entries. */
function table(lut: Part10['dataset']): (stored: number) => number {
  const [entries = 0, firstMapped = 0, bits = 16] = texts(lut, 'LUTDescriptor').map(Number);
  const length = entries === 0 ? 2 ** 16 : entries;
  const values = lutData(lut.LUTData, bits);
  if (values.length < length) {
    throw new Fault(
      'PIXELS_TRUNCATED',
      `the modality LUT promises ${length} entries and holds ${values.length}`,
    );
  }
  return (stored) => values[Math.min(length - 1, Math.max(0, stored - firstMapped))] as number;
}

function lutData(value: unknown, bits: number): ArrayLike<number> {
  const data: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (data instanceof ArrayBuffer) return bits > 8 ? new Uint16Array(data) : new Uint8Array(data);
  if (Array.isArray(data) && data.every((v) => typeof v === 'number')) return data;
  throw new Fault('DICOM_UNREADABLE', 'the modality LUT holds no data');
}
