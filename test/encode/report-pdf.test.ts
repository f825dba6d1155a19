import { execFileSync } from 'node:child_process';
import { PNG } from 'pngjs';
import { readPart10 } from '../../server/dicom/read.ts';
import { contextOf } from '../../server/encode/context.ts';
import { encode, USUAL_SITE } from '../../server/encode/index.ts';
import { pictureOf } from '../../server/encode/page-picture.ts';
import { disagreementsOf, errorsOf } from '../helpers/validators.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

const object = (results: Case): Uint8Array =>
  encode(results, ['PDF']).find((o) => o.kind === 'PDF')?.bytes as Uint8Array;

/** The document without the byte that makes its length even. */
function pdfOf(bytes: Uint8Array): Uint8Array {
  const { dataset } = readPart10(bytes);
  const value: unknown = [dataset.EncapsulatedDocument].flat()[0];
  return new Uint8Array(value as ArrayBuffer).subarray(0, Number(dataset.EncapsulatedDocumentLength));
}
/** Words and number of pages as Poppler reads them. */
const wordsOf = (pdf: Uint8Array): string =>
  execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' });
const pagesOf = (pdf: Uint8Array): string | undefined =>
  /Pages:\s+(\d+)/.exec(execFileSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8' }))?.[1];

/** The first finding with more to say than a page holds. */
function wordy(results: Case): Case {
  const long =
    'What the model says here is long, and goes on for a while, so that the page must give way. '.repeat(9);
  const findings = results.explanation.findings.map((f) => ({
    ...f,
    elements: { ...f.elements, localization: { state: 'given' as const, sentence: long, method: 'by hand' } },
    measures: Array.from({ length: 12 }, (_, i) => ({
      ...(f.measures[1] as (typeof f.measures)[number]),
      name: `M${i}`,
    })),
  }));
  const model = {
    ...results.prediction.model,
    limits: Array.from({ length: 30 }, (_, i) => `Limit ${i}: ${long}`),
  };
  return {
    ...results,
    prediction: { ...results.prediction, model },
    explanation: { ...results.explanation, findings },
  };
}

const CASES: readonly (readonly [string, Case])[] = [
  ['a radiograph', chestCase()],
  ['a negative radiograph', chestCase({ positive: false })],
  ['a brain of 60 structures', brainCase({ segments: 60, shape: [6, 9, 11] })],
  ['an empty mask', brainCase({ empty: true })],
  ['more words than a page holds', wordy(chestCase())],
];

test.each(CASES)('%s: valid, of the source study, one page', (_, results) => {
  const bytes = object(results);
  expect(errorsOf(bytes)).toEqual([]);
  expect(disagreementsOf([...results.sources, bytes])).toEqual([]);
  expect(pagesOf(pdfOf(bytes))).toBe('1');
});

test('a radiograph: whose, what, how sure, the five elements, the limits, and what it is not for', () => {
  const words = wordsOf(pdfOf(object(chestCase())));
  for (const said of [
    'AI RESULT · RESEARCH USE · NOT VERIFIED BY A PHYSICIAN',
    'Müller, Jörg TEST-1 born 2 Jan 1970 O',
    'Finding 0 in one plain sentence.',
    'above its threshold',
    'score 0.73, threshold 0.33 (line), not calibrated: no probability',
    'Where The evidence is there.',
    'Can you see it too? Not given: No reference cases.',
    'What it measures Not given: No pixel spacing is known.',
    'How the model got there The parts add up to the logit.',
    'What now The score is 0.4 above its threshold.',
    'Completeness gap: below 0.001. What the map leaves unexplained.',
    'Not for adults.',
    'Test model for encoders 1.2.3 by Pellucid tests',
    'must be checked on the images',
  ])
    expect(words.replace(/\s+/g, ' ')).toContain(said);
});

test.each([
  [0.62, 'calibrated probability 62 %'],
  [0.004, 'calibrated probability under 1 %'],
  [0.997, 'calibrated probability over 99 %'],
])('a probability of %s is never said to be certain: %s', (probability, said) => {
  const { prediction, ...results } = chestCase();
  const findings = prediction.findings.map((finding) =>
    finding.kind === 'classification' ? { ...finding, probability } : finding,
  );
  const words = wordsOf(pdfOf(object({ ...results, prediction: { ...prediction, findings } })));
  expect(words.replace(/\s+/g, ' ')).toContain(said);
});

test('a negative radiograph: its colours are dimmed as in the overlay, and that is said', () => {
  const map = { data: new Float32Array(196).fill(1), range: [0, 1] as const };
  const strongest = (positive: boolean): number => {
    const results = chestCase({ positive });
    const maps = results.explanation.maps.map((m) => ({ ...m, ...map }));
    const context = contextOf({ ...results, explanation: { ...results.explanation, maps } }, USUAL_SITE);
    const { data } = PNG.sync.read(pictureOf(context, 0).png);
    return Math.max(
      ...Array.from({ length: data.length / 4 }, (_, i) => chroma(data.subarray(4 * i, 4 * i + 3))),
    );
  };
  expect(strongest(true)).toBeGreaterThan(2 * strongest(false));
  expect(strongest(false)).toBeGreaterThan(0);
  const words = (positive: boolean) => wordsOf(pdfOf(object(chestCase({ positive }))));
  expect(words(false)).toContain('colour: Class activation, below threshold');
  expect(words(true)).not.toContain('below threshold');
});
const chroma = (rgb: Uint8Array): number => Math.max(...rgb) - Math.min(...rgb);

test('structures with their volumes; what does not fit is counted', () => {
  const words = wordsOf(pdfOf(object(brainCase({ segments: 60, shape: [6, 9, 11] })))).replace(/\s+/g, ' ');
  expect(words).toContain('60 of 60 structures are present.');
  expect(words).toContain('Structure 1 0.01 ml');
  expect(words).toMatch(/and \d+ more in the structured report/);
});

test('an empty mask says so', () => {
  const words = wordsOf(pdfOf(object(brainCase({ empty: true }))));
  expect(words).toContain('0 of 2 structures are present.');
  expect(words).toContain('not found');
});

test('where the page is full it says what it left out', () => {
  const words = wordsOf(pdfOf(object(wordy(chestCase()))));
  expect(words).toContain('And 27 more in the structured report.');
});

test.each([
  ['Greek', 'Διονυσίου^Άννα', 'Διονυσίου, Άννα'],
  ['Cyrillic', 'Люкceмбypг', 'Люкceмбypг'],
  ['three groups: the alphabetic one', 'Yamada^Tarou=山田^太郎=やまだ^たろう', 'Yamada, Tarou'],
])('a name in %s', (_, PatientName, shown) => {
  expect(wordsOf(pdfOf(object(chestCase({ header: { PatientName } }))))).toContain(shown);
});

const NOT_PRINTED = '[letters that this page cannot print: see the archive]';

test.each([
  ['a name in Chinese', { PatientName: '=王^小东=' }, `${NOT_PRINTED} TEST-1`],
  [
    'a description with Korean in it',
    { StudyDescription: 'CT 흉부 (가슴) low dose' },
    `CT ${NOT_PRINTED}) low dose`,
  ],
])('%s: said, for boxes would tell nobody', (_, header, shown) => {
  const words = wordsOf(pdfOf(object(chestCase({ header })))).replace(/\s+/g, ' ');
  expect(words).toContain(shown);
});

test('the same results are the same page, byte for byte', () => {
  expect(Buffer.compare(object(chestCase()), object(chestCase()))).toBe(0);
});

test('a page is made only for a site that wants it', () => {
  expect(encode(chestCase()).some((o) => o.kind === 'PDF')).toBe(false);
});
