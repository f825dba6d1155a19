import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Prediction, Volume } from '../../server/contracts.ts';
import { explain } from '../../server/explain/explain.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import type { Explanation } from '../../server/explanation.ts';
import type { Model } from '../../server/models/load.ts';
import type { Reference, Space } from '../../server/models/reference.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { modelOf, needing } from './models.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-classification-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Node = ReturnType<typeof makeNode>;

/** Left half white, right half black, on 4 × 4. */
const IMAGE = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 1 : 0));
const volume = { shape: [1, 8, 8], PixelSpacing: null, unit: null, header: {} } as unknown as Volume;

interface PackageOptions {
  readonly method: string;
  readonly threshold?: number;
  readonly target?: Readonly<Record<string, unknown>>;
  readonly reference?: Reference;
}

/** A model x [1, 1, 4, 4] → logit → prob on disk, as a package would name it. */
function packageOf(
  file: string,
  nodes: readonly Node[],
  { method, threshold = 0.3, target = {}, ...more }: PackageOptions,
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
    ...more,
    spec: {
      kind: 'classification',
      interpretability: needing('visualRecognizability', 'physicalAttribution'),
      onnx: { sha256: file },
      input: { layout: 'NCHW', mean: [0], std: [1] },
      output: {
        scores: 'prob',
        logits: 'logit',
        targets: [{ place: 0, threshold, calibrated: false, label: { label: 'Pneumonia' }, ...target }],
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

const run = (model: Model, score = SCORE, image: Partial<Volume> = {}): Promise<Explanation> => {
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
      volume: { ...volume, ...image },
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
  // All of A and the rest mirrored is the mirrored image: logit 2 again. Shares and what is hidden add up to the logit.
  const shares = ['Shapley value of region A', 'Shapley value of the rest', 'Logit with everything hidden'];
  expect(shares.reduce((sum, name) => sum + (measures[name] ?? Number.NaN), 0)).toBeCloseTo(2, 5);
  // A is 1, the rest 0; the picture's mean and deviation are both 1/2.
  expect(measures['Contrast of region A']).toBeCloseTo(2, 6);
  expect(explanation.findings[0]?.elements).toMatchObject({
    localization: { sentence: 'The strongest evidence lies in the left middle part of the image (A).' },
    physicalAttribution: {
      sentence:
        'With A replaced by its other side, the score is 0.12 instead of 0.88. Its size in mm is unknown.',
    },
    modelTransparency: {
      sentence:
        'The 4 cells of the map add up exactly to the score. The model sees the image as 4 × 4 pixels.',
    },
    visualRecognizability: {
      sentence:
        '100 % of the evidence lies where the picture is plain black or white: beside the body, on writing, or cut off. A covers 50 % of the picture and is clearly brighter than the rest.',
    },
    actionability: {
      sentence: 'The score is 0.58 above the threshold of 0.30. Without A the model would decide otherwise.',
      method: expect.stringContaining('the package names no next step for this result'),
    },
  });
  expect(explanation.findings[0]?.cost).toMatchObject({ method: 'exactCam' });
});

test('where the spacing is known, a region has an area, by hand', async () => {
  const explanation = await run(packageOf('pooled.onnx', POOLED, { method: 'exactCam' }), SCORE, {
    PixelSpacing: ['20', '5'],
  });
  // Half of 8 × 8 pixels of 100 mm².
  expect(measuresOf(explanation)['Area of region A']).toBe(3200);
  // 4 columns of 5 mm; from corner to corner of 20 by 160 mm.
  expect(measuresOf(explanation)['Short axis of region A']).toBeCloseTo(20, 6);
  expect(measuresOf(explanation)['Long axis of region A']).toBeCloseTo(Math.hypot(20, 160), 1);
  expect(explanation.findings[0]?.elements.physicalAttribution).toMatchObject({
    sentence: expect.stringMatching(/It measures 32\.0 cm², 161 by 20 mm\.$/),
  });
});

test('the action of the highest band that the score reaches is the next step, with its source', async () => {
  const actions = [
    { from: 0, text: 'Read as always.', source: 'site rule 1' },
    { from: 0.8, text: 'Look again at A', source: 'site rule 2' },
    { from: 0.95, text: 'Call', source: 'site rule 3' },
  ];
  const explanation = await run(
    packageOf('pooled.onnx', POOLED, { method: 'exactCam', target: { actions } }),
  );
  expect(explanation.findings[0]).toMatchObject({
    nextStep: { text: 'Look again at A', source: 'site rule 2' },
    elements: {
      actionability: {
        sentence: expect.stringMatching(/ Next step: Look again at A\.$/),
        method: expect.stringMatching(/; next step by site rule 2$/),
      },
    },
  });
});

const space = (n: number, mean: number, limit: number): Space => ({
  mean: Array<number>(n).fill(mean),
  directions: [],
  variances: [],
  rest: 1,
  usual: 1,
  limit,
});
/** The layer h has one channel, whose mean is 0.5 on the image. */
const reference = (mean: number): Reference => ({
  statistics: {
    schema: 1,
    onnx: '',
    fitted: 1,
    heldOut: 1,
    flagged: 0,
    features: {
      ...space(1, mean, 1),
      layer: 'h',
      directions: [[1]],
      variances: [4],
    },
    texture: { ...space(2, 0.5, 2), layer: 'h' },
    layout: space(256, 0, 2),
    histogram: space(32, 0.5, 2),
  },
  gallery: {
    schema: 1,
    onnx: '',
    cases: [
      { id: 'case-001', truth: 'Normal', at: [5] },
      { id: 'case-002', truth: 'Viral pneumonia', at: [-0.2] },
      { id: 'case-003', truth: 'Normal', at: [1] },
      { id: 'case-004', truth: 'Normal', at: [0.1] },
    ],
  },
});
const checksOf = ({ checks }: Explanation): Record<string, string> =>
  Object.fromEntries(checks.map(({ name, state }) => [name, state]));

test('an image like known ones passes, and its nearest known images are shown with their truth', async () => {
  const explanation = await run(
    packageOf('pooled.onnx', POOLED, { method: 'exactCam', reference: reference(0.5) }),
  );
  expect(checksOf(explanation)).toMatchObject({ features: 'passed', stability: 'passed', methods: 'passed' });
  expect(explanation.findings[0]?.elements.visualRecognizability).toMatchObject({
    sentence: expect.stringContaining(
      'Known images most like this one: Normal (case-004), Viral pneumonia (case-002), Normal (case-003).',
    ),
    method: expect.stringContaining('0.10, 0.20, 1.00 standard deviations away'),
  });
  const known = explanation.findings[0]?.measures.filter(({ name }) => name.startsWith('Distance to'));
  expect(known?.map(({ name, sentence, value }) => [name, sentence, value.toFixed(2)])).toEqual([
    ['Distance to known image case-004', 'Normal', '0.10'],
    ['Distance to known image case-002', 'Viral pneumonia', '0.20'],
    ['Distance to known image case-003', 'Normal', '1.00'],
  ]);
});

test('an image unlike known ones: the decision stays, and the advice against it comes first', async () => {
  const explanation = await run(
    packageOf('pooled.onnx', POOLED, { method: 'exactCam', reference: reference(5) }),
  );
  expect(explanation.checks.find(({ name }) => name === 'features')).toEqual({
    name: 'features',
    state: 'failed',
    // (0.5 − 5) / 2
    sentence:
      'To the model this is no image like those it was made with (distance 2.25, usual 1.00, limit 1.00).',
  });
  expect(explanation.findings[0]).toMatchObject({
    sentence: expect.stringContaining('The model sees signs of pneumonia'),
    elements: {
      actionability: {
        sentence: expect.stringMatching(
          /^Do not rely on this result; read without it\. To the model this is no image .* The score is 0\.58 above/,
        ),
      },
    },
  });
});

test('without known images nothing is said of likeness, and why', async () => {
  const explanation = await run(packageOf('pooled.onnx', POOLED, { method: 'exactCam' }));
  expect(explanation.checks.find(({ name }) => name === 'features')).toMatchObject({
    state: 'absent',
    sentence: 'The package keeps nothing of known images to compare this one with.',
  });
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
        sentence: 'Too little evidence anywhere; the most is in the left middle part of the image (A).',
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
