import { ASSESSMENT_REASONS, CODES } from '../../server/dicom/code.ts';
import { codeOf, type Dataset, items, number, readPart10, text } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { type Review, verifyFindings } from '../../server/encode/verify-findings.ts';
import { readResult } from '../../server/results/read.ts';
import { disagreementsOf, errorsOf, reportHtml } from '../helpers/validators.ts';
import { brainCase, type Case, chestCase } from './fixtures.ts';

type Finding = Review['findings'][number];
const AGREE: Finding = { verdict: 'agree', reasons: [], explanation: 4 };
const DISAGREE: Finding = {
  verdict: 'disagree',
  reasons: [ASSESSMENT_REASONS.segmentation, ASSESSMENT_REASONS.misleading],
  explanation: 1.5,
};
const CANNOT: Finding = { verdict: 'cannot-tell', reasons: [] };

const report = (results: Case): Uint8Array =>
  encode(results).find((o) => o.kind === 'SR')?.bytes as Uint8Array;
const review = (findings: readonly Finding[], more: Partial<Review> = {}): Review => ({
  persons: [{ person: 'Ärztin^Ada', at: '2026-11-26T08:15:00.000Z' }],
  organization: 'Test hospital',
  findings,
  notes: ['Seen on the lateral view too.'],
  at: '2026-11-26T09:30:00.000Z',
  ...more,
});
const read = (bytes: Uint8Array): Dataset => readPart10(bytes).dataset;
const children = (item: Dataset): readonly Dataset[] => items(item, 'ContentSequence');
const nameOf = (item: Dataset): string | undefined => codeOf(item, 'ConceptNameCodeSequence')?.value;
const child = (item: Dataset, name: string): Dataset | undefined =>
  children(item).find((c) => nameOf(c) === name);
const saidIn = (item: Dataset) => codeOf(item, 'ConceptCodeSequence')?.value ?? text(item, 'TextValue');
const said = (document: Dataset) => children(child(document, 'C0034375') ?? {});
const labels = (document: Dataset) =>
  children(child(document, '126010') ?? {})
    .filter((group) => child(group, CODES.summary.value))
    .map((group) => text(child(group, '112039') ?? {}, 'TextValue'));
const predecessor = (document: Dataset) =>
  items(document, 'PredecessorDocumentsSequence')
    .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
    .flatMap((series) =>
      items(series, 'ReferencedSOPSequence').map((i) => [
        text(series, 'SeriesInstanceUID'),
        text(i, 'ReferencedSOPInstanceUID'),
      ]),
    );

describe.each([
  ['a radiograph', chestCase()],
  ['a brain', brainCase()],
])('all agreed: %s', (_, results) => {
  const original = report(results);
  const count = results.prediction.findings.length;
  const before = original.slice();
  const verified = verifyFindings(original, review(new Array(count).fill(AGREE)));
  const document = read(verified.bytes);

  test('a new, valid, VERIFIED document with all findings as they were; the original is untouched', () => {
    expect(errorsOf(verified.bytes)).toEqual([]);
    expect(disagreementsOf([...results.sources, original, verified.bytes])).toEqual([]);
    expect(Buffer.compare(original, before)).toBe(0);
    expect(text(document, 'VerificationFlag')).toBe('VERIFIED');
    expect(child(document, '126010')).toEqual(child(read(original), '126010'));
    const source = read(original);
    expect(predecessor(document)).toEqual([
      [text(source, 'SeriesInstanceUID'), text(source, 'SOPInstanceUID')],
    ]);
  });

  test('the same review gives the same bytes, another review another document', () => {
    expect(verifyFindings(original, review(new Array(count).fill(AGREE))).bytes).toEqual(verified.bytes);
    const other = verifyFindings(original, review(new Array(count).fill(AGREE), { notes: [] }));
    expect(other.SOPInstanceUID).not.toBe(verified.SOPInstanceUID);
  });
});

