import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DicomObject, LabelMap, Volume } from '../../server/contracts.ts';
import { functionalGroup, number, readPart10 } from '../../server/dicom/read.ts';
import { encode, USUAL_SITE } from '../../server/encode/index.ts';
import type { ExplanationMap } from '../../server/explanation.ts';
import { disagreementsOf, errorsOf } from '../helpers/validators.ts';
import type { Case } from './fixtures.ts';
import { SOURCES, type SourceKind, sourceCase } from './sources.ts';

/** Where set-up installs highdicom; Debian has none. */
const PACKAGES = '.cache/python';
const READERS: readonly (readonly [reader: string, python: string, PYTHONPATH: string])[] = [
  ['pydicom', '/usr/bin/python3', ''],
  ...(existsSync(join(PACKAGES, 'highdicom')) ? [['highdicom', 'python3', PACKAGES] as const] : []),
];
if (READERS.length === 1)
  process.stderr.write('\n*** NOT RUN: highdicom (npm test installs it in .cache/python) ***\n');

interface Read {
  readonly segments: readonly number[];
  readonly frames: readonly {
    readonly uid: string;
    readonly frame: number | null;
    readonly pixels: string;
  }[];
}

const folder = mkdtempSync(join(tmpdir(), 'pellucid-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readBy(
  [reader, python, PYTHONPATH]: (typeof READERS)[number],
  objects: readonly DicomObject[],
): Read[] {
  const files = objects.map(({ SOPInstanceUID, bytes }) => {
    const file = join(folder, `${SOPInstanceUID}.dcm`);
    writeFileSync(file, bytes);
    return file;
  });
  return execFileSync(python, ['test/oracle/read_pixels.py', '--by', reader, ...files], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH },
  })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Read);
}

/** By source frame, in base64. */
const pixelsOf = ({ frames }: Read): Record<string, string> =>
  Object.fromEntries(frames.map(({ uid, frame, pixels }) => [`${uid} ${frame}`, pixels]));

function expectedOf({ frames, shape }: Volume, data: Uint16Array | Float32Array): Record<string, string> {
  const size = shape[1] * shape[2];
  return Object.fromEntries(
    frames.flatMap(({ SOPInstanceUID, frameNumber }, i) => {
      const pixels = data.slice(i * size, (i + 1) * size);
      if (pixels.every((v) => v === 0)) return [];
      return [
        [`${SOPInstanceUID} ${frameNumber ?? null}`, Buffer.from(pixels.buffer).toString('base64')] as const,
      ];
    }),
  );
}

const labelsOf = (results: Case): Record<string, string> =>
  expectedOf(results.volume, Uint16Array.from((results.prediction.labelMap as LabelMap).data));

const isPlaced = (kind: SourceKind): boolean => kind.includes('CT') || kind.startsWith('enhanced');

test.each(SOURCES)(
  '%s: every object is clean in dciodvfy and dcentvfy; label maps are unknown to both',
  async (kind) => {
    const results = await sourceCase(kind);
    const objects = encode(results, ['LABELMAP', 'KOS']);
    const maps = isPlaced(kind) ? ['PM'] : ['SC', 'MAP'];
    expect(objects.map((o) => o.kind)).toEqual(['SEG', 'LABELMAP', ...maps, 'KOS', 'SR']);
    const known = objects.filter((o) => o.kind !== 'LABELMAP').map((o) => o.bytes);
    expect(known.flatMap(errorsOf)).toEqual([]);
    expect(disagreementsOf([...results.sources, ...known])).toEqual([]);
  },
);

test.each<[SourceKind, number | undefined]>([
  ['CT', 2.5],
  ['enhanced MR', 2.5],
  ['tilted CT', undefined],
  ['irregular CT', undefined],
  ['CT of one slice', undefined],
])('%s: the spacing between slices is %p', async (kind, spacing) => {
  for (const object of encode(await sourceCase(kind), ['LABELMAP']).filter(
    (o) => o.kind !== 'SR' && o.kind !== 'KOS',
  )) {
    const { dataset } = readPart10(object.bytes);
    const measures = functionalGroup(dataset, 0, 'PixelMeasuresSequence') ?? {};
    expect([number(measures, 'SpacingBetweenSlices'), number(measures, 'SliceThickness')]).toEqual([
      spacing,
      2,
    ]);
  }
});

test.each(READERS)(
  '%s reads the very pixels by source frame, of every kind of source',
  async (...reader) => {
    const cases = await Promise.all(SOURCES.map((kind) => sourceCase(kind)));
    const rle = { ...USUAL_SITE, compressLabelMaps: true };
    const wanted = cases.flatMap((results) =>
      [
        ...encode(results, ['LABELMAP']),
        ...encode(results, ['LABELMAP'], rle).filter((o) => o.kind === 'LABELMAP'),
      ]
        .filter((o) => ['SEG', 'LABELMAP', 'PM'].includes(o.kind))
        .map((object) => ({ object, results })),
    );
    const read = readBy(
      reader,
      wanted.map((w) => w.object),
    );
    for (const [i, { object, results }] of wanted.entries()) {
      const { segments } = read[i] as Read;
      const [map] = results.explanation.maps as [ExplanationMap];
      const expected = object.kind === 'PM' ? expectedOf(results.volume, map.data) : labelsOf(results);
      expect(pixelsOf(read[i] as Read)).toEqual(expected);
      expect(segments).toEqual({ SEG: [1, 2, 3], LABELMAP: [1, 2, 3, 0], PM: [] }[object.kind as 'SEG']);
    }
  },
  120_000,
);
