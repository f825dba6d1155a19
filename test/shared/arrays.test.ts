import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNifti } from '../../server/shared/nifti.ts';
import { readNpy, writeNpy } from '../../server/shared/npy.ts';

const python = (script: string): string =>
  execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-arrays-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('NumPy reads what is written', () => {
  const file = join(folder, 'a.npy');
  writeFileSync(file, writeNpy({ dims: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6.5]) }));
  expect(
    python(`import numpy as n; a = n.load(${JSON.stringify(file)}); print(a.shape, a.dtype, a[1, 2])`),
  ).toBe('(2, 3) float32 6.5\n');
});

test.each(['float32', 'float64', 'uint8', 'int16'])('what NumPy writes as %s is read', (kind) => {
  const file = join(folder, `${kind}.npy`);
  python(
    `import numpy as n; n.save(${JSON.stringify(file)}, n.arange(6).reshape(1, 2, 3).astype('${kind}'))`,
  );
  const { dims, data } = readNpy(readFileSync(file));
  expect(dims).toEqual([1, 2, 3]);
  expect([...data]).toEqual([0, 1, 2, 3, 4, 5]);
});

test.each([
  ['nothing', Buffer.from('hello')],
  ['a cut array', Buffer.from(writeNpy({ dims: [4], data: new Float32Array(4) })).subarray(0, -3)],
])('%s is refused', (_, bytes) => {
  expect(() => readNpy(bytes)).toThrow('REQUEST_INVALID');
});

test('nibabel reads voxels and affine of a NIfTI, RAS', () => {
  const file = join(folder, 'a.nii.gz');
  const affine = [0.4, 0, -1.8, -12.5, 0.3, 0, 2.4, 7.25, 0, -2, 0, 90, 0, 0, 0, 1];
  writeFileSync(
    file,
    writeNifti(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
      affine,
    ),
  );
  const said = python(
    `import nibabel, json; i = nibabel.load(${JSON.stringify(file)}); print(json.dumps([list(i.shape), float(i.get_fdata()[3, 2, 1]), (i.affine.round(5) + 0).tolist()]))`,
  );
  expect(JSON.parse(said)).toEqual([
    [4, 3, 2],
    23,
    [
      [-0.4, 0, 1.8, 12.5],
      [-0.3, 0, -2.4, -7.25],
      [0, -2, 0, 90],
      [0, 0, 0, 1],
    ],
  ]);
});
