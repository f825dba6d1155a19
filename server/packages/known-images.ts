import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { PNG } from 'pngjs';
import type { Volume } from '../contracts.ts';
import { readPart10 } from '../dicom/read.ts';
import { SeriesInstanceUID } from '../dicom/uid.ts';
import { decoderOf } from '../retrieve/codec.ts';
import { codestreamFacts } from '../retrieve/codestream.ts';
import { assembleVolume } from '../retrieve/volume.ts';
import { asFault, Fault } from '../shared/fault.ts';

/** Images whose truth is known, for the reference of a package: DICOM files, or pictures of them. */

export interface KnownImage {
  readonly path: string;
  /** The name of its folder, where that is one inside the folder that was given. */
  readonly truth?: string;
}

/** The images of a folder and of the folders in it, by name. Throws REQUEST_INVALID without any. */
export async function knownImages(folder: string): Promise<readonly KnownImage[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${folder} cannot be read`, { cause });
  });
  const images = entries
    .filter((e) => !e.isDirectory() && READERS[extname(e.name).toLowerCase()])
    .map(({ parentPath, name }) => ({
      path: join(parentPath, name),
      ...(join(parentPath) === join(folder) ? {} : { truth: basename(parentPath) }),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  if (images.length === 0)
    throw new Fault('REQUEST_INVALID', `${folder} holds no ${Object.keys(READERS).join(', ')} file`);
  return images;
}

/** An image as the server would read it. Throws what reading throws, with the file's name. */
export async function readKnown({ path }: KnownImage): Promise<Volume> {
  try {
    const bytes = new Uint8Array(await readFile(path));
    return await (READERS[extname(path).toLowerCase()] as Reader)(bytes);
  } catch (error) {
    throw new Fault(asFault(error).code, `${path}: ${asFault(error).detail}`, { cause: error });
  }
}

type Reader = (bytes: Uint8Array) => Promise<Volume>;

const READERS: Readonly<Record<string, Reader>> = {
  '.dcm': async (bytes) => assembleVolume([readPart10(bytes)]),
  '.png': async (bytes) => {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    return pictureOf({ rows: height, columns: width, values: data, samples: 4 });
  },
  '.jpg': readJpeg,
  '.jpeg': readJpeg,
};

const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';

async function readJpeg(bytes: Uint8Array): Promise<Volume> {
  const { rows, columns, samples } = codestreamFacts(bytes);
  const decode = await decoderOf(JPEG_BASELINE);
  const { bytes: values } = decode(bytes, {
    rows,
    columns,
    frames: 1,
    samples: samples === 1 ? 1 : 3,
    photometric: samples === 1 ? 'MONOCHROME2' : 'YBR_FULL',
    planar: false,
    type: 'integer',
    bitsAllocated: 8,
    bitsStored: 8,
    highBit: 7,
    signed: false,
  });
  return pictureOf({ rows, columns, values, samples });
}

export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
  /** Pixel by pixel; the first is the grey: red of a grey PNG, luma of a JPEG. */
  readonly samples: number;
}

/** Shown from 0 to 255, as a DICOM file of it would say. */
export const pictureOf = ({ rows, columns, values, samples }: Picture): Volume => ({
  shape: [1, rows, columns],
  data: Float32Array.from({ length: rows * columns }, (_, i) => values[i * samples] as number),
  inverted: false,
  padding: null,
  unit: null,
  voi: { window: { centre: 127.5, width: 255, shape: 'LINEAR_EXACT' }, count: 1 },
  PixelSpacing: null,
  geometry: null,
  frames: [],
  SeriesInstanceUID: SeriesInstanceUID.parse('2.25.0'),
  header: {},
});
