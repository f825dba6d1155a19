import { gzipSync } from 'node:zlib';
import express from 'express';
import { CODES } from '../../server/dicom/code.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { readResult } from '../../server/results/read.ts';
import { fetchInstance } from '../../server/retrieve/instance.ts';
import { type Assessing, assessmentsRouter, type Before } from '../../server/review/assessments.ts';
import { asFault, type Fault } from '../../server/shared/fault.ts';
import { store } from '../../server/store/index.ts';
import { verified } from '../../server/wiring/correcting.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { sendBytes, storedBytes } from '../helpers/archive.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { disagreementsOf, errorsOf, reportTree } from '../helpers/validators.ts';
import { type Listening, listen } from '../show/listening.ts';

const DICOMWEB = '/dicom-web';

/** What a panel sends: labels of `frames`, packed. */
const packed = (labels: Uint8Array): string => gzipSync(labels).toString('base64');

describe('what a reader decides of a report', () => {
  let orthanc: TestOrthanc;
  let site: Listening;
  const chest = chestCase();
  const made = encode(chest);
  const report = made.find(({ kind }) => kind === 'SR') as (typeof made)[number];
  const told: unknown[] = [];
  const setup = {
    signer: 'Jane^Sample' as string | undefined,
    organization: 'Sample Hospital',
    before: {} as Before,
  };

  beforeAll(async () => {
    orthanc = await startOrthanc();
    const archive = { url: orthanc.url };
    await sendBytes(archive, report.bytes);
    const assessing: Assessing = {
      get organization() {
        return setup.organization;
      },
      signer: () => setup.signer,
      fetch: (address) => fetchInstance(archive, DICOMWEB, address),
      verify: (report, decision, assessment) => verified(archive, DICOMWEB, { report, decision, assessment }),
      before: async () => setup.before,
      store: async (_, { decision: { verdict }, objects }) => {
        await store(archive, DICOMWEB, objects);
        told.push([verdict, objects.at(-1)?.SOPInstanceUID]);
      },
    };
    const app = express().use(assessmentsRouter(assessing));
    app.use(((error, _request, response, _next) => {
      const fault: Fault = asFault(error);
      response.status(fault.spec.status).json({ code: fault.code, detail: fault.detail });
    }) as express.ErrorRequestHandler);
    site = await listen(app);
  });
  afterEach(() => {
    setup.signer = 'Jane^Sample';
    setup.organization = 'Sample Hospital';
    setup.before = {};
  });
  afterAll(async () => {
    await site.close();
    await orthanc.remove();
  });

  const address = {
    StudyInstanceUID: report.StudyInstanceUID,
    SeriesInstanceUID: report.SeriesInstanceUID,
    SOPInstanceUID: report.SOPInstanceUID,
  };
  const post = (body: unknown) =>
    fetch(`${site.url}/api/assessments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test.each([
    ['accepted', { verdict: 'accepted' }, 2],
    ['rejected', { verdict: 'rejected', reason: 'falsePositive', note: 'Skin fold.' }, 0],
  ])(
    '%s: a new verified report is in the archive, valid, and the original is as it was',
    async (verdict, decision, findings) => {
      const answer = await post({ ...address, ...decision });
      expect(answer.status).toBe(201);
      const { SOPInstanceUID } = (await answer.json()) as { SOPInstanceUID: string };
      const bytes = await storedBytes({ url: orthanc.url }, SOPInstanceUID);
      expect(errorsOf(bytes)).toEqual([]);
      const read = readResult(bytes);
      expect(read).toMatchObject({ kind: 'report', isVerified: true, findings: { length: findings } });
      expect(JSON.stringify(read)).toContain(
        verdict === 'accepted' ? CODES.accepted.value : 'FALSE_POSITIVE',
      );
      const { dataset } = readPart10(bytes);
      expect(JSON.stringify(dataset.VerifyingObserverSequence)).toContain('Jane Sample');
      expect(JSON.stringify(dataset.PredecessorDocumentsSequence)).toContain(report.SOPInstanceUID);
      expect(await storedBytes({ url: orthanc.url }, report.SOPInstanceUID)).toEqual(
        new Uint8Array(report.bytes),
      );
      expect(told.at(-1)).toEqual([verdict, SOPInstanceUID]);
    },
  );

  test('what was verified before is what it follows', async () => {
    setup.before = { predecessor: { SeriesInstanceUID: '1.2.3.4', SOPInstanceUID: '1.2.3.4.5' } };
    const { SOPInstanceUID } = (await (await post({ ...address, verdict: 'accepted' })).json()) as {
      SOPInstanceUID: string;
    };
    const bytes = await storedBytes({ url: orthanc.url }, SOPInstanceUID);
    expect(errorsOf(bytes)).toEqual([]);
    const predecessors = JSON.stringify(readPart10(bytes).dataset.PredecessorDocumentsSequence);
    expect(predecessors).toContain('"1.2.3.4.5"');
    expect(predecessors).not.toContain(report.SOPInstanceUID);
  });

  test('a decision whose answer was lost is sent again, meanwhile and later: the archive has one report of it', async () => {
    const count = async () => ((await (await fetch(`${orthanc.url}/instances`)).json()) as unknown[]).length;
    const before = await count();
    const decision = { ...address, verdict: 'accepted', key: '5f3f2c1e-8a51-4d57-9b0e-3c1f6a9d2b10' };
    const send = async () =>
      ((await (await post(decision)).json()) as { SOPInstanceUID: string }).SOPInstanceUID;
    const uids = [...(await Promise.all([send(), send()])), await send()];
    expect(new Set(uids).size).toBe(1);
    expect(await count()).toBe(before + 1);
    expect((await post({ ...decision, key: 'mine' })).status).toBe(400);
  });

  test.each([
    ['others are still to read it', undefined, 202, { kept: 'Signed.' }],
    ['the last of those who are asked has read it', '1.2.7', 201, { SOPInstanceUID: '1.2.7' }],
  ])('%s: what is said is kept, and nothing is written here', async (_, report, status, body) => {
    const before = (await (await fetch(`${orthanc.url}/instances`)).json()) as unknown[];
    setup.before = { keep: async () => ({ sentence: 'Signed.', ...(report ? { report } : {}) }) };
    const answer = await post({ ...address, verdict: 'accepted' });
    expect([answer.status, await answer.json()]).toEqual([status, body]);
    expect(await (await fetch(`${orthanc.url}/instances`)).json()).toHaveLength(before.length);
  });

  test.each([
    ['a rejection without a reason', { verdict: 'rejected' }, 400],
    ['a verdict of no kind', { verdict: 'perhaps' }, 400],
    ['a reason of no kind', { verdict: 'rejected', reason: 'whim' }, 400],
    ['more than is asked for', { verdict: 'accepted', person: 'Someone else' }, 400],
    ['a report that is not there', { verdict: 'accepted', SOPInstanceUID: '1.2.3' }, 404],
  ])('%s is refused, and nothing is stored', async (_, change, status) => {
    const before = (await (await fetch(`${orthanc.url}/instances`)).json()) as unknown[];
    expect((await post({ ...address, ...change })).status).toBe(status);
    expect(await (await fetch(`${orthanc.url}/instances`)).json()).toHaveLength(before.length);
  });

  test.each([
    ['nobody is logged in', { signer: undefined }],
    ['ASSESSMENT_ORGANIZATION is not set', { organization: '' }],
  ])('%s: nobody signs, and why is said', async (why, change) => {
    Object.assign(setup, change);
    expect(await (await fetch(`${site.url}/api/assessments`)).json()).toMatchObject({ person: null, why });
    expect((await post({ ...address, verdict: 'accepted' })).status).toBe(403);
  });

  test('a reader is told as whom he signs, and which reasons there are', async () => {
    expect(await (await fetch(`${site.url}/api/assessments`)).json()).toMatchObject({
      person: 'Jane Sample',
      reasons: expect.arrayContaining(['falsePositive', 'misleading']),
    });
  });

  describe('modified', () => {
    const brain = brainCase();
    const objects = encode(brain);
    const [seg, sr] = ['SEG', 'SR'].map(
      (k) => objects.find(({ kind }) => kind === k) as (typeof made)[number],
    );
    const [, rows, columns] = brain.volume.shape;
    const size = rows * columns;
    const before = brain.prediction.labelMap?.data as Uint8Array;
    /** The second segment has one voxel more, on the last slice. */
    const after = Uint8Array.from(before);
    after[after.lastIndexOf(0)] = 2;
    const frames = brain.volume.frames.map(({ SOPInstanceUID }) => ({ SOPInstanceUID }));
    const uidsOf = ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: typeof report) => ({
      StudyInstanceUID,
      SeriesInstanceUID,
      SOPInstanceUID,
    });
    const { StudyInstanceUID: _, ...ofSeg } = uidsOf(seg as typeof report);
    const masks = { ...ofSeg, frames, labels: packed(after) };
    const modified = { ...uidsOf(sr as typeof report), verdict: 'modified' };
    const stored = (uid: string) => storedBytes({ url: orthanc.url }, uid);

    beforeAll(async () => {
      for (const bytes of [...brain.sources, ...objects.map((o) => o.bytes)])
        await sendBytes({ url: orthanc.url }, bytes);
    });

    test('masks: a corrected segmentation and a report of its volumes are in the archive, valid; both originals are as they were', async () => {
      const answer = await post({ ...modified, masks });
      expect(answer.status).toBe(201);
      const { SOPInstanceUID } = (await answer.json()) as { SOPInstanceUID: string };
      const document = await stored(SOPInstanceUID);
      expect(errorsOf(document)).toEqual([]);
      const read = readResult(document);
      if (read.kind !== 'report') throw new Error('no report');
      const segments = read.findings.filter((f) => f.segments.length > 0);
      const voxels = (n: number) => after.filter((v) => v === n).length;
      expect(segments.map((f) => f.measurements.map(({ value }) => value))).toEqual(
        [1, 2].map((n) => [expect.closeTo(voxels(n) * 0.5 * 0.75 * 2.5, 6)]),
      );
      const corrected = await stored(segments[0]?.segments[0]?.SOPInstanceUID as string);
      expect(errorsOf(corrected)).toEqual([]);
      expect(disagreementsOf([...brain.sources, corrected, document])).toEqual([]);
      const mask = readResult(corrected);
      if (mask.kind !== 'segmentation') throw new Error('no segmentation');
      expect(mask.SOPInstanceUID).not.toBe(seg?.SOPInstanceUID);
      expect(mask.segments.map((s) => s.algorithmType)).toEqual(['AUTOMATIC', 'SEMIAUTOMATIC']);
      // Frame by frame as the images name themselves, against what was sent.
      const found = new Uint8Array(after.length);
      for (const [i, { segment = 0, source }] of mask.frameList.entries()) {
        const plane = frames.findIndex(({ SOPInstanceUID: uid }) => uid === source?.SOPInstanceUID);
        mask.pixels(i).forEach((bit, at) => {
          if (bit) found[plane * size + at] = segment;
        });
      }
      expect(found).toEqual(after);
      for (const object of [seg, sr])
        expect(await stored(object?.SOPInstanceUID as string)).toEqual(new Uint8Array(object?.bytes ?? []));
      expect(told.at(-1)).toEqual(['modified', SOPInstanceUID]);
    });

    test('an outline: the finding is where the reader drew it, on an image that the report cites', async () => {
      await sendBytes({ url: orthanc.url }, chest.sources[0] as Uint8Array);
      const finding = readResult(report.bytes);
      const trackingUID = finding.kind === 'report' ? finding.findings[0]?.tracking.uid : undefined;
      const [frame] = chest.volume.frames;
      const outline = {
        trackingUID,
        SeriesInstanceUID: chest.volume.SeriesInstanceUID,
        SOPInstanceUID: frame?.SOPInstanceUID,
        shape: 'POLYLINE',
        points: [
          [1, 1],
          [4, 1],
          [4, 3.5],
          [1, 1],
        ],
      };
      const answer = await post({ ...address, verdict: 'modified', outlines: [outline] });
      expect(answer.status).toBe(201);
      const bytes = await stored(((await answer.json()) as { SOPInstanceUID: string }).SOPInstanceUID);
      expect(errorsOf(bytes)).toEqual([]);
      expect(reportTree(bytes)).toContain('POLYLINE');
      expect(readResult(bytes)).toMatchObject({
        kind: 'report',
        isVerified: true,
        findings: [
          {
            tracking: { uid: trackingUID },
            places: [{ points: outline.points, image: { SOPInstanceUID: frame?.SOPInstanceUID } }],
          },
        ],
      });
      const beyond = {
        ...outline,
        points: [
          [0, 0],
          [9_999, 0],
          [9, 9],
        ],
      };
      for (const [change, status] of [
        [beyond, 400],
        [{ ...outline, trackingUID: '1.2.3' }, 400],
        [{ ...outline, SOPInstanceUID: '1.2.3' }, 404],
      ] as const)
        expect((await post({ ...address, verdict: 'modified', outlines: [change] })).status).toBe(status);
    });

    test.each([
      ['nothing that was modified', {}],
      ['masks of what was accepted', { verdict: 'accepted', masks }],
      ['masks as they were', { masks: { ...masks, labels: packed(before) } }],
      [
        'a segment that the model does not have',
        { masks: { ...masks, labels: packed(after.map((v) => 2 * v)) } },
      ],
      ['fewer labels than pixels', { masks: { ...masks, labels: packed(after.subarray(size)) } }],
      ['more labels than pixels', { masks: { ...masks, labels: packed(new Uint8Array(9 * after.length)) } }],
      ['labels that are not packed', { masks: { ...masks, labels: Buffer.from(after).toString('base64') } }],
      ['one image twice', { masks: { ...masks, frames: [...frames.slice(1), frames[1]] } }],
      [
        'an image of another series',
        { masks: { ...masks, frames: [...frames.slice(1), { SOPInstanceUID: '1.2.3' }] } },
      ],
      ['a segmentation of another report', { masks: { ...masks, SOPInstanceUID: '1.2.3' } }],
    ])('%s is refused, and nothing is stored', async (_, change) => {
      const held = (await (await fetch(`${orthanc.url}/instances`)).json()) as unknown[];
      expect((await post({ ...modified, ...change })).status).toBe(400);
      expect(await (await fetch(`${orthanc.url}/instances`)).json()).toHaveLength(held.length);
    });
  });
});
