import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { element, first, itemsOf, type Workitem } from '../../server/worklist/dataset.ts';
import { madeClassifier, spotted } from '../helpers/made-classifier.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type TestServer, testServer } from '../helpers/server.ts';

jest.setTimeout(300_000);

const codeOf = (scheme: string, value: string): Workitem => ({
  ...element('LongCodeValue', value),
  ...element('CodingSchemeDesignator', scheme),
  ...element('CodeMeaning', 'A model'),
});
const wanted = (uid: string, study: string, code: Workitem): Workitem => ({
  ...element('SOPInstanceUID', uid),
  ...element('ScheduledProcedureStepPriority', 'HIGH'),
  ...element('ProcedureStepLabel', 'Chest AI'),
  ...element('ScheduledProcedureStepStartDateTime', '20250101120000'),
  ...element('InputReadinessState', 'READY'),
  ...element('ProcedureStepState', 'SCHEDULED'),
  ...element('ScheduledWorkitemCodeSequence', code),
  ...element('InputInformationSequence', { ...element('StudyInstanceUID', study) }),
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'MARKED^PATIENT' }] },
});
const performed: Workitem = element('UnifiedProcedureStepPerformedProcedureSequence', {
  ...element('PerformedProcedureStepStartDateTime', '20260101120000'),
  ...element('PerformedProcedureStepEndDateTime', '20260101120100'),
  ...element('PerformedStationNameCodeSequence', codeOf('99OTHER', 'station')),
  ...element('PerformedWorkitemCodeSequence', codeOf('99OTHER', 'other-model')),
});
const OURS = codeOf('99PELLUCID', 'spots');
const OTHERS = codeOf('99OTHER', 'other-model');

/** What a script of Python prints, with this on its standard input. */
const asked = (script: string, input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile('/usr/bin/python3', ['-c', script], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });

