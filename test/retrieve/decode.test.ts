import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { type Part10, readPart10 } from '../../server/dicom/read.ts';
import { decoderOf } from '../../server/retrieve/codec.ts';
import { codestreamFacts } from '../../server/retrieve/codestream.ts';
import { FrameStore } from '../../server/retrieve/frame-store.ts';
import { pixelFormat } from '../../server/retrieve/pixel-format.ts';
import { frameReader } from '../../server/retrieve/pixels.ts';
import { decodeRle } from '../../server/retrieve/rle.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';

/** PackBits without runs: every literal stretch of up to 128 bytes behind its count. */
function packBits(bytes: Uint8Array): number[] {
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i += 128) {
    const part = bytes.subarray(i, i + 128);
    out.push(part.length - 1, ...part);
  }
  return out;
}

function rleFrame(segments: readonly (readonly number[])[]): Uint8Array {
  const header = new Uint32Array(16);
  header[0] = segments.length;
  let offset = 64;
  for (const [i, segment] of segments.entries()) {
    header[i + 1] = offset;
    offset += segment.length;
  }
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()]);
}

/** `count` values of `width` bytes, little endian; samples of a pixel beside each other. */
const encodeRle = (bytes: Uint8Array, samples: number, width: number): Uint8Array => {
  const segments = Array.from({ length: samples * width }, (_, s) => {
    const [sample, byte] = [Math.floor(s / width), width - 1 - (s % width)];
    return packBits(bytes.filter((_, i) => i % (samples * width) === sample * width + byte));
  });
  return rleFrame(segments);
};

test('any pixels through RLE and back (PS3.5 annex G)', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 3),
      fc.constantFrom(1, 2, 4),
      fc.integer({ min: 1, max: 200 }),
      (samples, width, pixels) => {
        const bytes = Uint8Array.from({ length: pixels * samples * width }, (_, i) => (i * 37) % 256);
        expect(decodeRle(encodeRle(bytes, samples, width), pixels, samples, width)).toEqual(bytes);
      },
    ),
    { seed: 4, numRuns: 60 },
  );
});

test.each([
  ['replicates, and −128 does nothing', [[0x80, 0xfd, 7]], [7, 7, 7, 7]],
  ['a padding byte at the end', [[3, 1, 2, 3, 4, 0]], [1, 2, 3, 4]],
])('RLE: %s (PS3.5 G.3.1)', (_, segments, expected) => {
  expect([...decodeRle(rleFrame(segments), 4, 1, 1)]).toEqual(expected);
});

test.each([
  ['too few bytes', rleFrame([[1, 1, 2]]), 'PIXELS_TRUNCATED'],
  ['a run beyond the pixels', rleFrame([[0x81, 9]]), 'PIXELS_TRUNCATED'],
  ['a literal beyond its segment', rleFrame([[3, 1]]), 'PIXELS_TRUNCATED'],
  ['no header', new Uint8Array(20), 'PIXELS_TRUNCATED'],
  ['another number of segments', rleFrame([[3, 1, 2, 3, 4], [0]]), 'DICOM_UNREADABLE'],
])('RLE with %s is refused', (_, frame, code) => {
  expect(() => decodeRle(frame, 4, 1, 1)).toThrow(expect.objectContaining({ code }));
});

test('frames come out in any order that is asked, in place', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 20 }), fc.nat(20), (keys, expected) => {
      const order = [...keys.keys()].sort((a, b) => (keys[a] as number) - (keys[b] as number));
      const store = new FrameStore(2, expected);
      for (const key of keys) store.next()().fill(key);
      const sorted = keys.toSorted((a, b) => a - b);
      expect([...store.inOrder(order)]).toEqual(sorted.flatMap((k) => [k, k]));
    }),
    { seed: 4, numRuns: 200 },
  );
});

const image = (
  attributes: Readonly<Record<string, unknown>>,
  pixels: Uint8Array,
  more: Partial<Part10> = {},
): Part10 => ({
  TransferSyntaxUID: '1.2.840.10008.1.2.1',
  dataset: {
    Rows: 1,
    Columns: 2,
    BitsAllocated: 8,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    ...attributes,
  },
  decimals: () => [],
  pixels: [pixels],
  ...more,
});

