import { readReport } from '../../ohif-extension/src/lib/read-report.ts';
import type { DicomObject } from '../../server/contracts.ts';
import { encode } from '../../server/encode/index.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
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
      findings: [explained, { ...explained, finding: 1 }],
      maps: [0, 1].map((index) => ({ ...map, name: `map of ${index}`, finding: index })),
    },
  } as typeof results);
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
  ['a report of another kind', without(report, '126010')],
  ['a report without findings of ours', without(report, 'SUMMARY')],
  ['values of the wrong shape', { ...report, '0040A730': { vr: 'SQ', Value: [null, 'x', 7] } }],
])('%s is no result, and no error', (_, document) => {
  expect(readReport(document as never)).toBeUndefined();
});

test('the deletion curve is read as it was written; half a curve is none', () => {
  const results = chestCase();
  const deletion = { strongestFirst: [0.91, 0.5, 0], randomOrder: [0.91, 0.8, 0], hidden: 'blurred' };
  const read = (curve: typeof deletion) => {
    const findings = results.explanation.findings.map((finding) => ({ ...finding, deletion: curve }));
    const objects = encode({ ...results, explanation: { ...results.explanation, findings } });
    return readReport(dicomJson(of(objects, 'SR').bytes))?.findings[0]?.deletion;
  };
  expect(read(deletion)).toEqual(deletion);
  expect(read({ ...deletion, randomOrder: [0.91, 0] })).toBeUndefined();
  expect(readReport(report)?.findings[0]?.deletion).toBeUndefined();
});
