import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Finding } from '../../server/contracts.ts';
import type { Code } from '../../server/dicom/code.ts';
import { CHECK_CODES, CODES } from '../../server/dicom/code.ts';
import { encode } from '../../server/encode/index.ts';
import { keyFrames } from '../../server/encode/key-frames.ts';
import { clip } from '../../server/encode/text.ts';
import type { Region } from '../../server/explanation.ts';
import { type Result, readResult } from '../../server/results/read.ts';
import type { Finding as ReadFinding, Report } from '../../server/results/report.ts';
import { decodeRle } from '../../server/retrieve/rle.ts';
import { type RandomResults, randomResults } from './random-results.ts';

/**
 * read(write(x)) = x for so many random results of planes and as many of pictures: `node round-trip.ts <runs> [seed]`. In plain Node, where it is five times as fast as in
 * Jest; prints how often each kind was read and compared, and fails with the smallest counterexample.
 */
type Compare = (read: Result, results: RandomResults) => void;

const COMPARE: Readonly<Record<string, Compare>> = {
  SEG: compareSegmentation,
  LABELMAP: compareSegmentation,
  PM: compareParametricMap,
  MAP: compareValueImage,
  SC: comparePicture,
  KOS: compareKeyObjects,
  SR: compareReport,
};

/** Every voxel by its source image, and what each segment is. */
function compareSegmentation(read: Result, { volume, prediction }: RandomResults): void {
  assert(read.kind === 'segmentation');
  const labels = prediction.labelMap as { data: Uint8Array | Uint16Array };
  const size = volume.shape[1] * volume.shape[2];
  const seen = new Float64Array(labels.data.length);
  read.frameList.forEach(({ segment, source }, i) => {
    const frame = volume.frames.findIndex((f) => f.SOPInstanceUID === source?.SOPInstanceUID);
    assert(frame >= 0, 'every frame names its source');
    if (volume.geometry)
      assert.deepEqual(read.frameList[i]?.position, volume.frames[frame]?.ImagePositionPatient?.map(Number));
    read.pixels(i).forEach((value, at) => {
      if (value > 0) seen[frame * size + at] = segment ?? value;
    });
  });
  assert.deepEqual(seen, Float64Array.from(labels.data));
  assert.deepEqual(
    read.segments.map(({ number, label, category, type, site, laterality }) => ({
      number,
      label,
      category,
      type,
      site,
      laterality,
    })),
    prediction.findings.map((f) => {
      assert(f.kind === 'segment');
      const { label, category, type, site, laterality } = f.label;
      return { number: f.number, label, category, type, site, laterality };
    }),
  );
}

/** To the bit, but for the sign of zero. */
function compareParametricMap(read: Result, { explanation, volume }: RandomResults): void {
  assert(read.kind === 'parametric map');
  const map = explanation.maps.find((m) => read.mapping.explanation === clip(`${m.name}: ${m.method}`, 64));
  assert(map);
  const size = map.shape[1] * map.shape[2];
  for (let i = 0; i < read.frames; i++)
    assert.deepEqual(
      read.values(i),
      Float64Array.from(map.data.subarray(i * size, (i + 1) * size), (v) => v + 0),
    );
  assert.deepEqual(
    [read.mapping.quantity, read.mapping.unit, read.padding],
    [map.quantity, map.unit, map.padding],
  );
  assert.deepEqual(
    read.sources.map((s) => s?.SOPInstanceUID),
    volume.frames.map((f) => f.SOPInstanceUID),
  );
}

/** True to half a step of 65,535 (docs/result-format.md). */
function compareValueImage(read: Result, { explanation, volume }: RandomResults): void {
  assert(read.kind === 'picture' && read.mapping && read.values);
  const map = explanation.maps.find((m) => read.description === clip(`${m.name}: ${m.method}`, 1024));
  assert(map);
  const known = map.data.filter((v) => v !== map.padding);
  const step = known.length > 0 ? Math.max(...known) - Math.min(...known) : 0;
  const size = map.shape[1] * map.shape[2];
  for (let i = 0; i < read.frames; i++)
    read.values(i).forEach((value, at) => {
      const written = map.data[i * size + at] as number;
      if (written === map.padding) return;
      const allowed = (step / 65_534) * 0.51 + 1e-9 * Math.abs(written) + Number.EPSILON;
      assert(Math.abs(value - written) <= allowed, `${value} for ${written}`);
    });
  assert.deepEqual([read.mapping.quantity, read.mapping.unit], [map.quantity, map.unit]);
  assert.deepEqual(
    read.sources.map((s) => s.SOPInstanceUID),
    volume.frames.map((f) => f.SOPInstanceUID),
  );
}

function comparePicture(read: Result, { explanation, volume }: RandomResults): void {
  assert(read.kind === 'picture' && read.samples === 3 && !read.mapping);
  assert(explanation.maps.some((m) => read.description === clip(`${m.name}: ${m.method}`, 1024)));
  assert.deepEqual([read.frames, read.columns], [volume.shape[0], volume.shape[2]]);
}

function compareKeyObjects(read: Result, { prediction, explanation, volume }: RandomResults): void {
  assert(read.kind === 'key objects');
  const frames = [...new Set(keyFrames(prediction, explanation, volume.frames.length).flat())];
  assert.deepEqual(
    read.images.map((i) => i.SOPInstanceUID),
    frames.map((i) => volume.frames[i]?.SOPInstanceUID),
  );
}

function compareReport(read: Result, results: RandomResults): void {
  assert(read.kind === 'report');
  const groups = read.findings.filter((f) => f.remarks.some((r) => r.name.value === CODES.summary.value));
  assert.equal(groups.length, results.prediction.findings.length);
  groups.forEach((group, i) => {
    compareFinding(group, i, results);
  });
  assert.deepEqual(
    read.imageLibrary.map((i) => i.SOPInstanceUID),
    results.volume.frames.map((f) => f.SOPInstanceUID),
  );
  assert.deepEqual(placesOf(read), regionsOf(results));
}

