import fc from 'fast-check';
import type { LabelMap } from '../../server/contracts.ts';
import { items, number, readPart10, text, texts } from '../../server/dicom/read.ts';
import { encode, USUAL_SITE } from '../../server/encode/index.ts';
import { compressFrame } from '../../server/encode/rle.ts';
import { decodeRle } from '../../server/retrieve/rle.ts';
import { brainCase, type Case } from './fixtures.ts';

const labelMap = (results: Case, compressLabelMaps = false) => {
  const object = encode(results, ['LABELMAP'], { ...USUAL_SITE, compressLabelMaps }).find(
    (o) => o.kind === 'LABELMAP',
  );
  if (!object) throw new Error('no label map');
  return { ...readPart10(object.bytes), object };
};

/** Any label map, as 8 or as 16 bits. */
const anyCase = fc
  .record({
    frames: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    segments: fc.integer({ min: 1, max: 3 }),
    words: fc.constantFrom(Uint8Array, Uint16Array),
  })
  .chain(({ frames, rows, columns, segments, words }) =>
    fc
      .array(fc.integer({ min: 0, max: segments }), {
        minLength: frames * rows * columns,
        maxLength: frames * rows * columns,
      })
      .map((labels) => withLabels({ shape: [frames, rows, columns], data: words.from(labels) }, segments)),
  );

function withLabels(map: LabelMap, segments: number): Case {
  const results = brainCase({ shape: map.shape, segments });
  return { ...results, prediction: { ...results.prediction, labelMap: map } };
}

/** Put together by the source image that each frame names. */
function decode(
  { dataset, pixels, TransferSyntaxUID }: ReturnType<typeof labelMap>,
  { volume }: Case,
): number[] {
  const size = volume.shape[1] * volume.shape[2];
  const width = (number(dataset, 'BitsAllocated') ?? 0) / 8;
  const isNative = TransferSyntaxUID === '1.2.840.10008.1.2.1';
  const labels = new Array<number>(volume.shape[0] * size).fill(0);
  items(dataset, 'PerFrameFunctionalGroupsSequence').forEach((groups, f) => {
    const derivation = items(groups, 'DerivationImageSequence')[0] ?? {};
    const uid = text(items(derivation, 'SourceImageSequence')[0] ?? {}, 'ReferencedSOPInstanceUID');
    const z = volume.frames.findIndex((frame) => frame.SOPInstanceUID === uid);
    const frame = isNative
      ? (pixels[0] as Uint8Array).subarray(f * size * width, (f + 1) * size * width)
      : decodeRle(pixels[f] as Uint8Array, size, 1, width);
    for (let i = 0; i < size; i++)
      labels[z * size + i] =
        (frame[i * width] as number) + (width === 2 ? 256 * (frame[i * width + 1] as number) : 0);
  });
  return labels;
}

test.each([false, true])('any label map is read back by source image, RLE: %s', (compress) => {
  fc.assert(
    fc.property(anyCase, (results) => {
      const read = decode(labelMap(results, compress), results);
      expect(read).toEqual([...(results.prediction.labelMap as LabelMap).data]);
    }),
    { numRuns: 40 },
  );
});

test('any frame of bytes or words is its RLE, unpacked; rows are coded by themselves (PS3.5 G.3.1)', () => {
  const pixels = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 65_535 }));
  const frame = fc
    .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4 }))
    .chain(([columns, rows]) =>
      fc.record({
        columns: fc.constant(columns),
        labels: fc.array(pixels, { minLength: rows * columns, maxLength: rows * columns }),
        words: fc.constantFrom(Uint8Array, Uint16Array),
      }),
    );
  fc.assert(
    fc.property(frame, ({ columns, labels, words }) => {
      const data = words.from(labels);
      const packed = compressFrame(data, columns);
      expect(packed.length % 2).toBe(0);
      const back = decodeRle(packed, data.length, 1, data.BYTES_PER_ELEMENT);
      expect(Buffer.from(back)).toEqual(Buffer.from(data.buffer));
      const rows = Array.from({ length: data.length / columns }, (_, r) =>
        compressFrame(data.subarray(r * columns, (r + 1) * columns), columns),
      );
      const payload = rows.reduce((sum, r) => sum + r.length - 64, 0);
      expect(packed.length - 64).toBeLessThanOrEqual(payload);
    }),
    { numRuns: 200 },
  );
});

test('RLE by hand: a run, a literal, and both bytes of a word (PS3.5 G.4)', () => {
  const packed = compressFrame(Uint16Array.of(0x0105, 0x0105, 0x0105, 0x0206), 4);
  expect([...new Uint32Array(Uint8Array.from(packed.subarray(0, 12)).buffer)]).toEqual([2, 64, 68]);
  expect([...packed.subarray(64)]).toEqual([254, 1, 0, 2, 254, 5, 0, 6]);
});

test('the background is described, last, and is the padding value', () => {
  const { dataset } = labelMap(brainCase());
  const segments = items(dataset, 'SegmentSequence');
  expect(segments.map((s) => number(s, 'SegmentNumber'))).toEqual([1, 2, 0]);
  expect(number(dataset, 'PixelPaddingValue')).toBe(0);
});

test('frames of background alone are left out, and have no Segment Identification', () => {
  const labels = new Uint8Array(4 * 5 * 7);
  labels[1 * 35] = 2;
  labels[3 * 35] = 1;
  const results = brainCase({ labels });
  const { dataset, object } = labelMap(results);
  const groups = items(dataset, 'PerFrameFunctionalGroupsSequence');
  expect(groups.map((g) => g.SegmentIdentificationSequence)).toEqual([undefined, undefined]);
  expect(
    groups.map((g) => texts(items(g, 'FrameContentSequence')[0] ?? {}, 'DimensionIndexValues').join()),
  ).toEqual(['1', '2']);
  const views = object.parts.filter((p) => p.buffer === labels.buffer);
  expect(views.map((v) => v.byteOffset)).toEqual([35, 105]);
});

test('nothing found is one empty frame', () => {
  const results = brainCase({ empty: true });
  const file = labelMap(results);
  expect(number(file.dataset, 'NumberOfFrames')).toBe(1);
  expect(decode(file, results).some((v) => v > 0)).toBe(false);
});

test('with 300 segments it has 16 bits, and is written unasked beside the Segmentation', () => {
  const data = Uint16Array.from({ length: 300 * 20 }, (_, i) => (i * 7) % 301);
  const results = withLabels({ shape: [10, 20, 30], data }, 300);
  const objects = encode(results, []);
  expect(objects.map((o) => o.kind)).toEqual(['SEG', 'LABELMAP', 'PM', 'SR']);
  const file = labelMap(results);
  expect(number(file.dataset, 'BitsAllocated')).toBe(16);
  expect(decode(file, results)).toEqual([...data]);
});

test('segments have the codes and tracking UIDs of the Segmentation', () => {
  const [seg, twin] = encode(brainCase(), ['LABELMAP']).map((o) =>
    items(readPart10(o.bytes).dataset, 'SegmentSequence'),
  );
  expect(twin?.slice(0, -1)).toEqual(seg);
});