/** Into memory that is not empty: every sample must be written. */
async function valuesOf(instance: Part10): Promise<number[]> {
  const format = pixelFormat(instance);
  const samples = format.photometric.startsWith('MONO') ? 1 : 3;
  const out = new Float32Array(format.rows * format.columns * samples).fill(Number.NaN);
  await frameReader(instance, format)(0, () => out);
  return [...out];
}

const COLOUR = { SamplesPerPixel: 3, BitsStored: 8 };

test.each<[string, Part10, number[]]>([
  [
    'RGB',
    image({ ...COLOUR, PhotometricInterpretation: 'RGB' }, Uint8Array.of(1, 2, 3, 4, 5, 6)),
    [1, 2, 3, 4, 5, 6],
  ],
  [
    'RGB by planes',
    image(
      { ...COLOUR, PhotometricInterpretation: 'RGB', PlanarConfiguration: 1 },
      Uint8Array.of(1, 4, 2, 5, 3, 6),
    ),
    [1, 2, 3, 4, 5, 6],
  ],
  [
    'RGB of 16 bits, on the scale of 8',
    image(
      { ...COLOUR, PhotometricInterpretation: 'RGB', BitsAllocated: 16, BitsStored: 16, Columns: 1 },
      new Uint8Array(Uint16Array.of(0, 257, 65_535).buffer),
    ),
    [0, 1, 255],
  ],
  [
    // R = Y + 1.402 (Cr − 128), B = Y + 1.772 (Cb − 128), G by hand: 100 − 0.34414 · 10 − 0.71414 · 20 = 82.28
    'YBR_FULL',
    image({ ...COLOUR, PhotometricInterpretation: 'YBR_FULL' }, Uint8Array.of(100, 138, 148, 50, 128, 128)),
    [128, 82, 118, 50, 50, 50],
  ],
  [
    'YBR_FULL_422: one chrominance for two pixels',
    image({ ...COLOUR, PhotometricInterpretation: 'YBR_FULL_422' }, Uint8Array.of(100, 50, 138, 148)),
    [128, 82, 118, 78, 32, 68],
  ],
  [
    'PALETTE COLOR of 16 bits',
    image(
      {
        PhotometricInterpretation: 'PALETTE COLOR',
        ...Object.fromEntries(
          ['Red', 'Green', 'Blue'].flatMap((c, i) => [
            [`${c}PaletteColorLookupTableDescriptor`, [2, 5, 16]],
            [`${c}PaletteColorLookupTableData`, Uint16Array.of(257 * i, 65_535).buffer],
          ]),
        ),
      },
      Uint8Array.of(5, 200),
    ),
    [0, 1, 2, 255, 255, 255],
  ],
  [
    'PALETTE COLOR in segments',
    image(
      {
        PhotometricInterpretation: 'PALETTE COLOR',
        ...Object.fromEntries(
          ['Red', 'Green', 'Blue'].flatMap((c, i) => [
            [`${c}PaletteColorLookupTableDescriptor`, [5, 0, 8]],
            [`Segmented${c}PaletteColorLookupTableData`, [Uint8Array.of(0, 1, i, 1, 4, 40 + i).buffer]],
          ]),
        ),
      },
      Uint8Array.of(0, 3),
    ),
    [0, 1, 2, 30, 31, 32],
  ],
  [
    'bits in the middle of the word: overlays and rubbish around them go',
    image(
      { BitsAllocated: 16, BitsStored: 8, HighBit: 11, PixelRepresentation: 1 },
      new Uint8Array(Uint16Array.of(0xf7ff, 0x080f).buffer),
    ),
    [127, -128],
  ],
  [
    'single bits',
    image({ BitsAllocated: 1, Rows: 2, Columns: 5 }, Uint8Array.of(0b1010_0101, 0b10)),
    [1, 0, 1, 0, 0, 1, 0, 1, 0, 1],
  ],
  [
    'unsigned of 32 bits',
    image({ BitsAllocated: 32, RescaleSlope: 0.5 }, new Uint8Array(Uint32Array.of(4_294_967_294, 8).buffer)),
    [2_147_483_648, 4],
  ],
  [
    'float',
    image({ BitsAllocated: 32 }, new Uint8Array(Float32Array.of(-1.5, 2.25).buffer), { pixelType: 'float' }),
    [-1.5, 2.25],
  ],
  [
    'double',
    image({ BitsAllocated: 64 }, new Uint8Array(Float64Array.of(-1.5, 1e-3).buffer), { pixelType: 'double' }),
    [-1.5, Math.fround(1e-3)],
  ],
  [
    'a deflated frame',
    image({}, deflateRawSync(Uint8Array.of(7, 9)), { TransferSyntaxUID: '1.2.840.10008.1.2.8.1' }),
    [7, 9],
  ],
])('%s', async (_, instance, expected) => {
  expect(await valuesOf(instance)).toEqual(expected);
});

