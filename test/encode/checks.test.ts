import { execFileSync } from 'node:child_process';
import { CODES } from '../../server/dicom/code.ts';
import { type Part10, readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import type { StudyCheck } from '../../server/explanation.ts';
import { type Report, readReport } from '../../server/results/report.ts';
import { errorsOf, reportTree } from '../helpers/validators.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

const PASSED: StudyCheck = { name: 'greys', state: 'passed', sentence: 'It is as bright as known images.' };
const OUTSIDE: StudyCheck = { name: 'features', state: 'failed', sentence: 'No image like those.' };
const UNSTABLE: StudyCheck = { name: 'stability', state: 'failed', finding: 1, sentence: 'It turns.' };
const DOUBTFUL: StudyCheck = { name: 'baselines', state: 'remark', sentence: 'It does not fall.' };
const UNSAID: StudyCheck = { name: 'age', state: 'absent', sentence: 'The images do not say it.' };

const NO_MAP: StudyCheck = { name: 'methods', state: 'absent', sentence: 'There is no evidence.' };

const checked = (results: Case, checks: readonly StudyCheck[]): Case => ({
  ...results,
  explanation: { ...results.explanation, checks },
});
const objectOf = (results: Case, kind: string): Uint8Array =>
  encode(results, ['PDF']).find((o) => o.kind === kind)?.bytes as Uint8Array;
const reportOf = (results: Case): Report => readReport(readPart10(objectOf(results, 'SR'))) as Report;
/** What each finding says of its use, and of its checks. */
const usesOf = ({ findings }: Report) =>
  findings
    .filter(({ remarks }) => remarks.some(({ name }) => name.value === CODES.summary.value))
    .map(({ evaluations, remarks }) => ({
      use: evaluations.find(({ name }) => name.value === CODES.use.value)?.value.value,
      checks: evaluations
        .filter(({ name }) => name.value.startsWith('CHECK_'))
        .map(
          ({ name, value }) =>
            `${name.meaning}: ${value.value}: ${remarks.find((r) => r.name.value === name.value)?.text}`,
        ),
    }));

test('a failed check of the images marks every finding, of one finding that alone; the passed are said once', () => {
  const [first, second] = usesOf(reportOf(checked(brainCase(), [PASSED, UNSTABLE, UNSAID])));
  expect(first).toEqual({
    use: 'NOT_ALL_MADE',
    checks: [
      'Greys of the picture: PASSED: It is as bright as known images.',
      'Age of the patient: NOT_MADE: The images do not say it.',
    ],
  });
  expect(second).toEqual({
    use: 'CHECK_FIRST',
    checks: [
      'Stability of the decision: FAILED: It turns.',
      'Age of the patient: NOT_MADE: The images do not say it.',
    ],
  });
  const all = usesOf(reportOf(checked(brainCase(), [PASSED, OUTSIDE])));
  expect(all.length).toBeGreaterThan(1);
  expect(all.every(({ use }) => use === 'CHECK_FIRST')).toBe(true);
  expect(all[1]?.checks).toEqual(['Likeness as the model sees it: FAILED: No image like those.']);
});

test.each([
  ['nothing was checked', [], 'NOT_CHECKED'],
  ['no check could be made', [UNSAID], 'NOT_CHECKED'],
  ['a ground of the model could not be checked', [UNSAID, PASSED], 'NOT_ALL_MADE'],
  ['a ground could not be checked, and a remark was made', [UNSAID, PASSED, DOUBTFUL], 'NOT_ALL_MADE'],
  ['only the map of a negative finding could not be checked', [NO_MAP, PASSED], 'CHECKS_PASSED'],
  ['all passed', [PASSED], 'CHECKS_PASSED'],
  ['a remark was made', [PASSED, DOUBTFUL], 'PASSED_REMARKED'],
])('%s: said so, and the whole report says nothing of its use', (_, checks, use) => {
  const report = reportOf(checked(chestCase(), checks));
  expect(usesOf(report)[0]?.use).toBe(use);
  expect(report.evaluations.map(({ name }) => name.value)).not.toContain(CODES.use.value);
});

describe('a radiograph with a failed check', () => {
  const results = checked(chestCase(), [OUTSIDE, PASSED]);

  test('the report is valid, its first evaluation is the mark, and DCMTK reads it', () => {
    const bytes = objectOf(results, 'SR');
    expect(errorsOf(bytes)).toEqual([]);
    const report = readReport(readPart10(bytes)) as Report;
    expect(report.evaluations[0]).toEqual({ name: CODES.use, value: CODES.checkFirst });
    expect(report.findings[0]?.evaluations[0]).toEqual({ name: CODES.use, value: CODES.checkFirst });
    expect(reportTree(bytes)).toContain('Check before use');
  });

  test('the page says it before the finding, and why', () => {
    const { dataset }: Part10 = readPart10(objectOf(results, 'PDF'));
    const value: unknown = [dataset.EncapsulatedDocument].flat()[0];
    const input = new Uint8Array(value as ArrayBuffer).subarray(
      0,
      Number(dataset.EncapsulatedDocumentLength),
    );
    const words = execFileSync('pdftotext', ['-layout', '-', '-'], { input, encoding: 'utf8' });
    const at = (text: string): number => words.indexOf(text);
    expect(at('CHECK BEFORE USE')).toBeGreaterThan(0);
    expect(at('No image like those.')).toBeGreaterThan(at('CHECK BEFORE USE'));
    expect(at('Finding 0 in one plain sentence.')).toBeGreaterThan(at('No image like those.'));
    expect(words).not.toContain('as bright as known');
  });

  test.each([
    [[PASSED, UNSAID], true],
    [[PASSED, NO_MAP], false],
  ])(
    'the page of a result whose checks are %j says so where a ground could not be checked',
    (checks, says) => {
      const { dataset }: Part10 = readPart10(objectOf(checked(chestCase(), checks), 'PDF'));
      const input = new Uint8Array([dataset.EncapsulatedDocument].flat()[0] as unknown as ArrayBuffer);
      const words = execFileSync('pdftotext', ['-layout', '-', '-'], { input, encoding: 'utf8' });
      expect(words.includes('Not all checks could be made. The images do not say it.')).toBe(says);
    },
  );

  test('the picture has a longer caption than without it, and no other pixel changes', () => {
    const [marked, plain] = [results, checked(chestCase(), [PASSED])].map((r) =>
      readPart10(objectOf(r, 'SC')),
    );
    const bytesOf = (file: Part10 | undefined) => new Uint8Array([file?.pixels[0]].flat()[0] as Uint8Array);
    const rows = Number(plain?.dataset.Rows);
    expect(Number(marked?.dataset.Rows)).toBeGreaterThanOrEqual(rows);
    const {
      shape: [, high, wide],
    } = results.volume;
    const image = high * wide * 3;
    expect(bytesOf(marked).slice(0, image)).toEqual(bytesOf(plain).slice(0, image));
    expect(bytesOf(marked).slice(image)).not.toEqual(bytesOf(plain).slice(image));
  });
});

test('a calibrated probability is the certainty of the finding; the raw score stays uncalibrated', () => {
  const results = chestCase();
  const [finding] = results.prediction.findings;
  if (finding?.kind !== 'classification') throw new Error('no classification');
  const probability = 0.625;
  const [found] = reportOf({
    ...results,
    prediction: { ...results.prediction, findings: [{ ...finding, probability }] },
  }).findings;
  const numbers = Object.fromEntries(found?.measurements.map((m) => [m.name.value, m.value]) ?? []);
  expect(numbers).toMatchObject({ SCORE: 0.7252, '111012': 62.5 });
  expect(found?.evaluations).toContainEqual({ name: CODES.scoreScale, value: CODES.scoreUncalibrated });
});
