import { loadConfig } from '../../server/config.ts';
import type { DicomObject } from '../../server/contracts.ts';
import { CHECK_CODES } from '../../server/dicom/code.ts';
import { readPart10, text } from '../../server/dicom/read.ts';
import { correctSegmentation } from '../../server/encode/correct.ts';
import { bySegments } from '../../server/encode/correction.ts';
import { encode } from '../../server/encode/index.ts';
import { verifyReport } from '../../server/encode/verify.ts';
import { type Cases, type Overlay, openCases } from '../../server/review/cases.ts';
import { Case as CaseSchema } from '../../server/review/contract/case.ts';
import type { InstanceUids } from '../../server/review/outbox.ts';
import { openReadings } from '../../server/review/readings.ts';
import { openInstances } from '../../server/review/stored/instances.ts';
import { openWorklist } from '../../server/review/worklist.ts';
import { Fault } from '../../server/shared/fault.ts';
import { caseSources } from '../../server/wiring/reading-cases.ts';
import { ACCEPTANCE, answered, brainCase, type Case, chestCase } from '../encode/fixtures.ts';
import { openTables, type TestDatabase } from '../helpers/database.ts';
import { makeCase } from './made-cases.ts';

jest.setTimeout(120_000);

const ANN = { subject: 'ann', name: 'Ann', mayPlan: false };
/** What the archive holds, by UID. */
const archive = new Map<string, Uint8Array>();
const asked: string[] = [];

let database: TestDatabase;
let cases: Cases;
let chestId: string;
let headId: string;

const chest = withChecks(answered(chestCase({ header: { ImagerPixelSpacing: ['0.2', '0.1'] } })));
const head = brainCase({ empty: false });

function withChecks(results: Case): Case {
  return {
    ...results,
    explanation: {
      ...results.explanation,
      checks: [
        { name: 'age', state: 'failed', sentence: 'The patient is not of an age that the model is for.' },
        { name: 'view', state: 'passed', sentence: 'The view is one that the model is for.' },
        { name: 'contrast', state: 'remark', sentence: 'The contrast is low.' },
      ],
    },
  };
}

beforeAll(async () => {
  database = await openTables();
  const { sql } = database;
  const keep = (results: Case): readonly DicomObject[] => {
    const made = encode(results);
    for (const object of made) archive.set(object.SOPInstanceUID, new Uint8Array(object.bytes));
    for (const source of results.sources)
      archive.set(text(readPart10(source).dataset, 'SOPInstanceUID') ?? '', source);
    return made;
  };
  const facts = (made: readonly DicomObject[]) =>
    made.map(({ kind, SOPClassUID, SOPInstanceUID, SeriesInstanceUID }) => ({
      kind,
      SOPClassUID,
      SOPInstanceUID,
      SeriesInstanceUID,
    }));
  const study = chest.job.arrived.StudyInstanceUID;
  chestId = await makeCase(sql, {
    study,
    series: chest.volume.SeriesInstanceUID,
    objects: facts(keep(chest)),
  });
  headId = await makeCase(sql, {
    study,
    series: head.volume.SeriesInstanceUID,
    objects: facts(keep(head)),
    findings: [0, 1].map((n) => ({ label: `Structure ${n}`, sentence: 's', volumeMl: 1 })),
  });
  cases = openCases({
    sql,
    worklist: openWorklist(sql),
    readings: openReadings(sql),
    instances: openInstances(async ({ SOPInstanceUID: uid }: InstanceUids) => {
      asked.push(uid);
      const bytes = archive.get(uid);
      if (!bytes) throw new Fault('NOT_FOUND', `the archive does not hold ${uid}`);
      return bytes;
    }),
    find: async ({ SOPInstanceUID: uid }) => {
      const bytes = archive.get(uid);
      if (!bytes) return undefined;
      return { SOPClassUID: text(readPart10(bytes).dataset, 'SOPClassUID') ?? '', bytes: bytes.length };
    },
    frameOf: caseSources(loadConfig({})).frameOf,
    modelOf: async (id) =>
      id === 'chest'
        ? { name: 'Chest model', intendedUse: 'Tests.', limits: ['Nobody.'], card: '# Card' }
        : undefined,
    earlierStudies: async () => [{ study, at: '2026-11-01' }],
  });
});
afterAll(() => database.close());

