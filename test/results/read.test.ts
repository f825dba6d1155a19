import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../../server/encode/index.ts';
import { verifyReport } from '../../server/encode/verify.ts';
import { readResult } from '../../server/results/read.ts';
import type { Segmentation } from '../../server/results/segmentation.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';

/** `npm run conformance` takes a thousand of each. */
test('read(write(x)) = x: 300 random results, every kind', () => {
  const run = spawnSync(process.execPath, [join(__dirname, 'round-trip.ts'), '150'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const compared = JSON.parse(run.stdout) as Record<string, number>;
  expect(Object.keys(compared).sort()).toEqual(['KOS', 'LABELMAP', 'MAP', 'PM', 'SC', 'SEG', 'SR']);
  expect(Math.min(...Object.values(compared))).toBeGreaterThanOrEqual(150);
}, 240_000);

test('a verified report is read as such, with its predecessor and its reader', () => {
  const report = encode(chestCase()).at(-1)?.bytes as Uint8Array;
  const assessment = {
    person: 'Reader^Rita',
    organization: 'Tests',
    verdict: 'accepted',
    at: '2026-11-26T08:15:00.000Z',
  } as const;
  const verified = readResult(verifyReport(report, assessment).bytes);
  expect(verified).toMatchObject({
    kind: 'report',
    isVerified: true,
    observers: ['Test model for encoders', 'Reader^Rita'],
    predecessors: [{ SOPInstanceUID: readResult(report).SOPInstanceUID }],
  });
});

test('the page is no result that is read', () => {
  const page = encode(chestCase(), ['PDF']).find((o) => o.kind === 'PDF')?.bytes as Uint8Array;
  expect(readResult(page)).toMatchObject({ kind: 'other', reason: expect.stringContaining('104.1') });
});

describe('damaged or unusual', () => {
  const seg = encode(brainCase())[0]?.bytes as Uint8Array;
  const read = readResult(seg) as Segmentation;

  test.each([-1, 1.5, 1e6])('frame %s is refused', (frame) => {
    expect(() => read.pixels(frame)).toThrow('REQUEST_INVALID');
  });

  test('no DICOM at all is DICOM_UNREADABLE', () => {
    expect(() => readResult(new Uint8Array(400))).toThrow('DICOM_UNREADABLE');
  });

  test('a compressed label map without a decoder says what it needs', () => {
    const site = {
      seriesNumberBase: 900,
      contentQualification: 'RESEARCH',
      compressLabelMaps: true,
    } as const;
    const object = encode(brainCase(), ['LABELMAP'], site).find((o) => o.kind === 'LABELMAP');
    const labels = readResult(object?.bytes as Uint8Array) as Segmentation;
    expect(() => labels.pixels(0)).toThrow('PIXELS_UNSUPPORTED');
  });

  test('files cut at 200 places are refused or read, never anything else', () => {
    const report = encode(chestCase()).at(-1)?.bytes as Uint8Array;
    for (let i = 0; i < 200; i++) {
      const file = i % 2 ? seg : report;
      const cut = file.slice(0, Math.floor((file.length * i) / 200));
      try {
        const result = readResult(cut);
        if (result.kind === 'segmentation') result.pixels(0);
      } catch (thrown) {
        expect(String(thrown)).toMatch(/DICOM_UNREADABLE|PIXELS_/);
      }
    }
  });
});

interface Oracle {
  readonly kind: string;
  readonly encoding?: string;
  readonly segments?: readonly (readonly [number, string])[];
  readonly sums?: Readonly<Record<string, number>>;
  readonly first?: readonly number[];
  readonly sum?: number;
  readonly findings?: readonly {
    readonly tracking: readonly string[];
    readonly types: readonly string[];
    readonly measurements: readonly (readonly [string, number, string])[];
    readonly places: readonly (readonly [string, readonly number[]])[];
  }[];
}

describeWithKit('reference objects of highdicom, dcmqi, dcmjs and pydicom', () => {
  const { files } = JSON.parse(
    readFileSync(join(__dirname, '..', 'oracle', 'reference-results.json'), 'utf8'),
  ) as { files: Record<string, Oracle> };

  test('the oracle has every one of the kit', () => {
    const here = readdirSync(kitPath('F_reference_objects'), { recursive: true, encoding: 'utf8' });
    expect(Object.keys(files).sort()).toEqual(here.filter((f) => /\.(dcm|seg)$/.test(f)).sort());
  });

  test.each(Object.entries(files))('%s: as pydicom reads it', (name, oracle) => {
    const bytes = kitBytes('F_reference_objects', ...name.split('/'));
    if (oracle.kind === 'unreadable') {
      expect(() => readResult(bytes)).toThrow(
        'DICOM_UNREADABLE: the file is damaged: it is not a DICOM file',
      );
      return;
    }
    const result = readResult(bytes);
    expect(result.kind).toBe(oracle.kind);
    switch (result.kind) {
      case 'segmentation':
        expect(result.encoding).toBe(oracle.encoding);
        expect(result.segments.map((s) => [s.number, s.label])).toEqual(oracle.segments);
        expect(sumsOf(result)).toEqual(oracle.sums);
        break;
      case 'parametric map': {
        const values = result.values(0);
        expect([...values.slice(0, 3)]).toEqual(oracle.first);
        expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(oracle.sum as number, 6);
        break;
      }
      case 'report':
        expect(
          result.findings.map((f) => ({
            tracking: [f.tracking.identifier, f.tracking.uid].filter(Boolean),
            types: f.type ? [f.type.value] : [],
            measurements: f.measurements.map((m) => [
              m.name.value,
              expect.closeTo(m.value, 6),
              m.unit?.value,
            ]),
            places: f.places.map((p) => [p.shape, p.points.flat()]),
          })),
        ).toEqual(oracle.findings);
        break;
      default:
        expect(result).toMatchObject({
          reason: expect.stringMatching(/is no kind of result|no Imaging Measurement Report/),
        });
    }
  });
});

/** Voxels, or the sum of shares, of each segment on each source image. */
function sumsOf(read: Segmentation): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  read.frameList.forEach(({ segment, source }, frame) => {
    for (const value of read.pixels(frame)) {
      if (value === 0) continue;
      const key = `${read.encoding === 'LABELMAP' ? value : segment} ${source?.SOPInstanceUID ?? ''}`;
      sums.set(key, (sums.get(key) ?? 0) + (read.encoding === 'LABELMAP' ? 1 : value));
    }
  });
  return Object.fromEntries([...sums].map(([key, sum]) => [key, Math.round(sum * 1e4) / 1e4]));
}
