import fc from 'fast-check';
import { items, number, readPart10, text, texts } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { brainCase, type Case } from './fixtures.ts';

const seg = (results: Case) => {
  const object = encode(results).find((o) => o.kind === 'SEG');
  if (!object) throw new Error('no SEG');
  return readPart10(object.bytes);
};

/** Label map as a reader without our code would put it together: bit i of the stream is pixel i of the frames in their order. */
function decode({ dataset, pixels }: ReturnType<typeof seg>, results: Case): Uint8Array {
  const frameSize = (number(dataset, 'Rows') ?? 0) * (number(dataset, 'Columns') ?? 0);
  const bytes = pixels[0] as Uint8Array;
  const labels = new Uint8Array(results.volume.data.length);
  items(dataset, 'PerFrameFunctionalGroupsSequence').forEach((groups, f) => {
    const segment =
      number(items(groups, 'SegmentIdentificationSequence')[0] ?? {}, 'ReferencedSegmentNumber') ?? 0;
    const derivation = items(groups, 'DerivationImageSequence')[0] ?? {};
    const uid = text(items(derivation, 'SourceImageSequence')[0] ?? {}, 'ReferencedSOPInstanceUID');
    const z = results.volume.frames.findIndex((frame) => frame.SOPInstanceUID === uid);
    for (let i = 0; i < frameSize; i++) {
      const bit = f * frameSize + i;
      if (((bytes[bit >> 3] as number) >> (bit & 7)) & 1) labels[z * frameSize + i] = segment;
    }
  });
  return labels;
}

test('any label map is read back from the bits, by the source image that each frame names', () => {
  const side = fc.integer({ min: 1, max: 9 });
  const anyMap = fc
    .tuple(fc.integer({ min: 1, max: 4 }), side, side, fc.integer({ min: 1, max: 3 }))
    .chain(([f, r, c, n]) =>
      fc.record({
        shape: fc.constant([f, r, c] as const),
        segments: fc.constant(n),
        labels: fc.uint8Array({ minLength: f * r * c, maxLength: f * r * c, max: n }),
      }),
    );
  fc.assert(
    fc.property(anyMap, (input) => {
      const results = brainCase(input);
      const file = seg(results);
      expect(decode(file, results)).toEqual(input.labels);
      const frames = number(file.dataset, 'NumberOfFrames') ?? 0;
      const bytes = Math.ceil((frames * input.shape[1] * input.shape[2]) / 8);
      expect(file.pixels[0]?.length).toBe(bytes + (bytes % 2));
    }),
    { numRuns: 60 },
  );
});

test('empty frames are left out, segment-major, and the index counts positions that occur', () => {
  const labels = new Uint8Array(4 * 5 * 7);
  labels[1 * 35] = 2;
  labels[3 * 35] = 2;
  labels[3 * 35 + 1] = 1;
  const { dataset } = seg(brainCase({ labels }));
  const index = items(dataset, 'PerFrameFunctionalGroupsSequence').map((g) =>
    texts(items(g, 'FrameContentSequence')[0] ?? {}, 'DimensionIndexValues').join(),
  );
  expect(index).toEqual(['1,2', '2,1', '2,2']);
});

test('only the images that frames cite are referenced (PS3.3 C.12.2)', () => {
  const labels = new Uint8Array(4 * 5 * 7);
  labels[2 * 35] = 1;
  const results = brainCase({ labels });
  const series = items(seg(results).dataset, 'ReferencedSeriesSequence')[0] ?? {};
  expect(items(series, 'ReferencedInstanceSequence').map((i) => text(i, 'ReferencedSOPInstanceUID'))).toEqual(
    [results.volume.frames[2]?.SOPInstanceUID],
  );
});

test('positions, orientation and spacing are the source’s own decimals', () => {
  const results = brainCase();
  const bytes = Buffer.from(encode(results)[0]?.bytes as Uint8Array).toString('latin1');
  for (const frame of results.volume.frames) expect(bytes).toContain(frame.ImagePositionPatient?.join('\\'));
  expect(bytes).toContain('0.8\\0.6\\0\\-0.48\\0.64\\0.6');
  expect(bytes).toContain('0.500\\0.75');
});

test('nothing found is one empty frame of segment 1', () => {
  const results = brainCase({ empty: true });
  const file = seg(results);
  expect(number(file.dataset, 'NumberOfFrames')).toBe(1);
  expect(decode(file, results).some((v) => v > 0)).toBe(false);
  expect(items(file.dataset, 'SegmentSequence')).toHaveLength(2);
});

test('a multi-frame source is cited by frame number, a single-frame source is not', () => {
  const results = brainCase();
  const frames = results.volume.frames.map((f, i) => ({ ...f, frameNumber: i + 1 }));
  const numbers = (file: ReturnType<typeof seg>) =>
    items(file.dataset, 'PerFrameFunctionalGroupsSequence').map((g) =>
      number(
        items(items(g, 'DerivationImageSequence')[0] ?? {}, 'SourceImageSequence')[0] ?? {},
        'ReferencedFrameNumber',
      ),
    );
  expect(numbers(seg({ ...results, volume: { ...results.volume, frames } })).slice(0, 2)).toEqual([1, 2]);
  expect(new Set(numbers(seg(results)))).toEqual(new Set([undefined]));
});

test.each([
  ['a label that is no segment', { labels: new Uint8Array(140).fill(9) }, 'label 9 is none of 2 segments'],
  ['a map on another grid', { shape: [4, 5, 8] as const }, 'is not on the source grid'],
])('%s is ENCODE_INVALID', (_, input, message) => {
  const results = brainCase();
  const { prediction } = brainCase(input);
  expect(() => encode({ ...results, prediction })).toThrow(message);
});

test('segments with a gap in their numbers are ENCODE_INVALID', () => {
  const results = brainCase();
  const findings = results.prediction.findings.slice(1);
  expect(() => encode({ ...results, prediction: { ...results.prediction, findings } })).toThrow(
    'without a gap',
  );
});