describe('a radiograph', () => {
  test('is told from the stored objects as the contract says', async () => {
    const it = await cases.open(chestId, ANN);
    expect(() => CaseSchema.parse(it)).not.toThrow();
    expect(it.pictures).toEqual([
      {
        SOPInstanceUID: chest.volume.frames[0]?.SOPInstanceUID,
        SeriesInstanceUID: chest.volume.SeriesInstanceUID,
        rows: 61,
        columns: 83,
        aspect: 2,
        name: 'Image 1 of 1',
      },
    ]);
    expect(it.allFindings).toEqual([
      expect.objectContaining({
        label: 'Pneumonia',
        code: { value: '233604007', scheme: 'SCT', meaning: 'Pneumonia' },
        sentence: 'Finding 0 in one plain sentence.',
        present: true,
        score: 0.7252,
        threshold: 0.3252,
        overlays: ['map'],
        keyPicture: 0,
        measurements: [],
        measures: [
          { name: 'Completeness gap', sentence: 'What the map leaves unexplained.', value: 1.25e-6 },
          { name: 'Mean margin to the second label', sentence: 'How sure the labels are.', value: 0.3 },
        ],
        checks: [
          {
            name: CHECK_CODES.age.meaning,
            state: 'failed',
            sentence: expect.stringContaining('not of an age'),
          },
          { name: CHECK_CODES.view.meaning, state: 'passed', sentence: expect.stringContaining('The view') },
          { name: CHECK_CODES.contrast.meaning, state: 'remark', sentence: 'The contrast is low.' },
        ],
      }),
    ]);
    expect(it.allFindings[0]?.elements).toEqual({
      localization: { state: 'given', sentence: 'The evidence is there.', method: 'by hand' },
      visualRecognizability: { state: 'absent', reason: 'No reference cases.' },
      physicalAttribution: { state: 'absent', reason: 'No pixel spacing is known.' },
      modelTransparency: { state: 'given', sentence: 'The parts add up to the logit.', method: 'by hand' },
      actionability: { state: 'given', sentence: 'The score is 0.4 above its threshold.', method: 'by hand' },
    });
    const corners = (left: number, top: number, right: number, bottom: number) => [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
      [left, top],
    ];
    expect(it.allFindings[0]?.regions).toEqual([
      {
        name: 'Top region',
        meaning: 'Carries most of the score.',
        picture: 0,
        points: corners(10, 5.5, 40, 30),
      },
      { name: 'Second region', meaning: 'Carries the rest.', picture: 0, points: corners(50, 5, 60, 30) },
    ]);
    expect(it.modelFacts).toMatchObject({ name: 'Chest model', limits: ['Nobody.'], card: '# Card' });
    expect(Object.fromEntries(it.provenance.map(({ name, value }) => [name, value]))).toMatchObject({
      Model: 'Test model for encoders 1.2.3',
      'Device UID': '2.25.4711',
      'Package (SHA-256)': 'ab'.repeat(32),
      Acceptance: ACCEPTANCE,
      'Prepared: resize': 'area 224×224',
    });
    expect(it.viewer).toContain(`initialSOPInstanceUID=${chest.volume.frames[0]?.SOPInstanceUID}`);
    expect(it.priors).toContainEqual({
      StudyInstanceUID: it.StudyInstanceUID,
      sentence: expect.any(String),
      at: '2026-11-01',
    });
  });

  test('its report is a tree that a person reads, with every code', async () => {
    const { tree } = await cases.open(chestId, ANN);
    expect(tree).toMatchObject({ name: 'Imaging Measurement Report', code: '126000 DCM' });
    const flat = JSON.stringify(tree);
    for (const words of ['"value":"Pneumonia","valueCode":"233604007 SCT"', 'POLYLINE of 5 points', '0.7252'])
      expect(flat).toContain(words);
  });

  test('the source image and its map are drawn', async () => {
    const source = await cases.picture(chestId, 0);
    expect([source.rows, source.columns, source.samples]).toEqual([61, 83, 1]);
    const { data } = chest.volume;
    const [low, high] = [Math.min(...data), Math.max(...data)];
    expect(source.data[500]).toBe(Math.round((255 * ((data[500] as number) - low)) / (high - low)));
    const map = await cases.overlay(chestId, 0, 'map', {
      finding: 0,
      top: 0.2,
      colours: 'inferno',
      against: '0',
    });
    expect([map.rows, map.columns, map.samples]).toEqual([61, 83, 4]);
    const shown = map.data.filter((v, i) => i % 4 === 3 && v > 0).length / (61 * 83);
    expect(shown).toBeGreaterThan(0.05);
    expect(shown).toBeLessThan(0.3);
  });

  test.each([
    ['a picture that is not there', () => cases.picture(chestId, 1)],
    ['a finding that is not there', () => overlay(chestId, 0, 'map', 1)],
    ['a mask of a score', () => overlay(chestId, 0, 'mask')],
    ['an uncertainty that was not computed', () => overlay(chestId, 0, 'uncertainty')],
    ['a result that is not there', () => cases.open('f'.repeat(32), ANN)],
  ])('%s is not found', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

const overlay = (id: string, n: number, kind: Overlay, finding = 0) =>
  cases.overlay(id, n, kind, { finding, top: 1, colours: 'inferno', against: '0' });

describe('a brain', () => {
  test('each image is a picture; each structure has its mask and how sure it is', async () => {
    const { pictures, allFindings } = await cases.open(headId, ANN);
    expect(pictures.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(
      head.volume.frames.map(({ SOPInstanceUID }) => SOPInstanceUID),
    );
    expect(pictures[2]).toMatchObject({ name: 'Image 3 of 4', rows: 5, columns: 7, aspect: 0.666667 });
    expect(allFindings.map(({ overlays }) => overlays)).toEqual(new Array(2).fill(['mask', 'uncertainty']));
    expect(allFindings[0]?.measurements).toEqual([
      { name: 'Volume', value: expect.any(Number), unit: 'mm3' },
    ]);
  });

  test('each voxel of a label is at its pixel of its image, and no other', async () => {
    const labels = head.prediction.labelMap?.data ?? new Uint8Array();
    for (let n = 0; n < 4; n++)
      for (const finding of [0, 1]) {
        const { data } = await overlay(headId, n, 'mask', finding);
        expect(Array.from({ length: 35 }, (_, i) => (data[4 * i + 3] as number) > 0)).toEqual(
          [...labels.subarray(35 * n, 35 * (n + 1))].map((label) => label === finding + 1),
        );
      }
  });

  test('a mask that a person corrected is beside the model’s, at its own pixels, and not while others read it blind', async () => {
    const made = encode(head);
    const [seg, sr] = ['SEG', 'SR'].map((k) => made.find(({ kind }) => kind === k)) as [
      DicomObject,
      DicomObject,
    ];
    const labels = Uint8Array.from(head.prediction.labelMap?.data ?? []);
    // The second structure has one voxel more, on the last image.
    labels[labels.lastIndexOf(0)] = 2;
    const assessment = {
      person: 'Jane Sample',
      organization: 'Sample Hospital',
      verdict: 'modified',
      at: '2026-11-26T08:00:00.000Z',
    } as const;
    const edited = { planes: head.volume, labelMap: { shape: head.volume.shape, data: labels } };
    const corrected = correctSegmentation(seg.bytes, edited, assessment);
    const verified = verifyReport(sr.bytes, assessment, bySegments(corrected));
    for (const { SOPInstanceUID, bytes } of [corrected.object, verified])
      archive.set(SOPInstanceUID, new Uint8Array(bytes));
    expect((await cases.open(headId, ANN)).corrected).toBeUndefined();
    await expect(overlay(headId, 0, 'corrected')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await database.sql.query(
      `insert into pellucid.review_report (id, analysis, readings, content, state, uid, series, due, made_at)
        values ('c', $1, '{}', $2::jsonb, 'stored', $3, $4, now(), now())`,
      [
        headId,
        JSON.stringify({
          persons: [{ subject: 'jane', name: 'Jane', at: assessment.at }],
          verdicts: [],
          notes: [],
          at: assessment.at,
        }),
        verified.SOPInstanceUID,
        verified.SeriesInstanceUID,
      ],
    );
    const state = (name: string) =>
      database.sql.query('update pellucid.review_case set state = $2 where analysis = $1', [headId, name]);
    expect((await cases.open(headId, ANN)).corrected).toBeUndefined();
    await state('judged');
    const it = await cases.open(headId, ANN);
    expect(it.corrected).toEqual({ by: 'Jane', at: assessment.at });
    expect(it.allFindings.map(({ overlays }) => overlays.includes('corrected'))).toEqual([true, true]);
    for (let n = 0; n < 4; n++)
      for (const finding of [0, 1]) {
        const { data } = await overlay(headId, n, 'corrected', finding);
        expect(Array.from({ length: 35 }, (_, i) => (data[4 * i + 3] as number) > 0)).toEqual(
          [...labels.subarray(35 * n, 35 * (n + 1))].map((label) => label === finding + 1),
        );
      }
    await state('unread');
  });

  test('what was read once is not fetched again', async () => {
    await overlay(headId, 0, 'uncertainty');
    asked.length = 0;
    for (let n = 0; n < 4; n++) await overlay(headId, n, 'uncertainty');
    expect(asked).toEqual([]);
  });
});

test('an object that is gone, or is another than its record says, is told', async () => {
  const it = await cases.open(headId, ANN);
  expect(it.objects.map(({ kind, state }) => `${kind} ${state}`)).toEqual(
    it.objects.map(({ kind }) => `${kind} valid`),
  );
  const gone = it.objects.find(({ kind }) => kind === 'KOS')?.SOPInstanceUID ?? '';
  const kept = archive.get(gone) as Uint8Array;
  archive.delete(gone);
  expect((await cases.open(headId, ANN)).objects).toContainEqual(
    expect.objectContaining({ kind: 'KOS', state: 'missing' }),
  );
  archive.set(gone, head.sources[0] as Uint8Array);
  expect((await cases.open(headId, ANN)).objects).toContainEqual(
    expect.objectContaining({ kind: 'KOS', state: 'unreadable' }),
  );
  archive.set(gone, kept);
});

test('who cannot sign is told why', async () => {
  const it = await cases.open(chestId, { ...ANN, unsigned: 'nobody is logged in' });
  expect(it.maySign).toEqual({ may: false, as: 'reader', why: 'nobody is logged in' });
});

describe('instances', () => {
  test('are kept up to so many bytes, the last read the longest; two who ask at once ask once', async () => {
    const fetched: string[] = [];
    const [source = new Uint8Array()] = chest.sources;
    const instances = openInstances(
      async ({ SOPInstanceUID }) => {
        fetched.push(SOPInstanceUID);
        return source;
      },
      { keptBytes: 2 * source.length },
    );
    const read = (uid: string) =>
      instances.read({ StudyInstanceUID: '1', SeriesInstanceUID: '1', SOPInstanceUID: uid });
    await Promise.all([read('a'), read('a')]);
    await read('b');
    await read('a');
    await read('c');
    await read('a');
    await read('b');
    expect(fetched.join('')).toBe('abcb');
  });
});
