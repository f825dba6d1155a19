import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DicomObject } from '../../server/contracts.ts';
import { encode } from '../../server/encode/index.ts';
import { freePort } from '../../server/shared/free-port.ts';
import { storeInAll, type Target } from '../../server/store/targets.ts';
import { chestCase } from '../encode/fixtures.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';

const PATH = '/dicom-web';
const objects = encode(chestCase());
const count = async ({ url }: TestOrthanc): Promise<number> =>
  ((await (await fetch(`${url}/instances`)).json()) as string[]).length;

describe('an Orthanc with DICOMweb, another archive with C-STORE only, and a folder', () => {
  let near: TestOrthanc;
  let far: TestOrthanc;
  let folder: string;
  let targets: readonly Target[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pellucid-targets-'));
    const port = await freePort();
    far = await startOrthanc({
      config: {
        Plugins: [],
        DicomServerEnabled: true,
        DicomPort: port,
        DicomAet: 'FAR',
        DicomCheckCalledAet: true,
      },
    });
    near = await startOrthanc({ config: { DicomModalities: { far: ['FAR', '127.0.0.1', port] } } });
    targets = [
      { kind: 'dicomweb', archive: near, path: PATH },
      { kind: 'modality', orthanc: near, modality: 'far' },
      { kind: 'folder', folder },
    ];
  }, 120_000);
  afterAll(async () => {
    await near?.remove();
    await far?.remove();
    rmSync(folder, { recursive: true });
  });
  const inFolder = (): readonly string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.dcm'));

  test('the objects arrive in each, byte for byte, and a second time changes nothing', async () => {
    await storeInAll(targets, objects);
    await storeInAll(targets, objects);
    expect([await count(near), await count(far), inFolder().length]).toEqual([
      objects.length,
      objects.length,
      objects.length,
    ]);
    for (const { StudyInstanceUID, SOPInstanceUID, bytes } of objects)
      expect(
        Buffer.compare(readFileSync(join(folder, StudyInstanceUID, `${SOPInstanceUID}.dcm`)), bytes),
      ).toBe(0);
  });

  test('a file that was cut off is completed', async () => {
    const [{ StudyInstanceUID, SOPInstanceUID, bytes }] = objects as [DicomObject];
    const file = join(folder, StudyInstanceUID, `${SOPInstanceUID}.dcm`);
    writeFileSync(file, bytes.subarray(0, 100));
    await storeInAll([{ kind: 'folder', folder }], objects);
    expect(Buffer.compare(readFileSync(file), bytes)).toBe(0);
  });

  test('one target down: the others are served, it is named, and the retry completes it', async () => {
    const more = encode({ ...chestCase(), job: { ...chestCase().job, analysisId: 'while far was down' } });
    await far.kill9();
    await expect(storeInAll(targets, more)).rejects.toThrow(
      /^ARCHIVE_UNREACHABLE: modality far: ARCHIVE_UNREACHABLE/,
    );
    expect([await count(near), inFolder().length]).toEqual([2 * objects.length, 2 * objects.length]);
    await far.restart();
    await storeInAll(targets, more);
    expect(await count(far)).toBe(2 * objects.length);
  }, 120_000);

  test.each([
    ['what Orthanc does not hold', 'far', 'STORE_UNCONFIRMED'],
    ['a modality that Orthanc does not know', 'nobody', 'ARCHIVE_REFUSED'],
  ])('%s is %s: %s', async (_, modality, fault) => {
    const other =
      fault === 'STORE_UNCONFIRMED'
        ? encode({ ...chestCase(), job: { ...chestCase().job, analysisId: 'x' } })
        : objects;
    await expect(storeInAll([{ kind: 'modality', orthanc: near, modality }], other)).rejects.toThrow(fault);
  });
});
