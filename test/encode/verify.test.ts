import type { Dataset } from '../../server/contracts.ts';
import { CODES, code } from '../../server/dicom/code.ts';
import { codeOf, items, readPart10, text, texts } from '../../server/dicom/read.ts';
import type { Assessment } from '../../server/encode/assessment.ts';
import { correctSegmentation } from '../../server/encode/correct.ts';
import { bySegments } from '../../server/encode/correction.ts';
import { encode } from '../../server/encode/index.ts';
import { verifyReport } from '../../server/encode/verify.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { disagreementsOf, errorsOf, reportHtml } from '../helpers/validators.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

const ACCEPTED: Assessment = {
  person: 'Ärztin^Ada',
  organization: 'Test hospital',
  verdict: 'accepted',
  note: 'Seen on the lateral view too.',
  at: '2026-11-26T08:15:00.000Z',
};
const REJECTED: Assessment = {
  ...ACCEPTED,
  verdict: 'rejected',
  reason: code('FALSE_POSITIVE', '99PELLUCID', 'False positive'),
};
const of = (results: Case, kind: string): Uint8Array =>
  encode(results).find((o) => o.kind === kind)?.bytes as Uint8Array;
const read = (bytes: Uint8Array): Dataset => readPart10(bytes).dataset;
const children = (item: Dataset): readonly Dataset[] => items(item, 'ContentSequence');
const nameOf = (item: Dataset): string | undefined => codeOf(item, 'ConceptNameCodeSequence')?.value;
const child = (item: Dataset, name: string): Dataset | undefined =>
  children(item).find((c) => nameOf(c) === name);
const said = (document: Dataset) =>
  children(child(document, 'C0034375') ?? {}).map((c) => [
    nameOf(c),
    codeOf(c, 'ConceptCodeSequence')?.value ?? text(c, 'TextValue'),
  ]);
const referenced = (document: Dataset) =>
  items(document, 'PredecessorDocumentsSequence')
    .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
    .flatMap((series) => items(series, 'ReferencedSOPSequence'))
    .map((i) => text(i, 'ReferencedSOPInstanceUID'));

/** The masks of `labels` as an editor would write them over the same source. */
const editedLabels = (results: Case): Uint8Array =>
  Uint8Array.from(results.volume.data, (_, i) => (i % 11 === 0 ? 1 : i > 80 && i % 3 === 0 ? 2 : 0));

/** Voxel by voxel: the image with most of a label, and the corners around all of it there. */
function extentOf(label: number, results: Case): [string | undefined, readonly number[]] {
  const [frames, rows, columns] = results.volume.shape;
  const labels = editedLabels(results);
  const inFrames = Array.from({ length: frames }, (_, frame) =>
    Array.from({ length: rows * columns }, (_, i) => i).filter(
      (i) => labels[frame * rows * columns + i] === label,
    ),
  );
  const frame = inFrames.findIndex((at) => at.length === Math.max(...inFrames.map((a) => a.length)));
  const [x, y] = [
    inFrames[frame]?.map((i) => i % columns) ?? [],
    inFrames[frame]?.map((i) => Math.floor(i / columns)) ?? [],
  ];
  const [left, right, top, bottom] = [Math.min(...x), Math.max(...x) + 1, Math.min(...y), Math.max(...y) + 1];
  return [
    results.volume.frames[frame]?.SOPInstanceUID,
    [left, top, right, top, right, bottom, left, bottom, left, top],
  ];
}

