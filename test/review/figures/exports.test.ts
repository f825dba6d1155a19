import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures } from '../../../server/review/contract/figures.ts';
import { figuresCsv } from '../../../server/review/figures/csv.ts';
import { governancePdf } from '../../../server/review/figures/governance.ts';
import { proportion } from '../../../server/review/figures/proportion.ts';
import { REGISTRY_COLUMNS, registryCsv } from '../../../server/review/figures/registry.ts';
import { titlesOf } from '../../../server/review/figures/titles.ts';
import { openTables, type TestDatabase } from '../../helpers/database.ts';
import { insertCases } from '../../helpers/review-cases.ts';

jest.setTimeout(120_000);

const SAID: Omit<Figures, 'titles'> = {
  model: 'chest',
  versions: ['1.0.0', '1.1.0'],
  finding: 'Pneumonia',
  from: '2026-06-01T00:00:00.000Z',
  to: '2026-11-25T00:00:00.000Z',
  reviewed: proportion(50, 400),
  agreement: proportion(45, 48),
  cannotTell: proportion(2, 50),
  flagged: proportion(12, 400),
  override: proportion(2, 50),
  reasons: [{ reason: 'falsePositive', share: proportion(2, 50) }],
  truth: {
    n: 0,
    sensitivity: proportion(0, 0),
    specificity: proportion(0, 0),
    ppv: proportion(0, 0),
    npv: proportion(0, 0),
  },
  kappa: { value: -0.125, low: -0.5, high: 0.25, n: 8, agreed: 3 },
  turnaround: { n: 400, medianS: 14, p95S: 31 },
  groups: {
    scanner: [
      { name: '=HYPERLINK("http://evil")', agreement: proportion(20, 20), differs: true },
      { name: 'DR "B", north', agreement: proportion(25, 28), differs: false },
    ],
    site: [],
    age: [],
    sex: [],
    version: [],
  },
  weeks: [],
  drift: [
    {
      name: 'pixelSpacing',
      psi: 0.31,
      ks: 0.4,
      n: 300,
      reference: { n: 624, from: 'acceptance' },
      state: 'act',
    },
  ],
  scores: { n: 0, shares: [] },
};
const FIGURES: Figures = { ...SAID, titles: titlesOf(SAID) };

/** Another reader than what wrote it: Python's csv. */
function readCsv(text: string): readonly (readonly string[])[] {
  const file = join(mkdtempSync(join(tmpdir(), 'pellucid-csv-')), 'a.csv');
  writeFileSync(file, text);
  const script =
    'import csv,json,sys; print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8-sig", newline="")))))';
  return JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }));
}

test('a table has a row a number; what looks like a formula is none, and a negative number stays a number', () => {
  const rows = readCsv(figuresCsv(FIGURES));
  expect(rows[0]).toEqual(['part', 'name', 'k', 'n', 'value', 'low', 'high']);
  const row = (name: string) => rows.find((r) => r[1] === name);
  expect(row('agreement')?.slice(0, 5)).toEqual(['all', 'agreement', '45', '48', '0.9375']);
  expect(row('kappa')).toEqual(['readers', 'kappa', '3', '8', '-0.125', '-0.5', '0.25']);
  expect(row('sensitivity')).toEqual(['truth', 'sensitivity', '0', '0', '', '', '']);
  expect(row('DR "B", north')?.slice(2, 4)).toEqual(['25', '28']);
  expect(rows.flat().filter((cell) => cell.startsWith('='))).toEqual([]);
  expect(rows.flat().some((cell) => cell.includes('=HYPERLINK'))).toBe(true);
});

