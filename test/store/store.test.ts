import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DicomObject } from '../../server/contracts.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { encode } from '../../server/encode/index.ts';
import { confirm, store } from '../../server/store/index.ts';
import { brainCase, chestCase } from '../encode/fixtures.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

const PATH = '/dicom-web';
const chest = encode(chestCase());

describe('against a real Orthanc', () => {
  let orthanc: TestOrthanc;
  beforeAll(async () => {
    orthanc = await startOrthanc();
  }, 60_000);
  afterAll(() => orthanc.remove());
  const count = async (): Promise<number> =>
    ((await (await fetch(`${orthanc.url}/instances`)).json()) as string[]).length;

  test('what is not stored is unconfirmed', async () => {
    await expect(confirm(orthanc, PATH, chest)).rejects.toThrow('STORE_UNCONFIRMED');
  });

  test('objects are stored byte for byte, confirmed, and stored once only', async () => {
    await store(orthanc, PATH, chest);
    await confirm(orthanc, PATH, chest);
    await store(orthanc, PATH, chest);
    expect(await count()).toBe(chest.length);
    const [id] = (await (
      await fetch(`${orthanc.url}/tools/lookup`, { method: 'POST', body: chest[0]?.SOPInstanceUID as string })
    ).json()) as [{ ID: string }];
    const file = new Uint8Array(await (await fetch(`${orthanc.url}/instances/${id.ID}/file`)).arrayBuffer());
    expect(Buffer.compare(file, chest[0]?.bytes as Uint8Array)).toBe(0);
  });

  test('a set that a crash cut off is completed', async () => {
    const brain = encode(brainCase());
    await store(orthanc, PATH, brain.slice(0, 1));
    await orthanc.kill9();
    await expect(store(orthanc, PATH, brain)).rejects.toThrow('ARCHIVE_UNREACHABLE');
    await orthanc.restart();
    await store(orthanc, PATH, brain);
    await confirm(orthanc, PATH, brain);
    expect(await count()).toBe(chest.length + brain.length);
  });

  test('of two objects, one not parseable, the good one is stored and the other named as refused', async () => {
    const [good, other] = encode({ ...chestCase(), job: { ...chestCase().job, analysisId: 'refused' } });
    const bad = { ...(other as DicomObject), parts: [new Uint8Array(200).fill(7)] };
    await expect(store(orthanc, PATH, [good as DicomObject, bad])).rejects.toThrow(
      new RegExp(`STORE_REFUSED: MAP ${bad.SOPInstanceUID.replaceAll('.', '\\.')}: .*could not parse`),
    );
    await confirm(orthanc, PATH, [good as DicomObject]);
  });

  test('one of ten refused with 400: nine are there, and the retry brings the tenth, nothing twice', async () => {
    const ten = Array.from({ length: 10 }, (_, i) => {
      const [first] = encode({ ...chestCase(), job: { ...chestCase().job, analysisId: `ten ${i}` } });
      return first as DicomObject;
    });
    const bad = new Uint8Array(200).fill(7);
    const before = await count();
    await expect(
      store(
        orthanc,
        PATH,
        ten.map((o, i) => (i === 6 ? { ...o, bytes: bad, parts: [bad] } : o)),
      ),
    ).rejects.toThrow(`STORE_REFUSED: SC ${ten[6]?.SOPInstanceUID}`);
    expect(await count()).toBe(before + 9);
    await store(orthanc, PATH, ten);
    await confirm(orthanc, PATH, ten);
    expect(await count()).toBe(before + 10);
  });

  test('an object of another study than the request names is refused with the archive’s reason', async () => {
    const [object] = encode({ ...chestCase(), job: { ...chestCase().job, analysisId: 'mismatch' } });
    const moved = {
      ...(object as DicomObject),
      StudyInstanceUID: '1.2.3.4' as DicomObject['StudyInstanceUID'],
    };
    await expect(store(orthanc, PATH, [moved])).rejects.toThrow(
      /STORE_REFUSED.*failure reason 272 \(0x0110\)/,
    );
  });

  test('an object of more than one request’s size goes alone and arrives whole', async () => {
    const large = bulky('2.25.9001', 70);
    const small = bulky('2.25.9002', 1);
    await store(orthanc, PATH, [small, large, bulky('2.25.9003', 1)]);
    await confirm(orthanc, PATH, [small, large]);
  }, 60_000);
});

describe('against an archive that misbehaves', () => {
  let server: Server;
  let answer: { status: number; body: string };
  let qido: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (request.method === 'GET') return response.end(qido);
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const origin = () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

  test.each([
    ['503', 503, 'busy', '[]', 'ARCHIVE_UNREACHABLE'],
    ['403', 403, 'no', '[]', 'STORE_REFUSED'],
    ['200 without a body, and QIDO lists nothing', 200, '', '[]', 'STORE_UNCONFIRMED'],
    [
      '200 that lists nothing, and QIDO lists another object',
      200,
      '{}',
      '[{"00080018":{"vr":"UI","Value":["1.2.3"]}}]',
      'STORE_REFUSED',
    ],
    ['QIDO without UIDs', 200, '{}', '[{}]', 'ARCHIVE_REFUSED'],
  ])('%s', async (_, status, body, listed, fault) => {
    answer = { status, body };
    qido = listed;
    await expect(store(origin(), PATH, chest.slice(0, 1))).rejects.toThrow(fault);
  });

  test('an archive that lists an object it said it refused has it: a duplicate', async () => {
    answer = { status: 409, body: '{}' };
    qido = JSON.stringify([{ '00080018': { vr: 'UI', Value: [chest[0]?.SOPInstanceUID] } }]);
    await expect(store(origin(), PATH, chest.slice(0, 1))).resolves.toBeUndefined();
  });

  test('no archive at all', async () => {
    await expect(store({ url: 'http://127.0.0.1:1' }, PATH, chest)).rejects.toThrow('ARCHIVE_UNREACHABLE');
  });
});

function bulky(SOPInstanceUID: string, megabytes: number): DicomObject {
  const identity = {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
    SOPInstanceUID,
    SeriesInstanceUID: `${SOPInstanceUID}.1`,
    StudyInstanceUID: chest[0]?.StudyInstanceUID as DicomObject['StudyInstanceUID'],
  };
  const side = 1024;
  const bytes = writePart10({
    ...identity,
    Modality: 'OT',
    PatientID: 'TEST-1',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: megabytes,
    Rows: side,
    Columns: side,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: new Uint8Array(side * side * megabytes),
  });
  return { kind: 'SC', ...identity, bytes, parts: [bytes] };
}