describe.each([
  ['a radiograph', chestCase()],
  ['a brain', brainCase()],
])('accepted: %s', (_, results) => {
  const report = of(results, 'SR');
  const before = report.slice();
  const verified = verifyReport(report, ACCEPTED);
  const document = read(verified.bytes);

  test('a new, valid, VERIFIED document; the original is untouched', () => {
    expect(errorsOf(verified.bytes)).toEqual([]);
    expect(disagreementsOf([...results.sources, report, verified.bytes])).toEqual([]);
    expect(Buffer.compare(report, before)).toBe(0);
    expect(text(document, 'VerificationFlag')).toBe('VERIFIED');
    expect(referenced(document)).toEqual([text(read(report), 'SOPInstanceUID')]);
    for (const keyword of ['SOPInstanceUID', 'SeriesInstanceUID'])
      expect(text(document, keyword)).not.toBe(text(read(report), keyword));
  });

  test('all findings stand as they were', () => {
    expect(child(document, '126010')).toEqual(child(read(report), '126010'));
  });

  test('it says who, where, when (PS3.3 C.17.2.1), and what', () => {
    const [observer] = items(document, 'VerifyingObserverSequence') as [Dataset];
    expect(JSON.stringify(observer.VerifyingObserverName)).toContain('Ärztin^Ada');
    expect(text(observer, 'VerifyingOrganization')).toBe('Test hospital');
    expect(text(observer, 'VerificationDateTime')).toBe('20261126081500+0000');
    expect(text(document, 'ContentDate')).toBe('20261126');
    expect(said(document)).toEqual([
      ['111017', '111242'],
      ['ASSESSMENT', 'ACCEPTED'],
      ['121106', 'Seen on the lateral view too.'],
    ]);
    expect(reportHtml(verified.bytes)).toContain('Person Observer Name');
  });
});

test('rejected: nothing of it is repeated as if it were verified; the reason is a code', () => {
  const verified = verifyReport(of(chestCase(), 'SR'), REJECTED);
  const document = read(verified.bytes);
  expect(errorsOf(verified.bytes)).toEqual([]);
  expect(child(document, '126010')).toBeUndefined();
  expect(said(document)).toEqual([
    ['ASSESSMENT', 'REJECTED'],
    ['REASON', 'FALSE_POSITIVE'],
    ['121106', 'Seen on the lateral view too.'],
  ]);
});

