import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedGradient } from '../../../server/explain/graph/cache.ts';
import { DataType } from '../../../server/explain/graph/onnx.ts';
import type { Runtime } from '../../../server/explain/graph/runtime.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { buildModel, node } from '../vjp/gradient-check.ts';

const model = buildModel({
  opset: 17,
  type: DataType.FLOAT,
  inputs: [{ name: 'x', dims: [2, 3], values: [] }],
  nodes: [node('Tanh', ['x'], ['y'])],
  outputs: ['y'],
});
const request = { of: 'y', wrt: ['x'], inputDims: { x: [2, 3] } };

let folder: string;
let opened: number;
const runtime: Runtime = {
  open: (bytes) => {
    opened++;
    return onnxRuntime().open(bytes);
  },
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradients-'));
  opened = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the second time nothing is run, and the bytes are the same', async () => {
  const first = await cachedGradient(model, request, { runtime, folder });
  const before = opened;
  const second = await cachedGradient(model, request, { runtime, folder });
  expect(opened).toBe(before);
  expect({ ...second, bytes: Buffer.from(second.bytes) }).toEqual({
    ...first,
    bytes: Buffer.from(first.bytes),
  });
});

test('the model’s own bytes are not stored again', async () => {
  const { bytes } = await cachedGradient(model, request, { runtime, folder });
  const [name = ''] = await readdir(folder);
  const stored = await readFile(join(folder, name));
  expect(stored.includes(Buffer.from(model))).toBe(false);
  expect(stored.includes(Buffer.from(bytes.subarray(model.length)))).toBe(true);
});

test.each([
  ['another value', { ...request, of: 'x' }],
  ['another model', { ...request, digest: 'other' }],
])('%s is another entry', async (_, { digest, ...other }: typeof request & { digest?: string }) => {
  await cachedGradient(model, request, { runtime, folder });
  await cachedGradient(model, other, { runtime, folder, ...(digest ? { digest } : {}) });
  expect(await readdir(folder)).toHaveLength(2);
});

test('a damaged file is compiled anew', async () => {
  await cachedGradient(model, request, { runtime, folder });
  const [name = ''] = await readdir(folder);
  const stored = await readFile(join(folder, name));
  for (const damaged of [stored.subarray(0, -1), Buffer.from('{}\n'), Buffer.alloc(0)]) {
    await writeFile(join(folder, name), damaged);
    const before = opened;
    await cachedGradient(model, request, { runtime, folder });
    expect(opened).toBeGreaterThan(before);
    expect(await readFile(join(folder, name))).toEqual(stored);
  }
});

test('two at once and a folder that was deleted do no harm', async () => {
  await rm(folder, { recursive: true });
  const [a, b] = await Promise.all([1, 2].map(() => cachedGradient(model, request, { runtime, folder })));
  expect(a).toEqual(b);
  expect(await readdir(folder)).toHaveLength(1);
});
