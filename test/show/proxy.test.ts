import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { writePart10 } from '../../server/dicom/write.ts';
import { asFault } from '../../server/shared/fault.ts';
import { dicomWebProxy } from '../../server/show/proxy.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type Listening, listen } from './listening.ts';

jest.setTimeout(60_000);

const answerFault: ErrorRequestHandler = (error, _request, response, _next) =>
  void response.status(asFault(error).spec.status).json({ code: asFault(error).code });
const site = (archive: { url: string; authorization?: string }, path = '/dicom-web'): Promise<Listening> =>
  listen(express().use(dicomWebProxy(archive, path)).use(answerFault));

describe('with a real archive', () => {
  let orthanc: TestOrthanc;
  let proxy: Listening;
  const pixels = Uint8Array.from({ length: 64 * 64 }, (_, i) => i % 251);

  beforeAll(async () => {
    orthanc = await startOrthanc();
    const sent = await fetch(`${orthanc.url}/instances`, {
      method: 'POST',
      body: writePart10({
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.1',
        SOPInstanceUID: '1.2.3.4.1',
        StudyInstanceUID: '1.2.3.4',
        SeriesInstanceUID: '1.2.3.4.0',
        PatientID: 'TEST',
        PatientName: 'Test^Proxy',
        Modality: 'CR',
        Rows: 64,
        Columns: 64,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
        PixelRepresentation: 0,
        PixelData: pixels,
      }),
    });
    expect(sent.status).toBe(200);
    proxy = await site({ url: orthanc.url });
  });
  afterAll(async () => {
    await proxy?.close();
    await orthanc?.remove();
  });

  test('QIDO-RS is answered, and the browser keeps no copy', async () => {
    const answer = await fetch(`${proxy.url}/dicom-web/studies?PatientID=TEST`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const studies = (await answer.json()) as Record<string, { Value: unknown[] }>[];
    expect(studies.map((s) => s['0020000D']?.Value)).toEqual([['1.2.3.4']]);
  });

  test('addresses of bulk data are on our origin, and lead to it', async () => {
    const answer = await fetch(`${proxy.url}/dicom-web/studies/1.2.3.4/metadata`, {
      headers: { accept: 'application/dicom+json' },
    });
    const [instance] = (await answer.json()) as Record<string, { BulkDataURI?: string }>[];
    const uri = instance?.['7FE00010']?.BulkDataURI ?? '';
    expect(uri).toMatch(new RegExp(`^${proxy.url}/dicom-web/`));
    const bulk = Buffer.from(await (await fetch(uri)).arrayBuffer());
    expect(bulk.includes(Buffer.from(pixels))).toBe(true);
  });

  test('HEAD has the status and no body; nothing is written through it', async () => {
    const head = await fetch(`${proxy.url}/dicom-web/studies`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${proxy.url}/dicom-web/studies`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('with an archive that shows what it is asked', () => {
  let seen: IncomingMessage[] = [];
  const archive = createServer((request, response) => {
    seen.push(request);
    if (request.url?.endsWith('/broken')) {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('only this', () => response.destroy());
      return;
    }
    response.writeHead(200, { 'set-cookie': 'session=1', 'x-powered-by': 'it', etag: '"1"' }).end('ok');
  });
  let proxy: Listening;
  beforeAll(async () => {
    await new Promise<void>((done) => archive.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(archive.address() as AddressInfo).port}`;
    proxy = await site({ url, authorization: 'Basic archive' }, '/dw');
  });
  beforeEach(() => {
    seen = [];
  });
  afterAll(async () => {
    await proxy.close();
    archive.closeAllConnections();
    archive.close();
  });

  test('cookies and credentials stay on their side, in both directions', async () => {
    const answer = await fetch(`${proxy.url}/dicom-web/studies/1.2?limit=1&x=%2F`, {
      headers: { cookie: 'a=b', authorization: 'Bearer ours', accept: 'application/dicom+json' },
    });
    expect([answer.headers.get('set-cookie'), answer.headers.get('etag')]).toEqual([null, '"1"']);
    expect(seen[0]?.url).toBe('/dw/studies/1.2?limit=1&x=%2F');
    expect(seen[0]?.headers).toMatchObject({
      accept: 'application/dicom+json',
      forwarded: `host=${proxy.url.slice('http://'.length)};proto=http`,
    });
    expect(seen[0]?.headers.cookie).toBeUndefined();
    expect(seen[0]?.headers.authorization).toBe('Basic archive');
  });

  test.each([
    '/studies/../../system',
    '/studies/%2e%2e/system',
    '/..',
    '/studies//1.2',
    '/a\\b',
    '/a;b',
    '/%2fsystem',
  ])('the path %s does not leave DICOMweb', async (path) => {
    const status = await new Promise((resolve, reject) => {
      // A client that sends the path as it is; fetch would tidy it.
      httpRequest(proxy.url, { path: `/dicom-web${path}` }, (r) => resolve(r.statusCode))
        .on('error', reject)
        .end();
    });
    expect([status, seen.length]).toEqual([400, 0]);
  });

  test('an answer that breaks off is not passed on as complete', async () => {
    const answer = fetch(`${proxy.url}/dicom-web/studies/broken`).then((r) => r.text());
    await expect(answer).rejects.toThrow();
  });
});

test('an archive that is down is a 502', async () => {
  const proxy = await site({ url: 'http://127.0.0.1:9' });
  const answer = await fetch(`${proxy.url}/dicom-web/studies`);
  expect([answer.status, await answer.json()]).toEqual([502, { code: 'ARCHIVE_UNREACHABLE' }]);
  await proxy.close();
});
