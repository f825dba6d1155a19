import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DicomJson } from '../../ohif-extension/src/lib/dicom-json.ts';
import { readReport } from '../../ohif-extension/src/lib/read-report.ts';
import type { DeletionCurve } from '../../ohif-extension/src/lib/result.ts';
import type { DicomObject, LabelMap } from '../../server/contracts.ts';
import { CODES } from '../../server/dicom/code.ts';
import { correctSegmentation } from '../../server/encode/correct.ts';
import { bySegments } from '../../server/encode/correction.ts';
import { encode } from '../../server/encode/index.ts';
import { verifyReport } from '../../server/encode/verify.ts';
import { ACCEPTANCE, ANSWERS, answered, brainCase, chestCase } from '../encode/fixtures.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { dicomJson, without } from './documents.ts';

const of = (objects: readonly DicomObject[], kind: DicomObject['kind']): DicomObject => {
  const found = objects.find((o) => o.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
};
const chest = encode(chestCase());
const report = dicomJson(of(chest, 'SR').bytes);

test('a classification is read as the stages said it', () => {
  const result = readReport(report);
  expect(result).toMatchObject({
    model: {
      name: 'Test model for encoders',
      version: '1.2.3',
      manufacturer: 'Pellucid tests',
      id: 'test-model',
    },
    createdAt: '2026-11-25T02:30:00',
    verified: false,
    language: 'en',
  });
  expect(result?.model.description).toContain('Shows how results are encoded; for nobody.');
  const finding = result?.findings[0];
  expect(finding).toMatchObject({
    label: 'Pneumonia',
    present: true,
    sentence: 'Finding 0 in one plain sentence.',
    score: { value: 0.7252, threshold: 0.3252, calibrated: false },
    parameters: [expect.stringMatching(/^resize=area 224/), 'runMs=12', 'threshold=0.3252'],
  });
});

test('the package’s answers and acceptance are read; a report made before they were said has none', () => {
  const said = dicomJson(of(encode(answered(chestCase())), 'SR').bytes);
  expect(readReport(said)?.model).toMatchObject({ answers: ANSWERS, acceptance: ACCEPTANCE });
  expect(readReport(report)?.model).not.toHaveProperty('answers');
  expect(readReport(report)?.model).not.toHaveProperty('acceptance');
});

test('the five elements are given with their method, or absent with the reason', () => {
  expect(readReport(report)?.findings[0]?.elements).toEqual([
    { name: 'localization', state: 'given', sentence: 'The evidence is there.', method: 'by hand' },
    { name: 'visualRecognizability', state: 'absent', reason: 'No reference cases.' },
    { name: 'physicalAttribution', state: 'absent', reason: 'No pixel spacing is known.' },
    {
      name: 'modelTransparency',
      state: 'given',
      sentence: 'The parts add up to the logit.',
      method: 'by hand',
    },
    {
      name: 'actionability',
      state: 'given',
      sentence: 'The score is 0.4 above its threshold.',
      method: 'by hand',
    },
  ]);
});

test('measures have their number, regions their box on the source image', () => {
  const [finding] = readReport(report)?.findings ?? [];
  expect(finding?.measures).toEqual([
    { name: 'Completeness gap', sentence: 'What the map leaves unexplained.', value: 1.25e-6, unit: '1' },
    { name: 'Mean margin to the second label', sentence: 'How sure the labels are.', value: 0.3, unit: '1' },
  ]);
  expect(finding?.regions.map(({ name, meaning }) => [name, meaning])).toEqual([
    ['Top region', 'Carries most of the score.'],
    ['Second region', 'Carries the rest.'],
  ]);
  expect(finding?.regions[0]).toMatchObject({
    SOPInstanceUID: '1.2.826.0.1.3680043.8.498.2.1',
    points: [
      [10, 5.5],
      [40, 5.5],
      [40, 30],
      [10, 30],
      [10, 5.5],
    ],
  });
});

test('the images that explain it are named with their series', () => {
  const images = [of(chest, 'SC'), of(chest, 'MAP')];
  expect(readReport(report)?.findings[0]?.explanations).toEqual(
    images.map(({ SOPClassUID, SOPInstanceUID, SeriesInstanceUID }) => ({
      SOPClassUID,
      SOPInstanceUID,
      SeriesInstanceUID,
    })),
  );
});

test('a map stays with its own finding: another one never shows it', () => {
  const results = chestCase();
  const [finding] = results.prediction.findings;
  const [explained] = results.explanation.findings;
  const [map] = results.explanation.maps;
  const objects = encode({
    ...results,
    prediction: { ...results.prediction, findings: [finding, finding] },
    explanation: {
      ...results.explanation,
      findings: [explained, { ...explained, finding: 1 }],
      maps: [0, 1].map((index) => ({ ...map, name: `map of ${index}`, finding: index })),
    },
  } as unknown as typeof results);
  const maps = objects.filter(({ kind }) => kind === 'MAP').map(({ SOPInstanceUID }) => SOPInstanceUID);
  const shown = readReport(dicomJson(of(objects, 'SR').bytes))?.findings.map(({ explanations }) =>
    explanations.map(({ SOPInstanceUID }) => SOPInstanceUID).filter((uid) => maps.includes(uid)),
  );
  expect(maps).toHaveLength(2);
  expect(shown).toEqual([[maps[0]], [maps[1]]]);
});

test('a negative result is not a finding that is present', () => {
  const negative = readReport(dicomJson(of(encode(chestCase({ positive: false })), 'SR').bytes));
  expect(negative?.findings[0]).toMatchObject({ present: false, regions: [] });
});

test('segments have volume, segment number and key slice', () => {
  const objects = encode(brainCase());
  const result = readReport(dicomJson(of(objects, 'SR').bytes));
  const [first, second] = result?.findings ?? [];
  expect(result?.findings).toHaveLength(2);
  expect(first?.volumeMl).toBeGreaterThan(0);
  expect(second?.segment).toEqual({
    SOPClassUID: of(objects, 'SEG').SOPClassUID,
    SOPInstanceUID: of(objects, 'SEG').SOPInstanceUID,
    SeriesInstanceUID: of(objects, 'SEG').SeriesInstanceUID,
    number: 2,
  });
  expect(first?.regions).toMatchObject([
    { name: 'Key slice', SOPInstanceUID: '1.2.826.0.1.3680043.8.498.3.1' },
  ]);
});

test('a report without our private items still gives model, finding and regions', () => {
  const shown = ['SCORE', 'THRESHOLD', 'LOCALIZATION', 'FAITHFULNESS'].reduce(without, report);
  const [finding] = readReport(shown)?.findings ?? [];
  expect(finding?.score).toBeUndefined();
  expect(finding?.measures).toEqual([]);
  expect(finding?.elements[0]).toEqual({ name: 'localization', state: 'absent' });
  expect(finding?.regions).toHaveLength(2);
});

test.each([
  ['nothing', {}],
  ['a report without measurements', without(report, '126010')],
  ['a report of another kind', { ...report, '0040A043': { vr: 'SQ', Value: [] } }],
  ['values of the wrong shape', { ...report, '0040A730': { vr: 'SQ', Value: [null, 'x', 7] } }],
])('%s is no result, and no error', (_, document) => {
  expect(readReport(document as never)).toBeUndefined();
});

test('a report whose findings say nothing in words is read as another maker’s: by its codes', () => {
  expect(readReport(without(report, 'SUMMARY'))).toMatchObject({
    origin: 'other',
    model: { name: 'Test model for encoders' },
    findings: [{ label: 'Pneumonia', sentence: 'Pneumonia, Lung.', elements: [] }, {}],
  });
});

describeWithKit('reports of highdicom, dcmqi and dcmjs', () => {
  const { files } = JSON.parse(
    readFileSync(join(__dirname, '..', 'oracle', 'reference-results.json'), 'utf8'),
  ) as {
    files: Record<string, { findings: { tracking: string[]; measurements: [string, number, string][] }[] }>;
  };

  test.each([
    ['highdicom/sr_document.dcm', 'Foo', 'Spinal cord, Cervico-thoracic spine.'],
    ['highdicom/sr_document_with_multiple_groups.dcm', 'John Doe', 'Image0001.'],
    ['dcmqi/sr-example_sr.dcm', 'User2', 'Neoplasm, Primary, pharyngeal tonsil (adenoid).'],
    ['dcmjs/sample-sr.dcm', 'unknown unknown', 'Cornerstone3DTools@^0.1.0:Bidirectional.'],
  ])('%s: its maker, and the numbers that pydicom reads', (name, maker, sentence) => {
    const read = readReport(dicomJson(kitBytes('F_reference_objects', ...name.split('/'))));
    expect(read).toMatchObject({ origin: 'other', model: { name: maker } });
    expect(read?.findings[0]?.sentence).toBe(sentence);
    expect(
      read?.findings.map(({ trackingUID, measurements }) => ({
        trackingUID,
        numbers: measurements.flatMap(({ value }) => (typeof value === 'number' ? [value] : [])),
      })),
    ).toEqual(
      files[name]?.findings.map(({ tracking, measurements }) => ({
        trackingUID: tracking[1],
        numbers: measurements.map(([, value]) => expect.closeTo(value, 6)),
      })),
    );
  });

  test('places: a circle is drawn round its centre, a line as it is, and each on its image', () => {
    const read = readReport(
      dicomJson(kitBytes('F_reference_objects', 'highdicom', 'sr_document_with_multiple_groups.dcm')),
    );
    const [, nodule, aorta] = read?.findings ?? [];
    const circle = nodule?.regions[0]?.points ?? [];
    expect(circle.length).toBeGreaterThan(30);
    // Centre (45, 55), a point of the circle (45, 65).
    for (const [column, row] of circle) expect(Math.hypot(column - 45, row - 55)).toBeCloseTo(10);
    expect(aorta?.regions[0]?.points).toEqual([
      [25, 45],
      [45, 45],
      [45, 65],
      [25, 65],
    ]);
  });

  test('a place that is given in 3D alone is no region, and is said to be given', () => {
    const read = readReport(
      dicomJson(kitBytes('F_reference_objects', 'highdicom', 'sr_document_with_multiple_groups.dcm')),
    );
    expect(
      read?.findings.map(({ label, regions, isPlacedIn3D }) => [label, regions.length, isPlacedIn3D]),
    ).toEqual([
      ['Image0001', 0, undefined],
      ['LungNodule0001', 1, undefined],
      ['Aorta0001', 1, undefined],
      ['Vertebra0001', 0, true],
    ]);
  });

  test('the segment that dcmqi’s report measures is found', () => {
    const read = readReport(dicomJson(kitBytes('F_reference_objects', 'dcmqi', 'sr-example_sr.dcm')));
    const seg = dicomJson(kitBytes('F_reference_objects', 'dcmqi', 'sr-example_seg.dcm'));
    expect(read?.findings[0]?.segment).toMatchObject({
      SOPInstanceUID: seg['00080018']?.Value?.[0],
      SeriesInstanceUID: seg['0020000E']?.Value?.[0],
      number: 1,
    });
  });
});

test('a report with any of its items broken is read or is none; never an error', () => {
  const cut = (dataset: DicomJson, wanted: number, seen = { n: 0 }): DicomJson =>
    Object.fromEntries(
      Object.entries(dataset).map(([tag, element]) => {
        if (seen.n++ === wanted) return [tag, { vr: element.vr, Value: [null, 7, 'x', {}] }];
        if (element.vr !== 'SQ') return [tag, element];
        return [
          tag,
          { ...element, Value: (element.Value as DicomJson[]).map((item) => cut(item, wanted, seen)) },
        ];
      }),
    );
  const size = JSON.stringify(report).split('"vr"').length;
  for (let i = 0; i < size; i++) {
    const read = readReport(cut(report, i));
    expect(read === undefined || Array.isArray(read.findings)).toBe(true);
  }
});

test.each(['accepted', 'rejected'] as const)(
  'what a person said of a report is read with it: %s',
  (verdict) => {
    const verified = verifyReport(of(chest, 'SR').bytes, {
      person: 'Sample^Dr',
      organization: 'Somewhere',
      verdict,
      reason: CODES.rejected,
      note: 'Seen.',
      at: '2026-11-26T10:00:00Z',
    });
    expect(readReport(dicomJson(verified.bytes))).toMatchObject({
      verified: true,
      findings: { length: verdict === 'accepted' ? 1 : 0 },
      assessment: {
        verdict: { accepted: 'Accepted', rejected: 'Rejected' }[verdict],
        isRejected: verdict === 'rejected',
        of: of(chest, 'SR').SOPInstanceUID,
        person: 'Dr Sample',
        reason: 'Rejected',
        note: 'Seen.',
      },
    });
  },
);

test('a corrected report: each segment once, with the place of its extent', () => {
  const results = brainCase();
  const objects = encode(results);
  const assessment = {
    person: 'Sample^Dr',
    organization: 'Somewhere',
    verdict: 'modified',
    at: '2026-11-26T10:00:00Z',
  } as const;
  const seg = of(objects, 'SEG').bytes;
  const { shape, data } = results.prediction.labelMap as LabelMap;
  const labelMap = { shape, data: data.map((label, i) => (i === data.indexOf(1) ? 0 : label)) };
  const corrected = correctSegmentation(seg, { planes: results.volume, labelMap }, assessment);
  const read = readReport(
    dicomJson(verifyReport(of(objects, 'SR').bytes, assessment, bySegments(corrected)).bytes),
  );
  expect(read?.findings.map((f) => [f.segment?.number, f.regions.length])).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

test('the probability of a calibration, the next step, and a quantity are read', () => {
  const results = chestCase();
  const [finding] = results.prediction.findings;
  const [explained] = results.explanation.findings;
  const read = (over: object, said: object) => {
    const objects = encode({
      ...results,
      prediction: { ...results.prediction, findings: [{ ...finding, ...over }] },
      explanation: { ...results.explanation, findings: [{ ...explained, ...said }], maps: [] },
    } as unknown as typeof results);
    return readReport(dicomJson(of(objects, 'SR').bytes))?.findings[0];
  };
  expect(read({ probability: 0.83 }, {})?.score).toMatchObject({ probability: expect.closeTo(0.83, 6) });
  const age = { value: '445518008', scheme: 'SCT', meaning: 'Bone age' };
  const year = { value: 'a', scheme: 'UCUM', meaning: 'year' };
  const measured = read(
    { kind: 'measurement', value: 8.5, quantity: age, unit: year, plausible: [0, 19] },
    {},
  );
  expect(measured?.measurements).toEqual([{ name: 'Bone age', value: 8.5, unit: 'a' }]);
  expect(measured?.score).toBeUndefined();
});

test('the deletion curve is read as it was written; half a curve is none', () => {
  const results = chestCase();
  const deletion: DeletionCurve = {
    strongestFirst: [0.91, 0.5, 0.2, 0],
    randomOrder: [0.91, 0.8, 0.4, 0],
    hidden: 'blurred',
  };
  const read = (curve: DeletionCurve) => {
    const findings = results.explanation.findings.map((finding) => ({ ...finding, deletion: curve }));
    const objects = encode({ ...results, explanation: { ...results.explanation, findings } });
    return readReport(dicomJson(of(objects, 'SR').bytes))?.findings[0]?.deletion;
  };
  expect(read(deletion)).toEqual(deletion);
  expect(read({ ...deletion, randomOrder: [0.91, 0] })).toBeUndefined();
  for (const hiddenFrom of [
    [0.51234567, -0.25],
    [null, 1.5e-7],
  ])
    expect(read({ ...deletion, hiddenFrom })).toEqual({ ...deletion, hiddenFrom });
  for (const hiddenFrom of [[0.5], [0.5, 0.25, 0.125], [0.25, 0.5], [Number.NaN, 0.5], []])
    expect(read({ ...deletion, hiddenFrom })).toBeUndefined();
  expect(readReport(report)?.findings[0]?.deletion).toBeUndefined();
});
