import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType } from '../../server/explain/graph/onnx.ts';
import { runOnnx } from '../../server/infer/session.ts';
import { buildModel, node } from '../explain/vjp/gradient-check.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pellucid-session-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** y = log x */
const sound = buildModel({
  opset: 17,
  type: DataType.FLOAT,
  inputs: [{ name: 'x', dims: [1, 3], values: [] }],
  nodes: [node('Log', ['x'], ['y'])],
  outputs: ['y'],
});

async function run(bytes: Uint8Array, { x = [1, 2, 4], dims = [1, 3], fetches = ['y'], name = 'x' } = {}) {
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  const feeds = { [name]: { dims, data: Float32Array.from(x) } };
  return runOnnx(path, { feeds, fetches, threads: 1 });
}

test('a sound model runs', async () => {
  const { y } = await run(sound);
  expect(y?.dims).toEqual([1, 3]);
  expect([...(y?.data ?? [])].map((v) => Math.round(v * 1e4))).toEqual([0, 6931, 13863]);
});

test.each<[string, () => Promise<unknown>, string, string]>([
  ['an empty file', () => run(new Uint8Array()), 'MODEL_FILE_INVALID', 'does not load'],
  ['a cut file', () => run(sound.subarray(0, 60)), 'MODEL_FILE_INVALID', 'does not load'],
  [
    'noise',
    () => run(Uint8Array.from({ length: 999 }, (_, i) => (i * 31) % 256)),
    'MODEL_FILE_INVALID',
    'does not load',
  ],
  ['an output that it has not', () => run(sound, { fetches: ['prob'] }), 'MODEL_INPUT_MISMATCH', 'prob'],
  ['an input that it has not', () => run(sound, { name: 'image' }), 'MODEL_INPUT_MISMATCH', 'image, x'],
  [
    'an input of other dims',
    () => run(sound, { dims: [3, 1] }),
    'MODEL_INPUT_MISMATCH',
    'the ONNX file reads x of 1 × 3',
  ],
  [
    'an input that gives no number',
    () => run(sound, { x: [1, -2, 4] }),
    'MODEL_RUN_FAILED',
    'output y holds',
  ],
  ['an infinite result', () => run(sound, { x: [1, 0, 4] }), 'MODEL_RUN_FAILED', 'output y holds'],
])('%s is refused, and named', async (_, running, code, words) => {
  await expect(running()).rejects.toMatchObject({ code, detail: expect.stringContaining(words) });
});