function compareFinding(group: ReadFinding, i: number, { prediction, explanation }: RandomResults): void {
  const finding = prediction.findings[i];
  const explained = explanation.findings[i];
  assert(finding && explained);
  const present = isThere(finding);
  const { label, category, type, site, laterality } = finding.label;
  assert.equal(group.tracking.identifier, label);
  assert.deepEqual([group.category, group.type], [category, present ? type : undefined]);
  assert.deepEqual(group.sites, site ? [site] : []);
  assert.deepEqual(group.laterality, site || present ? laterality : undefined);
  const numbers = new Map(group.measurements.map((m) => [m.name.value, m.value]));
  if (finding.kind === 'measurement') assert.fail('none is made');
  if (finding.kind === 'classification')
    assert.deepEqual([numbers.get('SCORE'), numbers.get('THRESHOLD')], [finding.score, finding.threshold]);
  else assert.equal(numbers.get(CODES.volume.value), finding.volumeMm3);
  const remarks = (code: Code) => group.remarks.filter((r) => r.name.value === code.value).map((r) => r.text);
  assert.deepEqual(remarks(CODES.summary), [explained.sentence]);
  const evaluated = (code: Code) =>
    group.evaluations.filter((e) => e.name.value === code.value).map((e) => e.value.value);
  const concerning = explanation.checks.filter((c) => c.finding === undefined || c.finding === i);
  assert.equal(
    evaluated(CODES.use)[0] === CODES.checkFirst.value,
    concerning.some(({ state }) => state === 'failed'),
  );
  for (const { name, state, sentence, finding } of concerning) {
    if (state !== 'failed' && finding === undefined && i > 0) continue;
    const { passed, remark, failed, notMade: absent } = CODES;
    const states = { passed, remark, failed, absent };
    assert.deepEqual(evaluated(CHECK_CODES[name]), [states[state].value]);
    assert.deepEqual(remarks(CHECK_CODES[name]), [sentence]);
  }
  for (const [name, element] of Object.entries(explained.elements))
    assert.deepEqual(remarks(CODES[name as keyof typeof explained.elements]), [
      element.state === 'given' ? element.sentence : element.reason,
    ]);
  assert.deepEqual(
    group.measurements
      .slice(-explained.measures.length || group.measurements.length)
      .map((m) => [m.value, m.unit]),
    explained.measures.map((m) => [m.value, m.unit]),
  );
  assert.equal(group.algorithm?.name, prediction.model.name);
}

const isThere = (f: Finding): boolean =>
  f.kind === 'segment' ? f.voxels > 0 : f.kind === 'classification' && f.positive;

/** Corners of every rectangle, image by image, in any order of the groups. */
const placesOf = (report: Report): readonly string[] =>
  report.findings
    .flatMap((f) => f.places)
    .map((p) => JSON.stringify([p.image?.SOPInstanceUID, p.points]))
    .sort();

function regionsOf({ prediction, explanation, volume }: RandomResults): readonly string[] {
  return prediction.findings
    .flatMap((f, i) => {
      const present = isThere(f);
      const regions: readonly Box[] = present ? (explanation.findings[i]?.regions ?? []) : [];
      return f.kind === 'segment' && present ? [...regions, extentOf(f.number, prediction)] : regions;
    })
    .map(({ frame, left, top, right, bottom }) => {
      const corners = [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
        [left, top],
      ];
      return JSON.stringify([volume.frames[frame]?.SOPInstanceUID, corners]);
    })
    .sort();
}

type Box = Omit<Region, 'name' | 'meaning'>;

/** Voxel by voxel: around all of a segment on the frame that holds most of it, of equals the first. */
function extentOf(segment: number, { labelMap }: RandomResults['prediction']): Box {
  assert(labelMap);
  const [, rows, columns] = labelMap.shape;
  const at = [...labelMap.data].flatMap((label, i) =>
    label === segment ? [[Math.floor(i / rows / columns), Math.floor(i / columns) % rows, i % columns]] : [],
  ) as [number, number, number][];
  const counts = Map.groupBy(at, ([frame]) => frame);
  const [frame, here] = [...counts].reduce((most, next) => (next[1].length > most[1].length ? next : most));
  const [down, across] = [here.map(([, row]) => row), here.map(([, , column]) => column)];
  return {
    frame,
    left: Math.min(...across),
    top: Math.min(...down),
    right: Math.max(...across) + 1,
    bottom: Math.max(...down) + 1,
  };
}

const [runs = '100', seed = '1'] = process.argv.slice(2);
const compared: Record<string, number> = {};

for (const isPlaced of [true, false])
  fc.assert(fc.property(randomResults(isPlaced), compareAll), {
    numRuns: Number(runs),
    seed: Number(seed),
    endOnFailure: true,
  });
process.stdout.write(JSON.stringify(compared));

function compareAll(results: RandomResults): void {
  const compressLabelMaps = results.compress;
  const site = { seriesNumberBase: 900, contentQualification: 'RESEARCH', compressLabelMaps } as const;
  for (const object of encode(results, ['LABELMAP', 'KOS'], site)) {
    const read = readResult(object.bytes, (frame, { rows, columns, bytes }) =>
      decodeRle(frame, rows * columns, 1, bytes),
    );
    assert.equal(read.SOPInstanceUID, object.SOPInstanceUID);
    COMPARE[object.kind]?.(read, results);
    compared[object.kind] = (compared[object.kind] ?? 0) + 1;
  }
}
