import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mrSeriesOf } from '../server/demo-series.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { applyAffine, invertAffine } from '../server/shared/affine.ts';
import { readNifti, writeNifti } from '../server/shared/nifti.ts';
import { disagreementsOf, errorsOf } from './helpers/validators.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-demo-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An image by nibabel: [i, j, k] of value 100 i + 10 j + k, oblique. Gives the file and nibabel's affine, RAS. */
function byNibabel(type: string, form: 'qform' | 'sform', turned: boolean) {
  const file = join(folder, `${type}-${form}-${turned}.nii.gz`);
  const script = `
import json, sys, nibabel as nib, numpy as np
a, b = np.radians(20), np.radians(-35)
turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
affine = np.eye(4)
affine[:3, :3] = turn @ np.diag([${turned ? '-0.7' : '0.7'}, 1.3, 2.5])
affine[:3, 3] = [-12.5, 7.25, 90]
i, j, k = np.meshgrid(range(5), range(4), range(3), indexing="ij")
image = nib.Nifti1Image((100 * i + 10 * j + k).astype("${type}"), affine)
image.set_qform(affine, code=${form === 'qform' ? 1 : 0})
image.set_sform(affine, code=${form === 'sform' ? 2 : 0})
nib.save(image, "${file}")
print(json.dumps(nib.load("${file}").affine.flatten().tolist()))
`;
  const affine = JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }),
  ) as number[];
  return { file: new Uint8Array(readFileSync(file)), affine };
}

test.each([
  ['int16', 'qform', false],
  ['uint8', 'qform', true],
  ['float32', 'sform', true],
  ['uint16', 'sform', false],
] as const)('a NIfTI file of %s by its %s (turned: %s) lies where nibabel says', (type, form, turned) => {
  const { file, affine } = byNibabel(type, form, turned);
  const read = readNifti(file);
  expect(read.shape).toEqual([3, 4, 5]);
  const value = (i: number, j: number, k: number) =>
    (100 * i + 10 * j + k) % (type === 'uint8' ? 256 : 65_536);
  expect([...read.data]).toEqual(
    Array.from({ length: 60 }, (_, n) => value(n % 5, Math.floor(n / 5) % 4, Math.floor(n / 20))),
  );
  const lps = affine.map((v, n) => (n < 8 ? -v : v));
  for (const [n, v] of read.affine.entries()) expect(v).toBeCloseTo(lps[n] as number, 4);
});

test.each([false, true])(
  'as a series each voxel lies where it was, valid and hung as readers expect (turned: %s)',
  async (turned) => {
    const { file } = byNibabel('int16', 'sform', turned);
    const { affine, data } = readNifti(file);
    const slices = mrSeriesOf(file, 'T1 head');
    expect(slices.flatMap(errorsOf)).toEqual([]);
    expect(disagreementsOf(slices)).toEqual([]);
    const volume = await assembleVolume(slices.map(readPart10), 3, {});
    const { ImageOrientationPatient: io = [] } = volume.geometry ?? {};
    expect(Number(io[0])).toBeGreaterThan(0.5);
    expect(Number(io[4])).toBeGreaterThan(0.5);
    const toVolume = invertAffine(volume.geometry?.affine ?? []);
    for (const [n, v] of data.entries()) {
      const place = applyAffine(affine, [n % 5, Math.floor(n / 5) % 4, Math.floor(n / 20)]);
      const [c, r, f] = applyAffine(toVolume, place).map(Math.round) as [number, number, number];
      expect(volume.data[(f * 4 + r) * 5 + c]).toBe(v);
    }
  },
);

test('values that are no whole numbers come back to 1 of 65,535 steps', async () => {
  const data = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const slices = mrSeriesOf(writeNifti(data, [3, 4, 5], identity), 'T1 head');
  expect(slices.flatMap(errorsOf)).toEqual([]);
  const volume = await assembleVolume(slices.map(readPart10), 3, {});
  for (const [i, v] of data.entries()) expect(Math.abs((volume.data[i] as number) - v)).toBeLessThan(2e-5);
});

test('the same file gives the same bytes, another file another study', () => {
  const file = writeNifti(new Float32Array(60), [3, 4, 5], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  const other = writeNifti(new Float32Array(60), [3, 4, 5], [1, 0, 0, 9, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  expect(mrSeriesOf(file, 'T1')).toEqual(mrSeriesOf(file, 'T1'));
  const uids = [file, other].map(
    (f) => readPart10(mrSeriesOf(f, 'T1')[0] as Uint8Array).dataset.StudyInstanceUID,
  );
  expect(uids[0]).not.toBe(uids[1]);
});

const small = (change: (bytes: Buffer) => void): Uint8Array => {
  const bytes = Buffer.alloc(352 + 8);
  bytes.writeInt32LE(348, 0);
  bytes.write('n+1\0', 344, 'latin1');
  for (const [i, n] of [3, 2, 2, 2, 1, 1, 1, 1].entries()) bytes.writeInt16LE(n, 40 + 2 * i);
  bytes.writeInt16LE(2, 70);
  bytes.writeFloatLE(352, 108);
  bytes.writeInt16LE(1, 254);
  for (const i of [0, 5, 10]) bytes.writeFloatLE(1, 280 + 4 * i);
  change(bytes);
  return gzipSync(bytes);
};

test.each<[string, (bytes: Buffer) => void, string]>([
  ['no NIfTI', (b) => b.writeInt32LE(0, 0), 'no little-endian NIfTI-1'],
  ['complex numbers', (b) => b.writeInt16LE(32, 70), 'type 32 is not read'],
  ['a course of images', (b) => b.fill(Buffer.from([4, 0, 2, 0, 2, 0, 2, 0, 2, 0]), 40, 50), '4 axes'],
  ['fewer voxels than it says', (b) => b.writeInt16LE(9, 42), 'ends before its last voxel'],
  ['no place', (b) => b.writeInt16LE(0, 254), 'where its voxels lie'],
  ['axes that are not perpendicular', (b) => b.writeFloatLE(0.5, 280 + 4), 'not perpendicular'],
])('%s is refused', (_, change, words) => {
  expect(() => mrSeriesOf(small(change), 'T1')).toThrow(words);
});

test('the head of Debian’s mricron-data is read whole', () => {
  const head = '/usr/share/mricron/templates/ch2.nii.gz';
  const slices = mrSeriesOf(new Uint8Array(readFileSync(head)), 'T1 head');
  expect(slices).toHaveLength(181);
  expect(errorsOf(slices[90] as Uint8Array)).toEqual([]);
});