describe('modified: a corrected segmentation', () => {
  const results = brainCase();
  const [original, report] = [of(results, 'SEG'), of(results, 'SR')];
  const modified: Assessment = { ...ACCEPTED, verdict: 'modified' };
  const { shape } = results.volume;
  const asEdited = (data: Uint8Array | Uint16Array) => ({
    planes: results.volume,
    labelMap: { shape, data },
  });
  const corrected = correctSegmentation(original, asEdited(editedLabels(results)), modified);
  const { bytes } = corrected.object;
  const segmentation = read(bytes);

  test('is a new, valid object that cites the old; its masks are those of an encoder that starts from them', () => {
    expect(errorsOf(bytes)).toEqual([]);
    expect(disagreementsOf([...results.sources, original, bytes])).toEqual([]);
    const seriesIn = (keyword: string) =>
      items(segmentation, keyword).map((series) => text(series, 'SeriesInstanceUID'));
    expect(seriesIn('RelatedSeriesSequence')).toEqual([text(read(original), 'SeriesInstanceUID')]);
    // OHIF draws it on what it refers to: on the images alone.
    expect(seriesIn('ReferencedSeriesSequence')).toEqual([results.volume.SeriesInstanceUID]);
    const afresh = of(brainCase({ labels: editedLabels(results) }), 'SEG');
    expect(readPart10(bytes).pixels).toEqual(readPart10(afresh).pixels);
    for (const keyword of ['PerFrameFunctionalGroupsSequence', 'NumberOfFrames'])
      expect(segmentation[keyword]).toEqual(read(afresh)[keyword]);
    expect(text(segmentation, 'SOPInstanceUID')).not.toBe(text(read(original), 'SOPInstanceUID'));
    expect(JSON.stringify(segmentation.ContentCreatorName)).toContain('Ärztin^Ada');
  });

  test('its segments are followed under the same tracking UID', () => {
    const tracking = (d: Dataset) => items(d, 'SegmentSequence').map((s) => text(s, 'TrackingUID'));
    expect(tracking(segmentation)).toEqual(tracking(read(original)));
  });

  const algorithms = (d: Dataset) => items(d, 'SegmentSequence').map((s) => text(s, 'SegmentAlgorithmType'));
  const before = results.prediction.labelMap?.data ?? new Uint8Array();
  const one = (label: number, to: number): Uint8Array => {
    const labels = Uint8Array.from(before);
    labels[labels.indexOf(label)] = to;
    return labels;
  };

  test.each([
    ['both', editedLabels(results), ['SEMIAUTOMATIC', 'SEMIAUTOMATIC']],
    ['one voxel more of the second', one(0, 2), ['AUTOMATIC', 'SEMIAUTOMATIC']],
    ['one voxel less of the first', one(1, 0), ['SEMIAUTOMATIC', 'AUTOMATIC']],
    ['one voxel from the first to the second', one(1, 2), ['SEMIAUTOMATIC', 'SEMIAUTOMATIC']],
  ])('a segment that a person changed is SEMIAUTOMATIC, another stays AUTOMATIC: %s', (_, labels, types) => {
    const { object } = correctSegmentation(original, asEdited(labels), modified);
    expect(algorithms(read(object.bytes))).toEqual(types);
  });

  test('another correction is another object, the same is the same', () => {
    const made = [one(0, 2), one(0, 1), one(0, 2)].map(
      (labels) => correctSegmentation(original, asEdited(labels), modified).object,
    );
    expect(made[0]?.SOPInstanceUID).not.toBe(made[1]?.SOPInstanceUID);
    expect(Buffer.compare(made[0]?.bytes as Uint8Array, made[2]?.bytes as Uint8Array)).toBe(0);
  });

  test('volumes are voxels times 0.5 × 0.75 × 2.5 mm³, as the model’s own', () => {
    const voxels = (label: number) => editedLabels(results).filter((v) => v === label).length;
    for (const label of [1, 2])
      expect(corrected.volumes.get(label)).toBeCloseTo(voxels(label) * 0.5 * 0.75 * 2.5, 6);
  });

  test('stands in the verified report in place of the findings, with its volume', () => {
    const verified = verifyReport(report, modified, bySegments(corrected));
    const document = read(verified.bytes);
    expect(errorsOf(verified.bytes)).toEqual([]);
    const groups = children(child(document, '126010') ?? {});
    const isOf = (template: string) => (g: Dataset) =>
      text(items(g, 'ContentTemplateSequence')[0] ?? {}, 'TemplateIdentifier') === template;
    expect(
      groups.filter(isOf('1411')).map((g) => {
        const [reference] = items(child(g, CODES.referencedSegment.value) ?? {}, 'ReferencedSOPSequence') as [
          Dataset,
        ];
        const [measured] = items(child(g, CODES.volume.value) ?? {}, 'MeasuredValueSequence') as [Dataset];
        return [
          text(reference, 'ReferencedSOPInstanceUID'),
          text(reference, 'ReferencedSegmentNumber'),
          Number(text(measured, 'NumericValue')),
          codeOf(measured, 'MeasurementUnitsCodeSequence')?.value,
        ];
      }),
    ).toEqual(
      [1, 2].map((label) => [
        corrected.object.SOPInstanceUID,
        String(label),
        expect.closeTo(corrected.volumes.get(label) as number, 6),
        'mm3',
      ]),
    );
    const uidOf = (g: Dataset) => text(child(g, '112040') ?? {}, 'UID');
    expect(groups.filter(isOf('1410')).map(uidOf)).toEqual(groups.filter(isOf('1411')).map(uidOf));
    const places = groups.filter(isOf('1410')).map((g) => {
      const place = child(g, CODES.imageRegion.value) ?? {};
      const [image] = items(children(place)[0] ?? {}, 'ReferencedSOPSequence');
      return [text(image ?? {}, 'ReferencedSOPInstanceUID'), texts(place, 'GraphicData').map(Number)];
    });
    expect(places).toEqual([1, 2].map((label) => extentOf(label, results)));
    const evidence = JSON.stringify(document.CurrentRequestedProcedureEvidenceSequence);
    expect(evidence).toContain(corrected.object.SOPInstanceUID);
  });

  test('a segment that was emptied is no finding', () => {
    const labels = editedLabels(results).map((label) => (label === 2 ? 0 : label));
    const emptied = correctSegmentation(original, asEdited(labels), modified);
    const document = read(verifyReport(report, modified, bySegments(emptied)).bytes);
    const groups = children(child(document, '126010') ?? {});
    expect(groups.map((g) => text(child(g, '112039') ?? {}, 'TextValue'))).toEqual(
      new Array(2).fill(results.prediction.findings[0]?.label.label),
    );
  });

  test('all erased: one empty frame, valid, and no finding', () => {
    const erased = correctSegmentation(original, asEdited(new Uint8Array(before.length)), modified);
    expect(errorsOf(erased.object.bytes)).toEqual([]);
    expect(text(read(erased.object.bytes), 'NumberOfFrames')).toBe('1');
    expect(child(read(verifyReport(report, modified, bySegments(erased)).bytes), '126010')).toBeUndefined();
  });

  const other = brainCase({ shape: [4, 5, 8] });
  test.each([
    ['a report without its correction', 'ENCODE_INVALID', () => verifyReport(report, modified)],
    [
      'a correction that is not said to be one',
      'ENCODE_INVALID',
      () => verifyReport(report, ACCEPTED, bySegments(corrected)),
    ],
    [
      'a report in place of a segmentation',
      'ENCODE_INVALID',
      () => correctSegmentation(report, asEdited(before), modified),
    ],
    ['a document that is no report', 'ENCODE_INVALID', () => verifyReport(original, ACCEPTED)],
    [
      'masks on another grid',
      'ENCODE_INVALID',
      () =>
        correctSegmentation(
          original,
          { planes: other.volume, labelMap: { shape: [4, 5, 8], data: new Uint8Array(160) } },
          modified,
        ),
    ],
    [
      'another series',
      'ENCODE_INVALID',
      () =>
        correctSegmentation(
          original,
          { ...asEdited(before), planes: { ...results.volume, SeriesInstanceUID: '1.2.3' as never } },
          modified,
        ),
    ],
    [
      'masks as they were',
      'REQUEST_INVALID',
      () => correctSegmentation(original, asEdited(before), modified),
    ],
    [
      'a segment that is none of the original’s',
      'REQUEST_INVALID',
      () => correctSegmentation(original, asEdited(one(0, 3)), modified),
    ],
  ])('%s is %s', (_, code, make) => {
    expect(make).toThrow(code);
  });
});