describe('one page for those who govern the model', () => {
  const textOf = async (happenings: readonly { at: string; words: string }[]) => {
    const file = join(mkdtempSync(join(tmpdir(), 'pellucid-pdf-')), 'a.pdf');
    writeFileSync(file, await governancePdf(FIGURES, { happenings, at: new Date('2026-11-25T12:00:00Z') }));
    return {
      pages: execFileSync('pdfinfo', [file], { encoding: 'utf8' }).match(/Pages:\s+(\d+)/)?.[1],
      words: execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' '),
    };
  };

  test('says counts, intervals, limits and what happened', async () => {
    const { pages, words } = await textOf([
      { at: '2026-11-06T08:00:00Z', words: 'stopped by Dr Sample: wrong side' },
    ]);
    expect(pages).toBe('1');
    expect(words).toContain('chest: Pneumonia');
    expect(words).toContain('Agreed with 45 of 48 93.8 % (83.2 % to 97.9 %)');
    expect(words).toContain('Sensitivity, truth known 0 of 0 none counted');
    expect(words).toContain('Too few weeks to say what is usual');
    expect(words).toContain('pixel spacing: PSI 0.31, KS 0.40 (300 against 624, acceptance): act');
    expect(words).toContain('2026-11-06: stopped by Dr Sample: wrong side');
  });

  test('stays one page, and counts what has no room', async () => {
    const { pages, words } = await textOf(
      Array.from({ length: 90 }, (_, i) => ({ at: '2026-11-06T08:00:00Z', words: `incident ${i}` })),
    );
    expect(pages).toBe('1');
    expect(words).toMatch(/and \d+ more, in the audit trail/);
  });
});

describe('registry', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTables();
  });
  afterAll(() => database.close());

  test('has a row a result, with what the archive knows of the study; what is gone from it is empty', async () => {
    await insertCases(
      database.sql,
      Array.from({ length: 401 }, (_, i) => ({
        score: 0.75,
        positive: true,
        ageYears: 4,
        sex: 'M',
        // A Date holds no microseconds: a page must not begin with the row that the last one ended with.
        madeAt: `2026-11-02T10:00:00.${String(1_000 + i).padStart(6, '0')}Z`,
        ...(i === 0 ? { verdict: 'disagree', reasons: ['falsePositive', 'other'], truth: false } : {}),
      })),
    );
    const asked: string[] = [];
    const pieces: string[] = [];
    for await (const piece of registryCsv(
      {
        sql: database.sql,
        studyOf: async (study) => {
          asked.push(study);
          return study === '1.2.2'
            ? undefined
            : {
                PatientID: 'P-1',
                AccessionNumber: 'A-1',
                StudyDate: '20261102',
                StudyDescription: '+Thorax, "AP"',
              };
        },
        manufacturerOf: async (_, version) => `maker of ${version}`,
        platform: 'Pellucid 0.1.0',
      },
      { model: 'm', finding: 'Nodule', from: '2026-01-01T00:00:00Z', to: '2026-12-01T00:00:00Z' },
    ))
      pieces.push(piece);
    const [header, ...rows] = readCsv(pieces.join(''));
    const cell = (row: number, column: (typeof REGISTRY_COLUMNS)[number]) =>
      rows[row]?.[header?.indexOf(column) ?? -1];
    expect(header).toEqual([...REGISTRY_COLUMNS]);
    expect(rows).toHaveLength(401);
    expect(new Set(rows.map((row) => row.join())).size).toBe(401);
    expect(new Set(asked).size).toBe(asked.length);
    expect(cell(0, 'Patient ID')).toBe('P-1');
    expect(cell(0, 'AI Manufacturer')).toBe('maker of 1.0.0');
    expect(cell(0, 'AI Result Indicator')).toBe('positive');
    expect(cell(0, 'AI Result')).toBe('0.75');
    expect(cell(0, 'Review Reasons')).toBe('falsePositive; other');
    expect(cell(0, 'Truth')).toBe('absent');
    expect(cell(0, 'Exam Name')?.startsWith('+')).toBe(false);
    expect(cell(1, 'Patient ID')).toBe('');
    expect(cell(1, 'Review Verdict')).toBe('');
    expect(cell(1, 'Patient Age')).toBe('4');
  });
});
