import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassificationFinding, Prediction, Volume } from '../../server/contracts.ts';
import { CODES } from '../../server/dicom/code.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { encode } from '../../server/encode/index.ts';
import { explain } from '../../server/explain/explain.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import type { Explanation } from '../../server/explanation.ts';
import { infer } from '../../server/infer/infer.ts';
import type { Model } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { imageChecks } from '../../server/packages/check-images.ts';
import type { ImageModel } from '../../server/packages/labelled.ts';
import type { Sample } from '../../server/packages/samples.ts';
import { type Report, readReport } from '../../server/results/report.ts';
import { chestCase } from '../encode/fixtures.ts';
import { errorsOf } from '../helpers/validators.ts';
import { modelOf, needing } from './models.ts';

/** Models of a picture of 16 × 16 by the means of its quarters: boxes with scores, and a quantity. */

const folder = mkdtempSync(join(tmpdir(), 'pellucid-boxes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EDGE = 16;
const QUARTERS = makeNode('AveragePool', ['x'], {
  output: ['h'],
  attributes: { kernel_shape: [8, 8], strides: [8, 8] },
});

/** Score of a box = sigmoid(8 · mean of its quarter − 4). Box 4 lies over box 0, nearly. */
const BOXES = [
  [0, 0, 0.5, 0.5],
  [0.5, 0, 1, 0.5],
  [0, 0.5, 0.5, 1],
  [0.5, 0.5, 1, 1],
  [0, 0, 0.5, 0.45],
];
const detectorOf = (quarters: readonly ReturnType<typeof makeNode>[]) =>
  modelOf({
    node: [
      ...quarters,
      makeNode('Reshape', ['h', 'shape'], { output: ['r'] }),
      makeNode('Gather', ['r', 'order'], { output: ['g'], attributes: { axis: 1 } }),
      makeNode('Mul', ['g', 'w'], { output: ['m'] }),
      makeNode('Add', ['m', 'b'], { output: ['l'] }),
      makeNode('Sigmoid', ['l'], { output: ['scores'] }),
      makeNode('Identity', ['places'], { output: ['boxes'] }),
    ],
    initializer: [
      makeTensor('nothing', DataType.FLOAT, { dims: [], values: [0] }),
      makeTensor('step', DataType.FLOAT, { dims: [], values: [1 / 255] }),
      makeTensor('zero', DataType.UINT8, { dims: [], values: [0] }),
      makeTensor('shape', DataType.INT64, { dims: [3], values: [1, 4, 1] }),
      makeTensor('order', DataType.INT64, { dims: [5], values: [0, 1, 2, 3, 0] }),
      makeTensor('w', DataType.FLOAT, { dims: [1], values: [8] }),
      makeTensor('b', DataType.FLOAT, { dims: [1], values: [-4] }),
      makeTensor('places', DataType.FLOAT, { dims: [1, 5, 4], values: BOXES.flat() }),
    ],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
    output: [valueInfo('boxes', DataType.FLOAT, [1, 5, 4]), valueInfo('scores', DataType.FLOAT, [1, 5, 1])],
  });
const detector = detectorOf([QUARTERS]);
/** The same, and nothing of a determinant, which has no gradient. */
const withoutGradient = detectorOf([
  makeNode('AveragePool', ['x'], {
    output: ['pooled'],
    attributes: { kernel_shape: [8, 8], strides: [8, 8] },
  }),
  makeNode('Det', ['pooled'], { output: ['determinant'] }),
  makeNode('Mul', ['determinant', 'nothing'], { output: ['none'] }),
  makeNode('Add', ['pooled', 'none'], { output: ['h'] }),
]);
/** The same in steps of 1/255: its gradient is that of a stand-in. */
const quantised = detectorOf([
  makeNode('AveragePool', ['x'], {
    output: ['pooled'],
    attributes: { kernel_shape: [8, 8], strides: [8, 8] },
  }),
  makeNode('QuantizeLinear', ['pooled', 'step', 'zero'], { output: ['whole'] }),
  makeNode('DequantizeLinear', ['whole', 'step', 'zero'], { output: ['h'] }),
]);

/** Value = 40 · mean + 2. */
const reader = modelOf({
  node: [
    QUARTERS,
    makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
    makeNode('Flatten', ['p'], { output: ['f'] }),
    makeNode('MatMul', ['f', 'w'], { output: ['m'] }),
    makeNode('Add', ['m', 'b'], { output: ['years'] }),
  ],
  initializer: [
    makeTensor('w', DataType.FLOAT, { dims: [1, 1], values: [40] }),
    makeTensor('b', DataType.FLOAT, { dims: [1, 1], values: [2] }),
  ],
  input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
  output: [valueInfo('years', DataType.FLOAT, [1, 1])],
});

const results = chestCase({ rows: 32, columns: 64 });
const INPUT = {
  tensor: 'x',
  layout: 'NCHW',
  channels: 1,
  rows: EDGE,
  columns: EDGE,
  window: 'full',
  mean: [0],
  std: [1],
};
const { label } = results.prediction.findings[0] as ClassificationFinding;
const DETECTION = {
  kind: 'detection',
  output: {
    boxes: 'boxes',
    scores: 'scores',
    form: 'corners',
    unit: 'part',
    overlap: 0.5,
    most: 8,
    targets: [{ place: 0, threshold: 0.5, calibrated: false, label }],
  },
  explanation: { method: 'hiResCam', layer: 'auto', baseline: 'mirror' },
};
const YEARS = { value: 'a', scheme: 'UCUM', meaning: 'year' };
const AGE = { value: '445518008', scheme: 'SCT', meaning: 'Age' };
const REGRESSION = {
  kind: 'regression',
  output: {
    values: 'years',
    targets: [
      {
        place: 0,
        label: { ...label, label: 'Bone age' },
        quantity: AGE,
        unit: YEARS,
        plausible: { low: 0, high: 20.5 },
        error: { plusMinus: 1.5, measuredOn: '200 hands' },
      },
    ],
  },
  explanation: { method: 'exactCam', layer: 'auto', baseline: 'mirror' },
};

function packageOf(file: string, bytes: Uint8Array, spec: object): Model {
  const onnxPath = join(folder, file);
  writeFileSync(onnxPath, bytes);
  return {
    onnxPath,
    identity: results.prediction.model,
    spec: {
      interpretability: needing('localization'),
      ...spec,
      input: INPUT,
      onnx: { sha256: file },
      accepts: {},
    },
  } as unknown as Model;
}

/** The fixture's radiograph with a grey of 0 to 100 in each quarter: top left, top right, bottom left, bottom right. */
function quarters(greys: readonly number[]): Volume {
  const { shape } = results.volume;
  const [, rows, columns] = shape;
  const data = Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return greys[2 * Number(row >= rows / 2) + Number(column >= columns / 2)] as number;
  });
  return { ...results.volume, data, inverted: false, padding: null };
}

