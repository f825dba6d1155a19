import { PNG } from 'pngjs';

/** 8-bit samples, row by row. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  /** Of a pixel: 1 grey, 3 red, green and blue, 4 with straight alpha. */
  readonly samples: 1 | 3 | 4;
  readonly data: Uint8Array;
}

/** Colour types of PNG (RFC 2083, 4.1.1). */
const TYPES = { 1: 0, 3: 2, 4: 6 } as const;
/** Sub: cheap, and good enough for pictures. */
const FILTER = 1;
const LEVEL = 3;

/** As PNG; it is compressed beside the main thread. */
export function pngOf({ rows, columns, samples, data }: Picture): Promise<Buffer> {
  const colorType = TYPES[samples];
  const png = new PNG({
    width: columns,
    height: rows,
    colorType,
    inputColorType: colorType,
    inputHasAlpha: samples === 4,
    bitDepth: 8,
    filterType: FILTER,
    deflateLevel: LEVEL,
  });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    png
      .pack()
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => resolve(Buffer.concat(pieces)))
      .on('error', reject);
  });
}