test('the same assessment is the same document; another note is another', () => {
  const report = of(chestCase(), 'SR');
  const first = verifyReport(report, ACCEPTED);
  expect(Buffer.compare(verifyReport(report, { ...ACCEPTED }).bytes, first.bytes)).toBe(0);
  expect(verifyReport(report, { ...ACCEPTED, note: 'x' }).SOPInstanceUID).not.toBe(first.SOPInstanceUID);
});

test('a second reader follows the first: both observers, the last assessment', () => {
  const first = verifyReport(of(chestCase(), 'SR'), ACCEPTED);
  const second = verifyReport(first.bytes, { ...ACCEPTED, person: 'Other^Olaf', note: 'Agreed.' });
  const document = read(second.bytes);
  expect(errorsOf(second.bytes)).toEqual([]);
  expect(referenced(document)).toEqual([first.SOPInstanceUID]);
  expect(items(document, 'VerifyingObserverSequence')).toHaveLength(2);
  expect(said(document)).toEqual([
    ['111017', '111242'],
    ['ASSESSMENT', 'ACCEPTED'],
    ['121106', 'Agreed.'],
  ]);
});

describeWithKit('reports of others', () => {
  test.each([
    ['highdicom', ['highdicom', 'sr_document.dcm']],
    ['dcmqi', ['dcmqi', 'sr-example_sr.dcm']],
  ])('%s: verified without a new error', (_, path) => {
    const report = kitBytes('F_reference_objects', ...path);
    const before = new Set(errorsOf(report));
    const verified = verifyReport(report, ACCEPTED);
    expect(errorsOf(verified.bytes).filter((e) => !before.has(e))).toEqual([]);
    expect(text(read(verified.bytes), 'PatientID')).toBe(text(read(report), 'PatientID'));
  });
});
