import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, loadModels } from '../../server/models/load.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pellucid-models-'));
  await cp('models/chest-xr-pneumonia', join(folder, 'chest'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const edit = async (file: string, change: (text: string) => string) => {
  const path = join(folder, 'chest', file);
  await writeFile(path, change(await readFile(path, 'utf8')));
};

test.each([
  ['a typo in a key', (t: string) => t.replace('intendedUse:', 'intendetUse:'), 'intendetUse'],
  ['a missing answer', (t: string) => t.replace(/^ {2}decision: .*$/m, ''), 'decision'],
  [
    'a side that is none',
    (t: string) => t.replace(/^( +)site: .*$/m, '$&\n$1laterality: { value: "1", scheme: SCT, meaning: Up }'),
    'CID 244',
  ],
  ['a threshold above 1', (t: string) => t.replace(/threshold: .*/, 'threshold: 32'), 'threshold'],
  ['a path in the file name', (t: string) => t.replace('file: model.onnx', 'file: ../../etc/x.onnx'), 'file'],
  ['no YAML', () => '{ a: [', 'not YAML'],
  ['another digest', (t: string) => t.replace(/sha256: ./, 'sha256: 0'), 'SHA-256'],
])('%s is refused, and named', async (_, change, words) => {
  await edit('model.yaml', change);
  await expect(loadModel(join(folder, 'chest'), [])).rejects.toMatchObject({
    code: 'MODEL_PACKAGE_INVALID',
    detail: expect.stringContaining(words),
  });
});

test.each([
  ['a folder without model.yaml', (chest: string) => rm(join(chest, 'model.yaml')), 'has no model.yaml'],
  ['no ONNX file', (chest: string) => rm(join(chest, 'model.onnx')), 'neither beside model.yaml'],
  [
    'a folder in place of the ONNX file',
    async (chest: string) => {
      await rm(join(chest, 'model.onnx'));
      await mkdir(join(chest, 'model.onnx'));
    },
    'neither beside model.yaml',
  ],
  ['an empty ONNX file', (chest: string) => truncate(join(chest, 'model.onnx'), 0), 'has the SHA-256 e3b0c4'],
  ['a cut ONNX file', (chest: string) => truncate(join(chest, 'model.onnx'), 5000), 'has the SHA-256'],
  // Sparse: nothing is written, and nothing is read.
  ['an ONNX file of 3 GB', (chest: string) => truncate(join(chest, 'model.onnx'), 3e9), 'is over 2 GiB'],
])('%s is refused, and named', async (_, damage, words) => {
  await damage(join(folder, 'chest'));
  await expect(loadModel(join(folder, 'chest'), [])).rejects.toMatchObject({
    code: 'MODEL_PACKAGE_INVALID',
    detail: expect.stringContaining(words),
  });
});

test('a wrong package does not hinder the others', async () => {
  await cp(join(folder, 'chest'), join(folder, 'second'), { recursive: true });
  await edit('model.yaml', () => 'nonsense');
  const { ready, refused } = await loadModels(folder);
  expect(ready.map((m) => m.identity.id)).toEqual(['chest-xr-pneumonia']);
  expect(refused).toHaveLength(1);
});

test('a changed answer is another device: digest and Device UID follow the whole package', async () => {
  const before = (await loadModel(join(folder, 'chest'), [])).identity;
  await edit('model.yaml', (t) => t.replace(/^version: .*/m, 'version: 1.0.1'));
  const after = (await loadModel(join(folder, 'chest'), [])).identity;
  expect(after.digest).not.toBe(before.digest);
  expect(after.DeviceUID).not.toBe(before.DeviceUID);
});

test('a link to a package is followed, and one that leads nowhere is refused by its name', async () => {
  const path = join(folder, 'linked');
  await mkdir(path);
  await symlink(join(folder, 'chest'), join(path, 'chest'));
  await symlink(join(folder, 'gone'), join(path, 'gone'));
  // Neither is a package, and neither is said to be one.
  await symlink(join(folder, 'chest', 'model.onnx'), join(path, 'a.onnx'));
  await mkdir(join(path, 'lost+found'));
  const { ready, refused } = await loadModels(path);
  expect(ready.map(({ folder: at, identity }) => [at, identity.id])).toEqual([
    [join(path, 'chest'), 'chest-xr-pneumonia'],
  ]);
  expect(refused.map(({ folder: at }) => at)).toEqual([join(path, 'gone')]);
});
