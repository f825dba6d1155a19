import { number, type Part10, plainNumber, text } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';

/** Largest image that is read: 2^28 samples in all frames. Checked before anything is allocated. */
const MAX_SAMPLES = 2 ** 28;

/** The Image Pixel module (PS3.3 C.7.6.3), checked. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /** Samples a pixel as they are stored. */
  readonly samples: 1 | 3;
  readonly photometric: Photometric;
  /** Colour planes one after the other, not pixel by pixel. */
  readonly planar: boolean;
  readonly type: 'integer' | 'float' | 'double';
  /** 1, 8, 16, 32 or 64. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
}

const GREY = ['MONOCHROME1', 'MONOCHROME2'] as const;
const COLOUR = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT'] as const;
export type Photometric = (typeof GREY)[number] | (typeof COLOUR)[number] | 'PALETTE COLOR';

/** The format of an image, or why it is not read. Throws PIXELS_UNSUPPORTED and DICOM_UNREADABLE. */
export function pixelFormat({ dataset, pixels, pixelType = 'integer' }: Part10): PixelFormat {
  if (pixels.length === 0) unsupported('the object holds no pixels');
  const rows = required(dataset, 'Rows');
  const columns = required(dataset, 'Columns');
  const frames = plainNumber(dataset, 'NumberOfFrames') ?? 1;
  const samples = number(dataset, 'SamplesPerPixel') ?? 1;
  const bitsAllocated = required(dataset, 'BitsAllocated');
  const bitsStored = number(dataset, 'BitsStored') ?? bitsAllocated;
  const highBit = number(dataset, 'HighBit') ?? bitsStored - 1;
  const total = rows * columns * frames * samples;
  if (![rows, columns, frames].every((n) => Number.isInteger(n) && n > 0) || !(total <= MAX_SAMPLES)) {
    unsupported(`${frames} × ${rows} × ${columns} pixels are outside what is read`);
  }
  const photometric = photometricOf(text(dataset, 'PhotometricInterpretation') ?? '', samples);
  const widths = { integer: [1, 8, 16, 32], float: [32], double: [64] }[pixelType];
  const fits = bitsStored >= 1 && highBit >= bitsStored - 1 && highBit < bitsAllocated;
  if (!widths.includes(bitsAllocated) || (pixelType === 'integer' && !fits)) {
    unsupported(`${bitsStored} of ${bitsAllocated} bits a pixel, high bit ${highBit}`);
  }
  if (samples === 3 && (pixelType !== 'integer' || bitsAllocated === 1)) unsupported('colour of this depth');
  return {
    rows,
    columns,
    frames,
    samples: samples as 1 | 3,
    photometric,
    planar: samples === 3 && number(dataset, 'PlanarConfiguration') === 1,
    type: pixelType,
    bitsAllocated,
    bitsStored,
    highBit,
    signed: number(dataset, 'PixelRepresentation') === 1,
  };
}

/** Samples a pixel of what is made of the image. */
export const samplesRead = ({ photometric }: PixelFormat): 1 | 3 => (isGrey(photometric) ? 1 : 3);

/** Bytes of one frame as it is stored without compression. Frames of single bits follow each other without a gap. */
export function frameBytes({ rows, columns, samples, photometric, bitsAllocated }: PixelFormat): number {
  const pixels = rows * columns;
  if (photometric === 'YBR_FULL_422') return (pixels * 2 * bitsAllocated) / 8;
  return (pixels * samples * bitsAllocated) / 8;
}

function photometricOf(written: string, samples: number): Photometric {
  const known = [...GREY, ...COLOUR, 'PALETTE COLOR' as const].find((p) => p === written);
  const wanted = COLOUR.some((c) => c === known) ? 3 : 1;
  if (!known || samples !== wanted) {
    unsupported(
      `the image is ${written.slice(0, 16) || 'of unknown colour'} with ${samples} samples a pixel`,
    );
  }
  return known;
}

const isGrey = (photometric: Photometric): boolean => GREY.some((g) => g === photometric);

function required(dataset: Part10['dataset'], keyword: string): number {
  const value = number(dataset, keyword);
  if (value === undefined) throw new Fault('DICOM_UNREADABLE', `${keyword} is missing`);
  return value;
}

function unsupported(what: string): never {
  throw new Fault('PIXELS_UNSUPPORTED', what);
}