describe('a finding that is disagreed', () => {
  const results = brainCase();
  const original = report(results);
  const [first, second] = results.prediction.findings.map(({ label }) => label.label);
  const document = read(verifyFindings(original, review([AGREE, DISAGREE])).bytes);

  test('is not repeated as if it were verified, nor is a place of it; the other stands as it was', () => {
    expect(labels(read(original))).toEqual([first, second]);
    expect(labels(document)).toEqual([first]);
    expect(JSON.stringify(child(document, '126010'))).not.toContain(second);
    expect(errorsOf(verifyFindings(original, review([AGREE, DISAGREE])).bytes)).toEqual([]);
  });

  test('has its verdict with coded reasons and the rating of the map, by its tracking UID', () => {
    const verdicts = said(document).filter((e) => nameOf(e) === CODES.findingAssessment.value);
    expect(verdicts.map(saidIn)).toEqual(['ACCEPTED', 'REJECTED']);
    const [, rejected] = verdicts as [Dataset, Dataset];
    expect(text(child(rejected, '112039') ?? {}, 'TextValue')).toBe(second);
    const groups = children(child(read(original), '126010') ?? {});
    const own = groups.find((g) => text(child(g, '112039') ?? {}, 'TextValue') === second) as Dataset;
    expect(text(child(rejected, '112040') ?? {}, 'UID')).toBe(text(child(own, '112040') ?? {}, 'UID'));
    expect(
      children(rejected)
        .filter((c) => nameOf(c) === CODES.reason.value)
        .map(saidIn),
    ).toEqual(['SEG_ERROR', 'MISLEADING']);
    const [rating] = items(child(rejected, CODES.explanationRating.value) ?? {}, 'MeasuredValueSequence');
    expect(number(rating ?? {}, 'NumericValue')).toBe(1.5);
  });

  test('makes the whole a modified result; what the model summed up is not verified', () => {
    expect(said(document).map((e) => [nameOf(e), saidIn(e)])).toEqual([
      ['ASSESSMENT', 'MODIFIED'],
      ['REASON', 'SEG_ERROR'],
      ['REASON', 'MISLEADING'],
      ['FINDING_VERDICT', 'ACCEPTED'],
      ['FINDING_VERDICT', 'REJECTED'],
      ['121106', 'Seen on the lateral view too.'],
    ]);
  });
});

test.each<[string, readonly Finding[], string]>([
  ['nothing stands', [DISAGREE, CANNOT], 'REJECTED'],
  ['one cannot be told', [AGREE, CANNOT], 'MODIFIED'],
])('%s', (_, findings, overall) => {
  const { bytes } = verifyFindings(report(brainCase()), review(findings));
  expect(errorsOf(bytes)).toEqual([]);
  expect(saidIn(said(read(bytes)).find((e) => nameOf(e) === 'ASSESSMENT') ?? {})).toBe(overall);
  expect(labels(read(bytes))).toHaveLength(findings.filter(({ verdict }) => verdict === 'agree').length);
  expect(readResult(bytes)).toMatchObject({ kind: 'report', isVerified: true });
});

test('two who agree both verify it, each at his time (PS3.3 C.17.2)', () => {
  const persons = [
    { person: 'Ada', at: '2026-11-26T08:15:00.000Z' },
    { person: 'Bo', at: '2026-11-26T09:30:00.000Z' },
  ];
  const results = chestCase();
  const findings = new Array(results.prediction.findings.length).fill(AGREE);
  const { bytes } = verifyFindings(report(results), review(findings, { persons }));
  expect(errorsOf(bytes)).toEqual([]);
  expect(
    items(read(bytes), 'VerifyingObserverSequence').map((o) => [
      JSON.stringify(o.VerifyingObserverName).includes('Bo'),
      text(o, 'VerificationDateTime'),
    ]),
  ).toEqual([
    [false, '20261126081500+0000'],
    [true, '20261126093000+0000'],
  ]);
  expect(reportHtml(bytes)).toContain('Bo');
});

test('an amendment is the successor of the verified report that it takes the place of', () => {
  const predecessorUids = { SeriesInstanceUID: '1.2.3.4', SOPInstanceUID: '1.2.3.4.5' };
  const results = chestCase();
  const findings = new Array(results.prediction.findings.length).fill(DISAGREE);
  const { bytes } = verifyFindings(report(results), review(findings, { predecessor: predecessorUids }));
  expect(predecessor(read(bytes))).toEqual([['1.2.3.4', '1.2.3.4.5']]);
  expect(errorsOf(bytes)).toEqual([]);
});

test.each<[string, readonly Finding[]]>([
  ['a review of fewer findings', [AGREE]],
  ['a review that could tell nothing', [CANNOT, CANNOT]],
])('%s verifies nothing', (_, findings) => {
  expect(() => verifyFindings(report(brainCase()), review(findings))).toThrow(
    expect.objectContaining({ code: 'ENCODE_INVALID' }),
  );
});
