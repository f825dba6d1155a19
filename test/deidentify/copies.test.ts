import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASIC_PROFILE } from '../../server/deidentify/basic-profile.ts';
import { deidentify } from '../../server/deidentify/index.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { syntaxOf } from '../../server/dicom/syntax.ts';
import { decoderOf } from '../../server/retrieve/codec.ts';
import { pixelFormat } from '../../server/retrieve/pixel-format.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { errorsOf } from '../helpers/validators.ts';

jest.setTimeout(180_000);

/** Images of every kind that may leave, and results as others write them: compressed, big endian, implicit, enhanced, with private attributes. */
const FILES: readonly (readonly [file: string, own: boolean])[] = [
  ['B_chest_xray/dicom/kermany_test_NORMAL_IM-0099-0001.dcm', false],
  ['C_ct/dicom_chest_lung/1-021.dcm', false],
  ['E_hostile/pydicom_data/693_J2KR.dcm', false],
  ['E_hostile/pydicom_data/emri_small.dcm', false],
  ['E_hostile/pydicom_data/emri_small_big_endian.dcm', false],
  ['E_hostile/pydicom_data/emri_small_jpeg_ls_lossless.dcm', false],
  ['E_hostile/pydicom_data/explicit_VR-UN.dcm', false],
  ['F_reference_objects/highdicom/ct_image.dcm', false],
  ['F_reference_objects/highdicom/dx_image.dcm', false],
  ['F_reference_objects/highdicom/seg_image_ct_binary_overlap.dcm', true],
  ['F_reference_objects/highdicom/sr_document.dcm', true],
  ['F_reference_objects/dcmqi/segmentations_liver.dcm', true],
  ['F_reference_objects/dcmqi/paramaps_pm-example-slice.dcm', true],
];
const SECRET = 'a secret of this test and of nobody else';

type Value = readonly [path: string, vr: string, value: string];