test.each([
  ['not a number', Number.NaN],
  ['infinite', Number.POSITIVE_INFINITY],
])('float pixels that are %s are refused', async (_, value) => {
  const pixels = new Uint8Array(Float32Array.of(value, 1).buffer);
  const instance = image({ BitsAllocated: 32 }, pixels, { pixelType: 'float' });
  await expect(valuesOf(instance)).rejects.toMatchObject({ code: 'PIXELS_UNSUPPORTED' });
});

test('a rescale that leaves float32 is refused', async () => {
  const instance = image({ RescaleSlope: '1e300' }, Uint8Array.of(0, 1));
  await expect(valuesOf(instance)).rejects.toMatchObject({ code: 'PIXELS_UNSUPPORTED' });
});

test.each([
  [
    'a colour transform without its compression',
    image({ ...COLOUR, PhotometricInterpretation: 'YBR_RCT' }, new Uint8Array(6)),
    'PIXELS_UNSUPPORTED',
  ],
  [
    'four samples',
    image({ SamplesPerPixel: 4, PhotometricInterpretation: 'CMYK' }, new Uint8Array(8)),
    'PIXELS_UNSUPPORTED',
  ],
  ['half a pixel', image({ Rows: 1.5 }, new Uint8Array(9)), 'PIXELS_UNSUPPORTED'],
  ['a high bit outside the word', image({ HighBit: 8 }, new Uint8Array(2)), 'PIXELS_UNSUPPORTED'],
  [
    'a deflate bomb in a frame',
    image({}, deflateRawSync(new Uint8Array(2 ** 20)), { TransferSyntaxUID: '1.2.840.10008.1.2.8.1' }),
    'PIXELS_TRUNCATED',
  ],
  [
    'MPEG',
    image({}, new Uint8Array(2), { TransferSyntaxUID: '1.2.840.10008.1.2.4.100' }),
    'TRANSFER_SYNTAX_UNSUPPORTED',
  ],
])('%s is refused', async (_, instance, code) => {
  await expect(valuesOf(instance)).rejects.toMatchObject({ code });
});

test('a compressed frame of another size than the header says is refused before it is decoded', async () => {
  const decode = await decoderOf('1.2.840.10008.1.2.4.70');
  // SOI, then SOF3: 8 bits, 65535 × 65535, one component.
  const frame = Uint8Array.of(0xff, 0xd8, 0xff, 0xc3, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 0, 0x11, 0);
  expect(codestreamFacts(frame)).toMatchObject({
    rows: 65_535,
    columns: 65_535,
    samples: 1,
    precision: 8,
    process: 3,
  });
  expect(() => decode(frame, pixelFormat(image({}, frame)))).toThrow(
    'a compressed frame is 65535 × 65535 × 1 at 8 bits, the header says 1 × 2 × 1 at 8',
  );
});

describeWithKit('frames of 8 bits in words of 16', () => {
  test.each([
    'CTImage.dcm_JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50',
    'TestPattern_JPEG-LS-Lossless',
    'TestPattern_JPEG-Lossless_RGB',
  ])('%s has the same pixels', async (name) => {
    const instance = readPart10(kitBytes('E_hostile', 'cornerstone_transfer_syntaxes', `${name}.dcm`));
    const inWords = { BitsAllocated: 16, BitsStored: 8, HighBit: 7 };
    const sum = async (change: object): Promise<number> => {
      const values = await valuesOf({ ...instance, dataset: { ...instance.dataset, ...change } });
      return values.reduce((a, b) => a + b, 0);
    };
    expect(await sum(inWords)).toBe(await sum({}));
  });
});
