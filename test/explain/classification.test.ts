import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Explanation, Prediction, Volume } from '../../server/contracts.ts';
import { explain } from '../../server/explain/explain.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import type { Model } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { modelOf } from './models.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-classification-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Node = ReturnType<typeof makeNode>;

/** Left half white, right half black, on 4 × 4. */
const IMAGE = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 1 : 0));
const volume = { shape: [1, 8, 8], PixelSpacing: null, header: {} } as unknown as Volume;

/** A model x [1, 1, 4, 4] → logit → prob on disk, as a package would name it. */
function packageOf(
  file: string,
  nodes: readonly Node[],
  { method, threshold = 0.3 }: { method: string; threshold?: number },
): Model {
  const onnxPath = join(folder, file);
  const graph = modelOf({
    node: [...nodes, makeNode('Sigmoid', ['logit'], { output: ['prob'] })],
    initializer: [
      makeTensor('w', DataType.FLOAT, { dims: [1, 1], values: [8] }),
      makeTensor('b', DataType.FLOAT, { dims: [1, 1], values: [-2] }),
    ],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 4, 4])],
    output: [valueInfo('prob', DataType.FLOAT, [1, 1])],
  });
  writeFileSync(onnxPath, graph);
  return {
    onnxPath,
    identity: {},
    spec: {
      kind: 'classification',
      onnx: { sha256: file },
      input: { layout: 'NCHW' },
      output: {
        scores: 'prob',
        logits: 'logit',
        targets: [{ place: 0, threshold, calibrated: false, label: { label: 'Pneumonia' } }],
      },
      explanation: { method, layer: 'auto', baseline: 'mirror' },
    },
  } as unknown as Model;
}