describeWithKit('a copy without identity', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-deidentify-'));
  const originals = FILES.map(([file]) => kitBytes(...file.split('/')));
  const copies = FILES.map(([, own], i) =>
    Buffer.concat(deidentify(readPart10(originals[i] as Uint8Array), { secret: SECRET, own }).parts),
  );
  let before: readonly (readonly Value[])[];
  let after: readonly (readonly Value[])[];
  let orthanc: TestOrthanc;
  beforeAll(async () => {
    before = valuesOf(originals, 'original');
    after = valuesOf(copies, 'copy');
    orthanc = await startOrthanc();
  });
  afterAll(async () => {
    await orthanc.remove();
    rmSync(folder, { recursive: true });
  });
  const valuesOf = (all: readonly Uint8Array[], name: string): readonly (readonly Value[])[] => {
    const files = all.map((bytes, i) => {
      const file = join(folder, `${name}-${i}.dcm`);
      writeFileSync(file, bytes);
      return file;
    });
    return execFileSync('/usr/bin/python3', ['test/oracle/read_values.py', ...files], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as readonly Value[]);
  };
  const cases = FILES.map(([file], i) => [file, i] as const);

  test.each(cases)('%s: no name, date or UID of it is left in the bytes (pydicom)', (_, i) => {
    const { length } = pixelsOf(copies[i] as Buffer);
    const header = (copies[i] as Buffer).subarray(0, (copies[i] as Buffer).length - length).toString('utf8');
    const telling = (before[i] ?? []).filter(([path, vr, value]) => tells(path, vr, value));
    expect(telling.length).toBeGreaterThan(3);
    expect(telling.filter(([, , value]) => header.includes(value))).toEqual([]);
  });

  test.each(cases)('%s: nothing that the table names is as it was, and nothing private is left', (_, i) => {
    const was = new Set((before[i] ?? []).map(([path, , value]) => `${path} ${value}`));
    const named = (after[i] ?? []).filter(
      ([path, vr, value]) =>
        vr !== 'SQ' && (BASIC_PROFILE as Record<string, string>)[path.slice(-8)] && value !== '',
    );
    const kept = named.filter(
      ([path, vr, value]) =>
        was.has(`${path} ${value}`) && !(vr === 'UI' && value.startsWith('1.2.840.10008.')),
    );
    expect(kept).toEqual([]);
    expect((after[i] ?? []).filter(([path]) => Number.parseInt(path.slice(-8, -4), 16) % 2 === 1)).toEqual(
      [],
    );
  });

  test.each(cases)('%s: dciodvfy finds no more errors than in the original', (_, i) => {
    expect(errorsOf(copies[i] as Buffer).length).toBeLessThanOrEqual(
      errorsOf(originals[i] as Uint8Array).length,
    );
  });

  test.each(cases)('%s: its pixels are the same', async (_, i) => {
    const [was, is] = await Promise.all(
      [originals[i], copies[i]].map((bytes) => decoded(bytes as Uint8Array)),
    );
    expect(is).toEqual(was);
  });

  test('what Orthanc’s own anonymizer changes is not as it was in ours (PS3.15 of 2021b)', async () => {
    const theirs: Uint8Array[] = [];
    for (const bytes of originals) {
      const sent = await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(bytes) });
      const { ID } = (await sent.json()) as { ID: string };
      const made = await fetch(`${orthanc.url}/instances/${ID}/anonymize`, {
        method: 'POST',
        body: JSON.stringify({ DicomVersion: '2021b' }),
      });
      if (made.status !== 200) throw new Error(await made.text());
      theirs.push(new Uint8Array(await made.arrayBuffer()));
    }
    const changed = valuesOf(theirs, 'orthanc').flatMap((values, i) => {
      const is = new Set(values.map(([path, , value]) => `${path} ${value}`));
      const ours = new Set((after[i] ?? []).map(([path, , value]) => `${path} ${value}`));
      return (
        (before[i] ?? [])
          // It keeps no content of reports, and neither class of what it takes away.
          .filter(
            ([path, , value]) =>
              !path.startsWith('0040A730') && value !== '' && !value.startsWith('1.2.840.10008.'),
          )
          .filter(([path, , value]) => !is.has(`${path} ${value}`))
          .map(([path, , value]) => ({ path, file: FILES[i]?.[0], kept: ours.has(`${path} ${value}`) }))
      );
    });
    expect(changed.length).toBeGreaterThan(200);
    expect(changed.filter(({ kept }) => kept)).toEqual([]);
  });
});

/** Of each frame, as a viewer shows it. */
async function decoded(bytes: Uint8Array): Promise<readonly string[]> {
  const image = readPart10(bytes);
  // A value of an odd length is padded (PS3.5 §7.1.1).
  if (!syntaxOf(image.TransferSyntaxUID).encapsulated)
    return image.pixels.map((value) =>
      sha256(value.length % 2 === 1 ? Buffer.concat([value, Buffer.alloc(1)]) : value),
    );
  const decode = await decoderOf(image.TransferSyntaxUID);
  return image.pixels.map((frame) => sha256(decode(frame, pixelFormat(image)).bytes));
}

const pixelsOf = (bytes: Uint8Array): { length: number } => ({
  length: readPart10(bytes).pixels.reduce((sum, frame) => sum + frame.length, 0),
});

/** UIDs of coding schemes and contexts mean codes. */
const OF_CODES = ['0008010C', '0008010D', '0008010F', '00080117', '00080118'];
function tells(path: string, vr: string, value: string): boolean {
  if (OF_CODES.includes(path.slice(-8))) return false;
  if (vr === 'UI') return !value.startsWith('1.2.840.10008.') && value.length > 11;
  if (vr === 'PN') return value.length > 3 && value !== 'REMOVED';
  return (vr === 'DA' || vr === 'DT') && value.length >= 8 && !value.startsWith('19000101');
}
