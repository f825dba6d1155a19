import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { items, readPart10, text } from '../../server/dicom/read.ts';
import { madeClassifier, spotted } from '../helpers/made-classifier.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type TestServer, testServer } from '../helpers/server.ts';

jest.setTimeout(240_000);

const RULES = `
schema: 1
rules:
  - name: chest
    when: { Modality: { equals: CR } }
    run: [spots]
    copy: { to: research, results: true }
`;
const WHO = {
  PatientName: 'Quastenflosser^Ottokar',
  PatientID: 'KIS-4711-0815',
  AccessionNumber: 'ACC99887',
};

describe('copies without identity', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-copies-'));
  let orthanc: TestOrthanc;
  let research: TestOrthanc;
  let server: TestServer;
  beforeAll(async () => {
    writeFileSync(join(folder, 'rules.yaml'), RULES);
    await madeClassifier(join(folder, 'models'), {
      id: 'spots',
      label: 'Spot',
      type: ['4147007', 'Mass'],
      cells: 9,
    });
    [orthanc, research] = await Promise.all([startOrthanc(), startOrthanc()]);
    server = await testServer(folder, {
      ORTHANC_URL: orthanc.url,
      MODEL_PATH: join(folder, 'models'),
      RULES_FILE: join(folder, 'rules.yaml'),
      SETTLE_MS: '500',
      COPY_TARGETS: `research=dicomweb:${research.url}/dicom-web`,
      COPY_SECRET: 'a secret of this test and of nobody else',
    });
  });
  afterAll(async () => {
    await server.stop();
    await Promise.all([orthanc.remove(), research.remove()]);
    rmSync(folder, { recursive: true });
  });
  const send = (study: string, attributes: Readonly<Record<string, unknown>> = {}) =>
    fetch(`${orthanc.url}/instances`, {
      method: 'POST',
      body: spotted(study, [4, 4], { ...WHO, ...attributes }),
    });
  const instances = async (at: TestOrthanc): Promise<readonly string[]> =>
    (await (await fetch(`${at.url}/instances`)).json()) as readonly string[];
  const bytesOf = async (at: TestOrthanc, id: string): Promise<Uint8Array> =>
    new Uint8Array(await (await fetch(`${at.url}/instances/${id}/file`)).arrayBuffer());
  const until = async (what: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 900; tries++, await wait(200)) if (await what()) return;
    throw new Error(`it did not come to pass:\n${server.log().slice(-3_000)}`);
  };
  const page = async (study: string) => (await fetch(`${server.url}/operations/studies/${study}`)).text();

  test('images and results go once, whatever is killed or down, and cite each other', async () => {
    await research.stop();
    await server.start();
    await send('1.2.826.0.1.3680043.9.1');
    await until(async () => server.log().includes('a copy without identity was not sent'));
    expect(await page('1.2.826.0.1.3680043.9.1')).toContain('ARCHIVE_UNREACHABLE');
    await server.kill9();
    await research.restart();
    await server.start();
    await until(async () => (await page('1.2.826.0.1.3680043.9.1')).includes('<b>sent</b>: results'));

    const ids = await instances(research);
    const copies = await Promise.all(ids.map((id) => bytesOf(research, id)));
    const read = copies.map((bytes) => readPart10(bytes).dataset);
    const image = read.find((dataset) => text(dataset, 'Modality') === 'CR') ?? {};
    expect(read.map((dataset) => text(dataset, 'Modality')).sort()).toContain('SR');
    for (const dataset of read) {
      expect(text(dataset, 'PatientID')).toMatch(/^[0-9A-F]{16}$/);
      expect(text(dataset, 'PatientIdentityRemoved')).toBe('YES');
      expect(text(dataset, 'StudyInstanceUID')).toBe(text(image, 'StudyInstanceUID'));
    }
    for (const bytes of copies) {
      const written = Buffer.from(bytes).toString('latin1');
      for (const value of ['Quastenflosser', 'Ottokar', 'KIS-4711', 'ACC99887', '1.2.826.0.1.3680043.9.1'])
        expect(written).not.toContain(value);
    }
    const report = read.find((dataset) => text(dataset, 'Modality') === 'SR') ?? {};
    const cited = items(report, 'CurrentRequestedProcedureEvidenceSequence')
      .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
      .flatMap((series) => items(series, 'ReferencedSOPSequence'))
      .map((sop) => text(sop, 'ReferencedSOPInstanceUID'));
    expect(cited).toContain(text(image, 'SOPInstanceUID'));
    expect(readdirSync(join(folder, 'server', 'copies'))).toEqual([]);
  });

  test('what has text in its pixels is refused, said, and leaves nothing; after that the rest goes', async () => {
    const before = (await instances(research)).length;
    await send('1.2.826.0.1.3680043.9.2', { BurnedInAnnotation: 'YES' });
    await until(async () => (await page('1.2.826.0.1.3680043.9.2')).includes('<b>refused</b>: images'));
    expect(await page('1.2.826.0.1.3680043.9.2')).toContain('BurnedInAnnotation is YES');
    const front = await (await fetch(`${server.url}/operations`)).text();
    expect(front).toMatch(
      /Copies without identity that were refused[\s\S]*images to research: BurnedInAnnotation is YES/,
    );
    await server.settled('1.2.826.0.1.3680043.9.2.1');
    expect(await instances(research)).toHaveLength(before);
    const again = await fetch(`${server.url}/api/copies/1.2.826.0.1.3680043.9.2/retry`, { method: 'POST' });
    expect(await again.json()).toEqual({ retried: 1 });
  });

  test('the audit trail says what left, and for where', async () => {
    const said = await (await fetch(`${server.url}/api/audit?limit=100`)).text();
    expect(said).toContain('images to research: 1 file');
    expect(said).toContain('images to research: COPY_REFUSED');
    expect(said).not.toContain('Quastenflosser');
    expect(server.log()).not.toContain('Quastenflosser');
  });
});
