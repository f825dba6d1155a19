import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeProto } from 'onnx-buf';
import type { Volume } from '../../server/contracts.ts';
import { DataType } from '../../server/explain/graph/onnx.ts';
import { classify } from '../../server/infer/classify.ts';
import { loadModel } from '../../server/models/load.ts';
import { buildModel, node } from '../explain/vjp/gradient-check.ts';

/** A package says what its model reads and gives; here the ONNX file beside it does something else. */

const EDGE = 4;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pellucid-mismatch-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const image = {
  shape: [1, EDGE, EDGE],
  data: Float32Array.from({ length: EDGE * EDGE }, (_, i) => i),
  padding: null,
  inverted: false,
  unit: null,
  voi: { window: { centre: 8, width: 16, shape: 'LINEAR' }, count: 1 },
} as unknown as Volume;

async function run(nodes: readonly NodeProto[], { edge = EDGE, input = 'input', place = 0 } = {}) {
  const model = await loadModel('models/chest-xr-pneumonia', []);
  const { spec } = model;
  if (spec.kind !== 'classification') throw new Error('the chest model is a classifier');
  const onnxPath = join(folder, 'model.onnx');
  const inputs = [{ name: input, dims: [1, 1, edge, edge], values: [] }];
  await writeFile(
    onnxPath,
    buildModel({
      opset: 17,
      type: DataType.FLOAT,
      inputs,
      nodes,
      outputs: nodes.flatMap((n) => n.output).slice(-1),
    }),
  );
  const targets = spec.output.targets.map((target) => ({ ...target, place }));
  return classify(
    {
      ...model,
      onnxPath,
      spec: {
        ...spec,
        input: { ...spec.input, rows: EDGE, columns: EDGE },
        output: { ...spec.output, targets },
      },
    },
    image,
    { threads: 1 },
  );
}

const mean = node('GlobalAveragePool', ['input'], ['mean']);

test('what the package says holds: one score', async () => {
  const { findings } = await run([mean, node('Sigmoid', ['mean'], ['prob'])]);
  expect(findings).toHaveLength(1);
});

test.each<[string, () => Promise<unknown>, string, string]>([
  [
    'another name of the output',
    () => run([mean, node('Sigmoid', ['mean'], ['score'])]),
    'MODEL_INPUT_MISMATCH',
    'disagree on: prob',
  ],
  [
    'another name of the input',
    () => run([node('Sigmoid', ['x'], ['prob'])], { input: 'x' }),
    'MODEL_INPUT_MISMATCH',
    'disagree on: input, x',
  ],
  [
    'whole numbers where scores are said',
    () => run([mean, node('Shape', ['mean'], ['prob'])]),
    'MODEL_FILE_INVALID',
    'Type Error',
  ],
  [
    'fewer scores than the package names',
    () => run([mean, node('Sigmoid', ['mean'], ['prob'])], { place: 3 }),
    'MODEL_INPUT_MISMATCH',
    'the model gives 1 scores, none at 3',
  ],
  [
    'a logit where a probability is said',
    () => run([mean, node('Exp', ['mean'], ['more']), node('Exp', ['more'], ['prob'])]),
    'MODEL_INPUT_MISMATCH',
    'not between 0 and 1',
  ],
  [
    'a score that is no number',
    () => run([mean, node('Sub', ['mean', 'mean'], ['none']), node('Log', ['none'], ['prob'])]),
    'MODEL_RUN_FAILED',
    'output prob holds values that are not numbers',
  ],
  [
    'an image of another size',
    () => run([mean, node('Sigmoid', ['mean'], ['prob'])], { edge: 8 }),
    'MODEL_INPUT_MISMATCH',
    'the ONNX file reads input of 1 × 1 × 8 × 8, by model.yaml it is 1 × 1 × 4 × 4',
  ],
])('%s is refused, and named', async (_, running, code, words) => {
  await expect(running()).rejects.toMatchObject({ code, detail: expect.stringContaining(words) });
});