async function run(
  model: Model,
  volume: Volume,
): Promise<{ prediction: Prediction; explanation: Explanation }> {
  const prediction = await infer(model, volume, { threads: 1 });
  const engine = { runtime: onnxRuntime(), cacheFolder: join(folder, 'gradients') };
  return { prediction, explanation: await explain(model, { volume, prediction }, engine) };
}
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const measuresOf = ({ findings: [found] }: Explanation): Record<string, number> =>
  Object.fromEntries(found?.measures.map(({ name, value }) => [name, value]) ?? []);

describe('boxes', () => {
  const model = packageOf('detector.onnx', detector, DETECTION);
  const [, rows, columns] = results.volume.shape;

  test('the strongest of boxes that overlap are kept, on the source; hidden, they turn the decision: by hand', async () => {
    const volume = quarters([100, 0, 0, 75]);
    const { prediction, explanation } = await run(model, volume);
    const [finding] = prediction.findings as ClassificationFinding[];
    expect(finding?.score).toBeCloseTo(sigmoid(4), 5);
    expect(finding?.boxes).toMatchObject([
      { left: 0, top: 0, right: columns / 2, bottom: rows / 2, place: 0 },
      { left: columns / 2, top: rows / 2, right: columns, bottom: rows, place: 3 },
    ]);
    const [found] = explanation.findings;
    expect(found?.sentence).toMatch(/^The model marks 2 places as pneumonia, the surest in the .*upper/);
    expect(found?.regions).toMatchObject([
      {
        name: 'A',
        left: 0,
        top: 0,
        right: columns / 2,
        bottom: rows / 2,
        meaning: 'Box of the model, score 0.98',
      },
      { name: 'B', meaning: 'Box of the model, score 0.88' },
    ]);
    const measures = measuresOf(explanation);
    // Mirrored, A shows the dark of the other side: box B is then the surest. Without B, A stays.
    expect(measures['Score without region A']).toBeCloseTo(sigmoid(2), 5);
    expect(measures['Score without region B']).toBeCloseTo(sigmoid(4), 5);
    // Box A's own score: all of it comes from A.
    expect(measures['Shapley value of region A']).toBeCloseTo(sigmoid(4) - sigmoid(-4), 5);
    expect(measures['Shapley value of region B']).toBeCloseTo(0, 5);
    expect(found?.elements).toMatchObject({
      localization: { sentence: expect.stringMatching(/^2 boxes, the surest in the .* \(A\)\.$/) },
      actionability: {
        sentence: expect.stringContaining('Without A and B the model would decide otherwise.'),
      },
      modelTransparency: {
        sentence: expect.stringMatching(
          /^On this image the order of the map is no better than chance\. The map is of box A: the map shows/,
        ),
      },
    });
    expect([...(explanation.maps[0]?.data ?? [])].map((v) => v > 0)).toEqual([true, false, false, false]);
  });

  const CAUTION = 'In 8 of 10 positives it lies on the left, so the place tells little.';
  const BLIND = { ...DETECTION, explanation: { ...DETECTION.explanation, caution: CAUTION } };

  test('what the package warns of is said with the place, and no headline names it then', async () => {
    const warned = packageOf('warned.onnx', detector, BLIND);
    const [found] = (await run(warned, quarters([100, 0, 0, 0]))).explanation.findings;
    expect(found?.sentence).toBe('The model marks one place as pneumonia.');
    expect(found?.elements.localization).toMatchObject({
      sentence: expect.stringMatching(
        /^One box, in the .*upper.* \(A\)\. In 8 of 10 positives it lies on the left/,
      ),
    });
  });

  test('a place whose hiding changes nothing is doubtful', async () => {
    // Both sides alike: mirrored, A shows what it showed, and the mean of the tissue is as bright as A.
    const [found] = (await run(model, quarters([100, 100, 0, 0]))).explanation.findings;
    expect(found?.sentence).toBe('The model marks 2 places as pneumonia.');
    expect(found?.elements.localization).toMatchObject({
      sentence: expect.stringContaining('The place is doubtful.'),
    });
  });

  test('a map by another method, or of a stand-in, says so and why', async () => {
    const volume = quarters([100, 0, 0, 75]);
    const said = async (packaged: Model) =>
      (await run(packaged, volume)).explanation.findings[0]?.elements.modelTransparency;
    expect(await said(packageOf('determinant.onnx', withoutGradient, DETECTION))).toMatchObject({
      sentence: expect.stringMatching(
        /^The package’s own method does not work on this model\. .*The map is of box A/,
      ),
      method: expect.stringMatching(/greatest of all boxes; no gradient for Det .*occlusionCoarseToFine/),
    });
    expect(await said(packageOf('quantised.onnx', quantised, DETECTION))).toMatchObject({
      sentence: expect.stringMatching(
        /^The map is that of a stand-in for the quantised model\. .*The map is of box A/,
      ),
      method: expect.stringMatching(/greatest of all boxes; .+/),
    });
  });

  test('no box: said with the surest score, and nothing is drawn', async () => {
    const actions = [{ from: 0, text: 'Read as usual.', source: 'Rule 1' }];
    const faint = {
      ...DETECTION,
      output: {
        ...DETECTION.output,
        targets: [{ ...DETECTION.output.targets[0], threshold: 0.99, actions }],
      },
    };
    const none = await run(packageOf('faint.onnx', detector, faint), quarters([100, 0, 0, 75]));
    expect(none.prediction.findings).toMatchObject([{ positive: false, boxes: [] }]);
    expect(none.explanation.maps).toEqual([]);
    expect(none.explanation.findings[0]).toMatchObject({
      sentence: 'The model marks no pneumonia. It does not rule it out.',
      regions: [],
      elements: {
        localization: {
          state: 'absent',
          reason: 'no box reaches the threshold, though it is needed for this decision',
        },
        physicalAttribution: { state: 'absent', reason: 'no box reaches the threshold' },
        modelTransparency: { sentence: 'The surest box has a score of 0.98, under the threshold of 0.99.' },
        actionability: {
          sentence: expect.stringMatching(/ Next step: Read as usual\.$/),
          method: 'score minus operating point; next step by Rule 1',
        },
      },
      nextStep: { text: 'Read as usual.', source: 'Rule 1' },
    });
  });

  test.each([
    [
      'pixels of the centre',
      { form: 'centre', unit: 'pixel' },
      [8, 8, 4, 4],
      [6 / 16, 6 / 16, 10 / 16, 10 / 16],
    ],
    [
      'pixels of corners, beyond the picture',
      { form: 'corners', unit: 'pixel' },
      [-4, 8, 4, 20],
      [0, 0.5, 0.25, 1],
    ],
  ])('boxes in %s', async (_, how, box, [left = 0, top = 0, right = 0, bottom = 0]) => {
    const places = modelOf({
      node: [
        makeNode('GlobalAveragePool', ['x'], { output: ['p'] }),
        makeNode('Reshape', ['p', 'shape'], { output: ['scores'] }),
        makeNode('Identity', ['places'], { output: ['boxes'] }),
      ],
      initializer: [
        makeTensor('shape', DataType.INT64, { dims: [3], values: [1, 1, 1] }),
        makeTensor('places', DataType.FLOAT, { dims: [1, 1, 4], values: box }),
      ],
      input: [valueInfo('x', DataType.FLOAT, [1, 1, EDGE, EDGE])],
      output: [valueInfo('boxes', DataType.FLOAT, [1, 1, 4]), valueInfo('scores', DataType.FLOAT, [1, 1, 1])],
    });
    const spec = { ...DETECTION, output: { ...DETECTION.output, ...how } };
    const { findings } = await infer(packageOf('places.onnx', places, spec), quarters([100, 100, 0, 90]), {
      threads: 1,
    });
    expect((findings[0] as ClassificationFinding).boxes).toMatchObject([
      { left: left * columns, top: top * rows, right: right * columns, bottom: bottom * rows },
    ]);
  });

  test('outputs of other dims are a fault that says which are wanted', async () => {
    const spec = { ...DETECTION, output: { ...DETECTION.output, boxes: 'scores' } };
    await expect(
      infer(packageOf('wrong.onnx', detector, spec), quarters([100, 0, 0, 75]), { threads: 1 }),
    ).rejects.toMatchObject({
      code: 'MODEL_INPUT_MISMATCH',
      detail: 'boxes are 1 × 5 × 1 and scores 1 × 5 × 1; wanted are 1 × n × 4 and 1 × n × classes',
    });
  });

  test('the report is valid, with each box on the image', async () => {
    const volume = quarters([100, 0, 0, 75]);
    const bytes = encode({ ...results, volume, ...(await run(model, volume)) }).at(-1)?.bytes as Uint8Array;
    expect(errorsOf(bytes)).toEqual([]);
    const report = readReport(readPart10(bytes)) as Report;
    expect(report.findings.flatMap(({ places }) => places.map(({ points }) => points[0]))).toEqual([
      [0, 0],
      [columns / 2, rows / 2],
    ]);
  });
});