/** logit = 8 · mean of x − 2 = 2, by way of the means of 2 × 2 blocks. */
const POOLED = [
  makeNode('AveragePool', ['x'], { output: ['h'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }),
  makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
  makeNode('Flatten', ['p'], { output: ['f'] }),
  makeNode('MatMul', ['f', 'w'], { output: ['m'] }),
  makeNode('Add', ['m', 'b'], { output: ['logit'] }),
];
const SCORE = 1 / (1 + Math.exp(-2));

const run = (model: Model, score = SCORE): Promise<Explanation> => {
  const target = model.spec.kind === 'classification' ? model.spec.output.targets[0] : undefined;
  const threshold = target?.threshold ?? 0;
  const finding = {
    kind: 'classification',
    label: target?.label,
    score,
    threshold,
    positive: score >= threshold,
  };
  return explain(
    model,
    {
      volume,
      prediction: {
        findings: [finding],
        input: { dims: [1, 1, 4, 4], data: IMAGE },
        taps: {},
      } as unknown as Prediction,
    },
    { runtime: onnxRuntime(), cacheFolder: join(folder, 'gradients') },
  );
};
const measuresOf = ({ findings: [found] }: Explanation): Record<string, number> =>
  Object.fromEntries(found?.measures.map(({ name, value }) => [name, value]) ?? []);

test('exactCam: the map, the share of its region and what hiding it does, by hand', async () => {
  const explanation = await run(packageOf('pooled.onnx', POOLED, { method: 'exactCam' }));
  // Cells 1 0 / 1 0: each of the four means weighs 8 / 4, so the left ones carry 2 each.
  expect([...(explanation.maps[0]?.data ?? [])]).toEqual([2, 0, 2, 0]);
  expect(explanation.maps[0]).toMatchObject({ shape: [1, 2, 2], range: [0, 2], finding: 0 });
  expect(explanation.findings[0]?.regions).toMatchObject([
    { name: 'A', left: 0, right: 4, top: 0, bottom: 8 },
  ]);
  const measures = measuresOf(explanation);
  expect(measures['Completeness gap']).toBeLessThan(1e-6);
  expect(measures['Share of region A in the logit']).toBe(4);
  // The other side is black: A mirrored leaves mean 0, logit −2. The model is linear, so A's Shapley value is 2 − (−2) = 4.
  expect(measures['Shapley value of region A']).toBeCloseTo(4, 5);
  expect(measures['Score without region A']).toBeCloseTo(1 / (1 + Math.exp(2)), 5);
  expect(explanation.findings[0]?.elements).toMatchObject({
    localization: { sentence: 'The strongest evidence lies in the left middle part of the image (A).' },
    physicalAttribution: {
      sentence:
        'With A replaced by its other side, the score is 0.12 instead of 0.88. Its size in mm is unknown.',
    },
    modelTransparency: { sentence: 'The 4 cells of the map add up exactly to the score.' },
    actionability: { sentence: 'The score is 0.58 above the threshold of 0.30.' },
  });
  expect(explanation.findings[0]?.cost).toMatchObject({ method: 'exactCam' });
});

test.each(['gradCam', 'integratedGradients', 'occlusionCoarseToFine'])(
  '%s marks the white half, and says what its map shows',
  async (method) => {
    const explanation = await run(packageOf('pooled.onnx', POOLED, { method }));
    expect(explanation.findings[0]?.regions).toMatchObject([
      { name: 'A', left: 0, right: 4, top: 0, bottom: 8 },
    ]);
    const transparency = explanation.findings[0]?.elements.modelTransparency;
    expect(transparency).toMatchObject({
      state: 'given',
      sentence: expect.stringMatching(/^The (map|pixels)/),
    });
    expect(explanation.findings[0]?.cost).toMatchObject({ method });
  },
);

test('a negative result says what it is, does not rule out, and draws no conclusion from the order of its map', async () => {
  const explanation = await run(packageOf('pooled.onnx', POOLED, { method: 'exactCam', threshold: 0.9 }));
  expect(explanation.findings[0]).toMatchObject({
    sentence: 'The model sees no sign of pneumonia. It does not rule it out.',
    elements: {
      localization: {
        sentence: 'Too little evidence anywhere; the most is in the left middle part of the image.',
      },
      actionability: { sentence: 'The score is 0.02 below the threshold of 0.90.' },
    },
  });
});

test('an operator without a gradient: another method, said in the result', async () => {
  const looped = [
    makeNode('Det', ['x'], { output: ['d'], name: 'determinant' }),
    makeNode('GlobalAveragePool', ['x'], { output: ['p'] }),
    makeNode('Flatten', ['p'], { output: ['f'] }),
    makeNode('MatMul', ['f', 'w'], { output: ['m'] }),
    makeNode('Add', ['m', 'd'], { output: ['n'] }),
    makeNode('Add', ['n', 'b'], { output: ['logit'] }),
  ];
  const explanation = await run(packageOf('determinant.onnx', looped, { method: 'gradCam' }));
  const transparency = explanation.findings[0]?.elements.modelTransparency;
  expect(transparency).toMatchObject({
    sentence: expect.stringContaining('The package’s own method does not work on this model.'),
    method: expect.stringMatching(/^occlusion.*no gradient for Det \(node determinant\)/),
  });
  expect(explanation.findings[0]?.cost?.method).toBe('occlusionCoarseToFine');
  expect(explanation.maps[0]?.method).toBe('occlusion, coarse to fine');
});

test('exactCam on another head is a fault, not another map', async () => {
  const curved = [...POOLED.slice(0, 3), makeNode('Tanh', ['f'], { output: ['t'] })];
  const head = [
    makeNode('MatMul', ['t', 'w'], { output: ['m'] }),
    makeNode('Add', ['m', 'b'], { output: ['logit'] }),
  ];
  await expect(
    run(packageOf('curved.onnx', [...curved, ...head], { method: 'exactCam' })),
  ).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: expect.stringContaining('hiResCam serves other heads'),
  });
});

test('a map without a positive cell has no region, and says why', async () => {
  const negated = POOLED.map((node, i) =>
    i === 3 ? makeNode('Neg', ['f'], { output: ['g'] }) : node,
  ).toSpliced(4, 0, makeNode('MatMul', ['g', 'w'], { output: ['m'] }));
  const explanation = await run(packageOf('negated.onnx', negated, { method: 'exactCam' }), 0.5);
  expect(explanation.findings[0]?.regions).toEqual([]);
  expect(explanation.findings[0]?.elements.localization).toEqual({
    state: 'absent',
    reason: 'no cell of the map speaks for the finding',
  });
});
