import { asCorrected, changesOf } from '../../ohif-extension/src/lib/corrected.ts';
import { readReport } from '../../ohif-extension/src/lib/read-report.ts';
import type { Result } from '../../ohif-extension/src/lib/result.ts';
import { resultSets } from '../../ohif-extension/src/lib/result-sets.ts';
import type { Assessment } from '../../server/encode/assessment.ts';
import { correctSegmentation } from '../../server/encode/correct.ts';
import { byOutlines, bySegments } from '../../server/encode/correction.ts';
import { encode } from '../../server/encode/index.ts';
import { verifyReport } from '../../server/encode/verify.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { dicomJson } from './documents.ts';

const assessment: Assessment = {
  person: 'Sample^Jane',
  organization: 'Somewhere',
  verdict: 'modified',
  at: '2026-11-26T10:00:00Z',
};
const results = brainCase();
const objects = encode(results);
const bytesOf = (kind: string) => objects.find((o) => o.kind === kind)?.bytes as Uint8Array;
const { shape } = results.volume;
const before = results.prediction.labelMap?.data as Uint8Array;
const ml = (labels: Uint8Array, label: number) =>
  (labels.filter((v) => v === label).length * 0.5 * 0.75 * 2.5) / 1000;

/** As the panel sees the model's report and that of a correction. */
function seen(labels: Uint8Array, then: Assessment['verdict'][] = []) {
  const planes = results.volume;
  const corrected = correctSegmentation(
    bytesOf('SEG'),
    { planes, labelMap: { shape, data: labels } },
    assessment,
  );
  const documents = [verifyReport(bytesOf('SR'), assessment, bySegments(corrected)).bytes];
  for (const verdict of then)
    documents.push(
      verifyReport(documents.at(-1) as Uint8Array, { ...assessment, verdict, at: '2026-11-26T11:00:00Z' })
        .bytes,
    );
  const read = [bytesOf('SR'), ...documents].map((bytes) => readReport(dicomJson(bytes)) as Result);
  const [set] = resultSets(read);
  const last = set?.assessments.find((each) => each.corrected);
  const model = set?.newest as Result;
  return { model, last, shown: asCorrected(model, last), SOPInstanceUID: corrected.object.SOPInstanceUID };
}

const grown = Uint8Array.from(before);
grown[grown.lastIndexOf(0)] = 2;

test('what grew has its new volume and mask; what was not touched keeps its own, under the correction', () => {
  const { model, last, shown, SOPInstanceUID } = seen(grown);
  expect(last?.person).toContain('Sample');
  expect(shown.findings.map((f) => f.volumeMl)).toEqual([1, 2].map((n) => expect.closeTo(ml(grown, n), 9)));
  for (const { segment } of shown.findings) expect(segment?.SOPInstanceUID).toBe(SOPInstanceUID);
  expect(shown.findings.map((f) => f.sentence)).toEqual(model.findings.map((f) => f.sentence));
  expect(changesOf(model, shown)).toEqual([
    {
      label: model.findings[1]?.label,
      volumes: { now: expect.closeTo(ml(grown, 2), 9), was: expect.closeTo(ml(before, 2), 9) },
    },
  ]);
});

test('what was erased is not there: no mask, no place, 0 ml', () => {
  const { model, shown } = seen(before.map((label) => (label === 1 ? 0 : label)));
  expect(shown.findings[0]).toMatchObject({ present: false, volumeMl: 0, regions: [] });
  expect(shown.findings[0]?.segment).toBeUndefined();
  expect(changesOf(model, shown)).toEqual([
    { label: model.findings[0]?.label, volumes: { now: 0, was: expect.closeTo(ml(before, 1), 9) } },
  ]);
});

test('a correction that another accepts still stands', () => {
  const { shown } = seen(grown, ['accepted']);
  expect(shown.findings[1]?.volumeMl).toBeCloseTo(ml(grown, 2), 9);
});

test('an outline takes the place of the model’s; its score stays', () => {
  const chest = chestCase();
  const report = encode(chest).find((o) => o.kind === 'SR')?.bytes as Uint8Array;
  const model = readReport(dicomJson(report)) as Result;
  const [frame] = chest.volume.frames;
  if (!frame) throw new Error('no frame');
  const points = [
    [0, 0],
    [3, 0],
    [3, 2],
    [0, 0],
  ] as const;
  const trackingUID = model.findings[0]?.trackingUID ?? '';
  const drawn = byOutlines(report, [
    { trackingUID, image: chest.volume.header, frame, shape: 'POLYLINE', points },
  ]);
  const verified = readReport(dicomJson(verifyReport(report, assessment, drawn).bytes)) as Result;
  const shown = asCorrected(model, verified.assessment);
  expect(shown.findings[0]).toMatchObject({
    regions: [{ points, SOPInstanceUID: frame.SOPInstanceUID }],
    score: model.findings[0]?.score,
  });
  expect(changesOf(model, shown)).toEqual([{ label: model.findings[0]?.label }]);
});