describe('a quantity', () => {
  const model = packageOf('reader.onnx', reader, REGRESSION);
  // The means of the quarters are 1, 0, 0 and 0.6: a mean of 0.4, 18 years.
  const volume = quarters([100, 0, 0, 60]);

  test('its map, what its regions carry in its own unit, and how far it may be off: by hand', async () => {
    const { prediction, explanation } = await run(model, volume);
    expect(prediction.findings).toMatchObject([{ kind: 'measurement', unit: YEARS, plausible: [0, 20.5] }]);
    const [finding] = prediction.findings;
    if (finding?.kind !== 'measurement') throw new Error('no measurement');
    expect(finding.value).toBeCloseTo(18, 4);
    expect(finding.interval?.map((v) => Number(v.toFixed(3)))).toEqual([16.5, 19.5]);
    // Each quarter weighs 10.
    expect([...(explanation.maps[0]?.data ?? [])].map((v) => Number(v.toFixed(4)))).toEqual([10, 0, 0, 6]);
    const [found] = explanation.findings;
    expect(found?.sentence).toBe('Bone age: 18 a.');
    const measures = measuresOf(explanation);
    // A is the upper left, B the lower right; mirrored, each is dark, and the whole mirrored is 18 again.
    expect(measures['Value without region A']).toBeCloseTo(8, 4);
    expect(measures['Value without region B']).toBeCloseTo(12, 4);
    const sum = [
      'Shapley value of region A',
      'Shapley value of region B',
      'Shapley value of the rest',
      'Value with everything hidden',
    ];
    expect(sum.reduce((total, name) => total + (measures[name] ?? Number.NaN), 0)).toBeCloseTo(18, 4);
    expect(found?.elements).toMatchObject({
      localization: {
        sentence: expect.stringMatching(/^What raises the value most lies in the .*upper.* \(A\)\.$/),
      },
      physicalAttribution: {
        sentence:
          'With A replaced by its other side, the value is 8 a instead of 18 a. Its size in mm is unknown.',
      },
      modelTransparency: {
        sentence:
          'The cells of the map add up exactly to the value. The model sees the image as 16 × 16 pixels.',
      },
      actionability: {
        sentence: '95 of 100 values were within 16.5 to 19.5 a.',
        method: 'error measured on 200 hands; the package names no next step for this result',
      },
    });
    const states = Object.fromEntries(explanation.checks.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ plausible: 'passed', features: 'absent' });
  });

  test('the next step at a value, and that its interval leaves it open', async () => {
    const [target] = REGRESSION.output.targets;
    const actions = [
      { from: 12, text: 'Compare with the table', source: 'Rule 3' },
      { from: 19, text: 'Call it grown.', source: 'Rule 4' },
    ];
    const advised = { ...REGRESSION, output: { ...REGRESSION.output, targets: [{ ...target, actions }] } };
    const { explanation } = await run(packageOf('advised.onnx', reader, advised), volume);
    expect(explanation.findings[0]).toMatchObject({
      nextStep: { text: 'Compare with the table', source: 'Rule 3' },
      elements: {
        actionability: {
          sentence:
            '95 of 100 values were within 16.5 to 19.5 a. Next step: Compare with the table. Its interval leaves the next step open; at an end of it: Call it grown.',
          method: 'error measured on 200 hands; next step by Rule 3',
        },
      },
    });
  });

  test('what the package warns of is said with the place', async () => {
    const caution = 'It follows the left hand alone.';
    const warned = { ...REGRESSION, explanation: { ...REGRESSION.explanation, caution } };
    const { explanation } = await run(packageOf('warned-reader.onnx', reader, warned), volume);
    expect(explanation.findings[0]?.elements.localization).toMatchObject({
      sentence: expect.stringMatching(
        /^What raises the value most lies in the .* \(A\)\. It follows the left hand alone\.$/,
      ),
    });
  });

  test('a value that cannot be is kept, and nobody is to rely on it', async () => {
    const { explanation } = await run(model, quarters([100, 0, 0, 90]));
    expect(explanation.findings[0]?.sentence).toBe('Bone age: 21 a.');
    expect(explanation.findings[0]?.elements.actionability).toMatchObject({
      sentence: expect.stringContaining('Do not rely on this result; read without it.'),
    });
    expect(explanation.checks).toContainEqual({
      name: 'plausible',
      finding: 0,
      state: 'failed',
      sentence: 'The value is outside what it may be: 0 to 20.5 a.',
    });
  });

  test('the report is valid, and has the number with its code and unit, neither present nor absent', async () => {
    const made = encode({ ...results, volume, ...(await run(model, volume)) }, ['PDF']);
    const bytes = made.at(-1)?.bytes as Uint8Array;
    expect(errorsOf(bytes)).toEqual([]);
    const [found] = (readReport(readPart10(bytes)) as Report).findings;
    expect(found?.measurements[0]).toMatchObject({ name: AGE, unit: YEARS });
    expect(found?.measurements[0]?.value).toBeCloseTo(18, 4);
    expect(found?.evaluations.map(({ value }) => value)).not.toContainEqual(CODES.present);
    expect(made.map(({ kind }) => kind)).toContain('PDF');
  });
});

test.each([
  ['boxes', () => packageOf('detector.onnx', detector, DETECTION)],
  ['quantities', () => packageOf('reader.onnx', reader, REGRESSION)],
])('model check measures a model of %s as one of scores', async (_, packaged) => {
  const model = packaged() as ImageModel;
  const { prediction } = await run(model, quarters([100, 0, 0, 75]));
  const { checks, close } = await imageChecks(model, [{ prediction } as Sample], 1);
  expect(checks.map(({ name }) => name)).toEqual([
    'samples',
    'gradient',
    'randomisation',
    'faithfulness',
    'stability',
  ]);
  const gradient = await checks[1]?.measure();
  expect(gradient).toMatchObject({ passed: true, measured: expect.stringMatching(/^\d\.\d % off/) });
  expect(await checks[4]?.measure()).toMatchObject({ passed: true });
  await close();
});
