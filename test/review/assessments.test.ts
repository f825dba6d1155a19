import express, { type Request } from 'express';
import { CODES } from '../../server/dicom/code.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { verifyReport } from '../../server/encode/verify.ts';
import { readResult } from '../../server/results/read.ts';
import { fetchInstance } from '../../server/retrieve/instance.ts';
import { type Assessing, assessmentsRouter } from '../../server/review/assessments.ts';
import { asFault, type Fault } from '../../server/shared/fault.ts';
import { store } from '../../server/store/index.ts';
import { chestCase } from '../encode/fixtures.ts';
import { sendBytes, storedBytes } from '../helpers/archive.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { errorsOf } from '../helpers/validators.ts';
import { type Listening, listen } from '../show/listening.ts';

const DICOMWEB = '/dicom-web';

describe('what a reader decides of a report', () => {
  let orthanc: TestOrthanc;
  let site: Listening;
  const made = encode(chestCase());
  const report = made.find(({ kind }) => kind === 'SR') as (typeof made)[number];
  const told: unknown[] = [];
  const setup = { signer: 'Jane^Sample' as string | undefined, organization: 'Sample Hospital' };

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
      verify: verifyReport,
      store: (object) => store(archive, DICOMWEB, [object]),
      onAssessed: (_request: Request, { verdict }, { SOPInstanceUID }) =>
        told.push([verdict, SOPInstanceUID]),
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
});
