import type { Dataset } from '../../server/contracts.ts';
import { codeOf, items, number, readPart10, text } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { disagreementsOf, errorsOf, reportTree } from '../helpers/validators.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

const selection = (results: Case) => encode(results).find((o) => o.kind === 'KOS');
const read = (results: Case): Dataset => readPart10(selection(results)?.bytes as Uint8Array).dataset;
const images = (results: Case): readonly Dataset[] =>
  items(read(results), 'ContentSequence')
    .filter((c) => text(c, 'ValueType') === 'IMAGE')
    .flatMap((c) => items(c, 'ReferencedSOPSequence'));
const uids = (results: Case) => images(results).map((i) => text(i, 'ReferencedSOPInstanceUID'));

/** The brain with one region of each segment on the frame given. */
const onFrames = (...frames: readonly number[]): Case => {
  const results = brainCase({ segments: frames.length });
  const findings = results.explanation.findings.map((f, i) => ({
    ...f,
    regions: f.regions.map((r) => ({ ...r, frame: frames[i] as number })),
  }));
  return { ...results, explanation: { ...results.explanation, findings } };
};

test.each([
  ['a radiograph', chestCase()],
  ['a brain', onFrames(2, 0)],
])('%s: dciodvfy, dcentvfy and dsrdump have nothing to say (TID 2010)', (_, results) => {
  const bytes = selection(results)?.bytes as Uint8Array;
  expect(errorsOf(bytes)).toEqual([]);
  expect(disagreementsOf([...results.sources, bytes])).toEqual([]);
  expect(reportTree(bytes)).toContain('(113000,DCM,"Of Interest")');
});

test('the frames that the findings point to, in the order of the findings, each once', () => {
  const results = onFrames(3, 1, 3);
  const frame = (i: number) => results.volume.frames[i]?.SOPInstanceUID;
  expect(uids(results)).toEqual([frame(3), frame(1)]);
});

test('the evidence lists exactly what is selected', () => {
  const results = onFrames(3, 1);
  const [study] = items(read(results), 'CurrentRequestedProcedureEvidenceSequence');
  const cited = items(study ?? {}, 'ReferencedSeriesSequence').flatMap((s) =>
    items(s, 'ReferencedSOPSequence').map((i) => text(i, 'ReferencedSOPInstanceUID')),
  );
  expect(cited).toEqual(uids(results));
});

test('a frame of a multi-frame image is named by its number', () => {
  const results = chestCase({ frames: 2 });
  const frames = results.volume.frames.map((f, i) => ({
    ...f,
    SOPInstanceUID: results.volume.frames[0]?.SOPInstanceUID as (typeof f)['SOPInstanceUID'],
    frameNumber: i + 1,
  }));
  const [image] = images({ ...results, volume: { ...results.volume, frames } });
  expect(number(image ?? {}, 'ReferencedFrameNumber')).toBe(1);
});

test('the description says what was found, by whom, and that nobody has confirmed it', () => {
  const description = items(read(chestCase()), 'ContentSequence').find(
    (c) => codeOf(c, 'ConceptNameCodeSequence')?.value === '113012',
  );
  expect(text(description ?? {}, 'TextValue')).toBe(
    'Selected by Test model for encoders 1.2.3, research use, not verified: Finding 0 in one plain sentence.',
  );
});

test.each([
  ['a negative radiograph', chestCase({ positive: false })],
  ['an empty mask', brainCase({ empty: true })],
])('%s has no key image, and no selection', (_, results) => {
  expect(selection(results)).toBeUndefined();
});

test('a site that does not want it gets none', () => {
  expect(encode(chestCase(), []).map((o) => o.kind)).toEqual(['SC', 'MAP', 'SR']);
});