/** A requester, a watcher and a performer, as IHE's AI Workflow for Imaging has them, over HTTP. */
describe('the worklist', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-worklist-'));
  let orthanc: TestOrthanc;
  let server: TestServer;
  beforeAll(async () => {
    // No rule: nothing runs but what is asked for.
    writeFileSync(join(folder, 'rules.yaml'), 'schema: 1\nrules: []\n');
    await madeClassifier(join(folder, 'models'), {
      id: 'spots',
      label: 'Spot',
      type: ['4147007', 'Mass'],
      cells: 9,
    });
    orthanc = await startOrthanc({ config: { StableAge: 1 } });
    server = await testServer(folder, {
      ORTHANC_URL: orthanc.url,
      MODEL_PATH: join(folder, 'models'),
      RULES_FILE: join(folder, 'rules.yaml'),
    });
    await server.start();
    for (const [study, modality] of [
      ['1.2.1', 'CR'],
      ['1.2.2', 'MG'],
    ] as const)
      await fetch(`${orthanc.url}/instances`, {
        method: 'POST',
        body: spotted(study, [4, 4], { Modality: modality }),
      });
    await server.settled('1.2.1.1');
    await server.settled('1.2.2.1');
  });
  afterAll(async () => {
    await server.stop();
    await orthanc.remove();
    rmSync(folder, { recursive: true });
  });
  const ask = async (method: string, path = '', body?: Workitem) => {
    const answer = await fetch(`${server.url}/ups-rs/workitems${path}`, {
      method,
      headers: { 'content-type': 'application/dicom+json', accept: 'application/dicom+json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, text, headers: answer.headers, warning: answer.headers.get('warning') };
  };
  const get = async (uid: string): Promise<Workitem> => {
    const { status, text } = await ask('GET', `/${uid}`);
    expect(status).toBe(200);
    return (JSON.parse(text) as readonly Workitem[])[0] as Workitem;
  };
  const stateOf = async (uid: string) => first(await get(uid), 'ProcedureStepState');
  const until = async (uid: string, state: string): Promise<Workitem> => {
    for (let tries = 0; tries < 1_200; tries++) {
      if ((await stateOf(uid)) === state) return get(uid);
      await wait(100);
    }
    throw new Error(`${uid} is ${await stateOf(uid)}\n${server.log().slice(-2000)}`);
  };
  const setState = (uid: string, state: string, transaction?: string) =>
    ask('PUT', `/${uid}/state`, {
      ...element('ProcedureStepState', state),
      ...(transaction ? element('TransactionUID', transaction) : {}),
    });

  test('a model is asked for on a study, and followed to where its results are', async () => {
    const made = await ask('POST', '', wanted('1.3.1', '1.2.1', OURS));
    expect(made).toMatchObject({ status: 201, text: '' });
    expect(made.headers.get('location')).toBe('/ups-rs/workitems/1.3.1');
    const item = await until('1.3.1', 'COMPLETED');
    const [done] = itemsOf(item, 'UnifiedProcedureStepPerformedProcedureSequence');
    const outputs = itemsOf(done as Workitem, 'OutputInformationSequence');
    const told = outputs.flatMap((o) =>
      itemsOf(o, 'ReferencedSOPSequence').map((r) => first(r, 'ReferencedSOPInstanceUID')),
    );
    const archive = (await (
      await fetch(`${orthanc.url}/dicom-web/studies/1.2.1/instances`)
    ).json()) as readonly Workitem[];
    const held = archive.map((i) => first(i, 'SOPInstanceUID')).filter((uid) => uid !== '1.2.1.1.1');
    expect(told.sort()).toEqual(held.sort());
    const url = first(outputs[0] as Workitem, 'WADORSRetrievalSequence', 'RetrieveURL') as string;
    expect((await fetch(`${url}/metadata`)).status).toBe(200);
    expect(JSON.stringify(item)).not.toContain('MARKED');
    expect((await setState('1.3.1', 'IN PROGRESS', '1.9')).status).toBe(409);
    expect((await ask('POST', '/1.3.1/cancelrequest')).status).toBe(409);
    // pydicom, an independent reader, takes it for a dataset whose elements have the representations of PS3.6.
    const script = `
import json, sys
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
ds = Dataset.from_json(json.load(sys.stdin)[0])
wrong = [str(e.tag) for e in ds.iterall() if not e.tag.is_private and dictionary_VR(e.tag) != e.VR]
print(json.dumps({'state': ds.ProcedureStepState, 'wrong': wrong, 'outputs': len(ds.UnifiedProcedureStepPerformedProcedureSequence[0].OutputInformationSequence)}))`;
    const read = await asked(script, JSON.stringify([item]));
    expect(JSON.parse(read)).toEqual({ state: 'COMPLETED', wrong: [], outputs: outputs.length });
  });

  test.each([
    ['1.3.2', '1.2.2', /MODEL_REFUSES_SERIES: .*Modality is MG/],
    ['1.3.3', '1.2.99', /NOT_FOUND: .*no settled series/],
  ])('what cannot be performed is canceled with the reason (%s)', async (uid, study, reason) => {
    await ask('POST', '', wanted(uid, study, OURS));
    const item = await until(uid, 'CANCELED');
    const [progress = {}] = itemsOf(item, 'ProcedureStepProgressInformationSequence');
    expect(first(progress, 'ReasonForCancellation')).toMatch(reason);
    expect(first(progress, 'ProcedureStepCancellationDateTime')).toMatch(/^\d{14}\.\d{3}\+0000$/);
  });

  test('another performer claims, tells of progress and completes; nobody else can meanwhile', async () => {
    await ask('POST', '?1.3.4', wanted('1.3.4', '1.2.1', OTHERS));
    const steps: readonly [string, () => ReturnType<typeof ask>, number, RegExp?][] = [
      ['complete unclaimed', () => setState('1.3.4', 'COMPLETED', '1.9.1'), 409, /inconsistent/],
      ['claim without a UID', () => setState('1.3.4', 'IN PROGRESS'), 400, /Transaction UID is missing/],
      ['claim', () => setState('1.3.4', 'IN PROGRESS', '1.9.1'), 200],
      ['claim twice', () => setState('1.3.4', 'IN PROGRESS', '1.9.2'), 409, /inconsistent/],
      ['update by another', () => ask('POST', '/1.3.4?transaction-uid=1.9.2', performed), 400, /incorrect/],
      ['complete too early', () => setState('1.3.4', 'COMPLETED', '1.9.1'), 409, /final state requirements/],
      ['update', () => ask('POST', '/1.3.4?transaction-uid=1.9.1', performed), 200],
      ['cancel from outside', () => ask('POST', '/1.3.4/cancelrequest'), 409, /cannot be contacted/],
      ['complete', () => setState('1.3.4', 'COMPLETED', '1.9.1'), 200],
      ['complete again', () => setState('1.3.4', 'COMPLETED', '1.9.1'), 200, /already .* COMPLETED/],
      ['cancel what is complete', () => setState('1.3.4', 'CANCELED', '1.9.1'), 409, /inconsistent/],
    ];
    for (const [step, act, status, warning] of steps) {
      const answer = await act();
      expect([step, answer.status]).toEqual([step, status]);
      if (warning) expect(answer.warning).toMatch(warning);
      else expect(answer.warning).toBeNull();
    }
    const item = await get('1.3.4');
    expect(first(item, 'ProcedureStepState')).toBe('COMPLETED');
    // The lock is the performer's secret.
    expect(first(item, 'TransactionUID')).toBeUndefined();
  });

  test('an unclaimed one is cancelled by whoever asked for it', async () => {
    await ask('POST', '', wanted('1.3.5', '1.2.1', OTHERS));
    expect((await ask('POST', '/1.3.5/cancelrequest')).status).toBe(202);
    expect(await stateOf('1.3.5')).toBe('CANCELED');
    const again = await ask('POST', '/1.3.5/cancelrequest');
    expect([again.status, again.warning]).toEqual([202, expect.stringContaining('already')]);
  });

  test.each([
    ['ProcedureStepState=COMPLETED', ['1.3.1', '1.3.4']],
    ['00741000=COMPLETED', ['1.3.1', '1.3.4']],
    ['InputInformationSequence.StudyInstanceUID=1.2.2', ['1.3.2']],
    ['00404018.00080119=other-model', ['1.3.4', '1.3.5']],
    ['SOPInstanceUID=1.3.5', ['1.3.5']],
    ['ProcedureStepState=IN%20PROGRESS', []],
    ['limit=1&offset=1&ProcedureStepState=COMPLETED', ['1.3.1']],
  ])('searched by %s', async (query, uids) => {
    const { status, text } = await ask('GET', `?${query}`);
    expect(status).toBe(uids.length > 0 ? 200 : 204);
    const found = text === '' ? [] : (JSON.parse(text) as readonly Workitem[]);
    expect(found.map((item) => first(item, 'SOPInstanceUID')).sort()).toEqual([...uids].sort());
  });

  test.each<[string, string, string, Workitem | undefined, number]>([
    ['an unknown one', 'GET', '/1.3.99', undefined, 404],
    ['no UID', 'GET', '/x', undefined, 404],
    ['a search by a name', 'GET', '?PatientName=X', undefined, 400],
    ['a search by what is no name', 'GET', '?__proto__=x', undefined, 400],
    ['a second by the same UID', 'POST', '', wanted('1.3.1', '1.2.1', OURS), 409],
    ['two UIDs', 'POST', '?1.3.7', wanted('1.3.6', '1.2.1', OURS), 400],
    ['a model that is not here', 'POST', '', wanted('1.3.8', '1.2.1', codeOf('99PELLUCID', 'none')), 400],
    ['a change of the state by an update', 'POST', '/1.3.5', element('ProcedureStepState', 'SCHEDULED'), 400],
    ['no dataset', 'POST', '', { '0074': { vr: 'CS' } } as Workitem, 400],
  ])('%s is refused', async (_, method, path, body, status) => {
    expect((await ask(method, path, body)).status).toBe(status);
  });
});
