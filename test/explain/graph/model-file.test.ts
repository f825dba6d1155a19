import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { TensorProto_DataLocation as Location, StringStringEntryProtoSchema } from 'onnx-buf';
import { readModelFile } from '../../../server/explain/graph/model-file.ts';
import { DataType, parseModel, writeModel } from '../../../server/explain/graph/onnx.ts';
import { viewGraph } from '../../../server/explain/graph/view.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { buildModel, node } from '../vjp/gradient-check.ts';

const WEIGHTS = [0.5, -1, 2];
const whole = buildModel({
  opset: 17,
  type: DataType.FLOAT,
  inputs: [{ name: 'x', dims: [1, 3], values: [] }],
  weights: [{ name: 'w', dims: [1, 3], values: WEIGHTS }],
  nodes: [node('Mul', ['x', 'w'], ['y'])],
  outputs: ['y'],
});
/** The same model, its weights in a file. */
const outside = (entries: Readonly<Record<string, string>>): Uint8Array => {
  const model = parseModel(whole);
  for (const w of model.graph.initializer) {
    w.rawData = new Uint8Array();
    w.dataLocation = Location.EXTERNAL;
    w.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  }
  return writeModel(model);
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pellucid-model-file-'));
  await mkdir(join(folder, 'model', 'parts'), { recursive: true });
  path = join(folder, 'model', 'model.onnx');
  const data = new Uint8Array(Float32Array.from([9, ...WEIGHTS, 9]).buffer);
  for (const name of ['secret.bin', 'model/w.bin', 'model/parts/w.bin'])
    await writeFile(join(folder, name), data);
  await symlink(join(folder, 'secret.bin'), join(folder, 'model', 'link.bin'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a model that stands alone is read as it is', async () => {
  await writeFile(path, whole);
  expect(Buffer.compare(await readModelFile(path), whole)).toBe(0);
});

test.each(['w.bin', 'parts/w.bin', './parts/../w.bin'])('weights in %s are taken in', async (location) => {
  await writeFile(path, outside({ location, offset: '4', length: '12' }));
  const bytes = await readModelFile(path);
  expect(viewGraph(parseModel(bytes)).numbers('w')).toEqual(WEIGHTS);
  const open = await onnxRuntime().open(bytes);
  const x = { type: 'float32', dims: [1, 3], data: Float32Array.from([1, 2, 3]) } as const;
  const { y } = await open.run({ x }, ['y']).finally(() => open.close());
  expect([...(y?.data ?? [])]).toEqual([0.5, -2, 6]);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['a missing file', { location: 'none.bin' }, 'in the file none.bin, which is not beside the model'],
  ['no location', {}, 'outside the model’s folder'],
  ['a file above the folder', { location: '../secret.bin' }, 'outside the model’s folder'],
  ['an absolute path', { location: '/etc/passwd' }, 'which is not beside the model'],
  ['a link that leads out', { location: 'link.bin' }, 'outside the model’s folder'],
  ['a folder', { location: 'parts' }, 'is no file'],
  [
    'a part beyond the end',
    { location: 'w.bin', offset: '16', length: '12' },
    'has 20 bytes, the model reads 12 from 16 on',
  ],
  ['an offset beyond the end', { location: 'w.bin', offset: '21' }, 'has 20 bytes'],
  ['more than any file has', { location: 'w.bin', length: '900000000000000' }, 'has 20 bytes'],
  ['a negative offset', { location: 'w.bin', offset: '-4' }, 'the offset of w is -4, no number of bytes'],
  ['a length in words', { location: 'w.bin', length: 'all' }, 'the length of w is all, no number of bytes'],
])('weights in %s are refused, and named', async (_, entries, words) => {
  await writeFile(path, outside(entries));
  await expect(readModelFile(path)).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    detail: expect.stringContaining(words),
  });
});

// Sparse files: nothing is written, and nothing is read.
test('a model of 3 GB is refused before it is read', async () => {
  await writeFile(path, whole);
  await truncate(path, 3e9);
  await expect(readModelFile(path)).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    detail: expect.stringContaining('is over 2 GiB with its weights'),
  });
});

test('3 GB of weights are refused before they are read', async () => {
  await writeFile(path, outside({ location: 'w.bin' }));
  await truncate(join(folder, 'model', 'w.bin'), 3e9);
  await expect(readModelFile(path)).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    detail: expect.stringContaining('is over 2 GiB with its weights'),
  });
});

test('a file that is not there is named', async () => {
  await expect(readModelFile(join(folder, 'gone.onnx'))).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    detail: `${join(folder, 'gone.onnx')} cannot be read`,
  });
});
