import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersFile, fromFile } from '../../server/cli/answers.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { loadModel } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { newPackage, questionsOf } from '../../server/packages/new.ts';
import { studyPicture, studyScores } from '../../server/packages/study.ts';
import { modelOf } from '../explain/models.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import { ANSWERS, answering } from './answers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** x [1, 1, 4, 4] → y [1, 2], whose end the nodes are. */
const small = (dims: readonly number[] = [1, 1, 4, 4]) =>
  modelOf({
    node: [
      makeNode('Relu', ['x'], { output: ['h'] }),
      makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
      makeNode('Flatten', ['p'], { output: ['f'] }),
      makeNode('MatMul', ['f', 'w'], { output: ['y'] }),
    ],
    initializer: [makeTensor('w', DataType.FLOAT, { dims: [1, 2], values: [1, -1] })],
    input: [valueInfo('x', DataType.FLOAT, dims)],
    output: [valueInfo('y', DataType.FLOAT, [1, 2])],
  });
const onnx = (bytes: Uint8Array): string => {
  const path = join(folder, 'given.onnx');
  writeFileSync(path, bytes);
  return path;
};

test('a model that ends in numbers gets the activation that the person names, and is found to explain itself', async () => {
  const answers = { ...ANSWERS, activation: 'Softmax', mean: '0', std: '1' };
  const into = join(folder, 'package');
  await newPackage(onnx(small()), into, answering(answers));
  const { spec, onnxPath } = await loadModel(into, []);
  expect(spec).toMatchObject({
    input: { tensor: 'x', layout: 'NCHW', channels: 1, rows: 4, columns: 4 },
    output: {
      scores: 'pellucid/scores',
      logits: 'y',
      targets: [{ place: 1, threshold: 0.5, calibrated: false, label: { label: 'Pneumonia' } }],
    },
    explanation: { method: 'exactCam' },
  });
  const session = await onnxRuntime().open(new Uint8Array(readFileSync(onnxPath)));
  const x = { type: 'float32', dims: [1, 1, 4, 4], data: new Float32Array(16).fill(1) } as const;
  const { 'pellucid/scores': scores } = await session.run({ x }, ['pellucid/scores']);
  // Softmax of 1 and −1.
  expect(Number(scores?.data[1])).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
  await session.close();
});

test.each([
  ['a missing answer', { why: '' }, 'why'],
  ['a code that is none', { type1: 'Phlogiston' }, 'value|scheme|meaning'],
  ['a threshold above 1', { threshold1: '50' }, 'a number from 0 to 1'],
  ['no finding at all', { label1: '-' }, 'nothing to report'],
  ['an id with capitals', { id: 'Tea' }, 'small letters'],
  ['an activation that is none', { activation: 'Relu' }, 'Sigmoid, Softmax'],
])('%s is refused, and nothing is written', async (_, change, words) => {
  const into = join(folder, 'package');
  const answers = { ...ANSWERS, activation: 'Softmax', ...change };
  await expect(newPackage(onnx(small()), into, answering(answers))).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining(words),
  });
  expect(existsSync(into)).toBe(false);
});

test.each([
  [[1, 7, 4, 4], 'neither one nor three channels'],
  [[1, 1, 4, 4, 4], 'one input of four dims'],
])('what reads %j is no model of one image', async (dims, words) => {
  await expect(studyPicture(small(dims))).rejects.toThrow(words);
});

test('codes go by name, and the SOP Classes by the modality', async () => {
  const into = join(folder, 'package');
  const answers = { ...ANSWERS, activation: 'Softmax', modality: 'MR', type1: 'pneumonia', site1: 'LUNG' };
  expect(await newPackage(onnx(small()), into, answering(answers))).toMatchObject({
    accepts: { SOPClassUID: ['1.2.840.10008.5.1.4.1.1.4', '1.2.840.10008.5.1.4.1.1.4.1'] },
    output: {
      targets: [
        {
          label: {
            type: { value: '233604007', scheme: 'SCT', meaning: 'Pneumonia' },
            site: { value: '39607008', scheme: 'SCT', meaning: 'Lung' },
          },
        },
      ],
    },
  });
});

test('a modality without usual SOP Classes must say them', async () => {
  const answers = { ...ANSWERS, activation: 'Softmax', modality: 'XX' };
  await expect(newPackage(onnx(small()), join(folder, 'package'), answering(answers))).rejects.toMatchObject({
    detail: expect.stringContaining('sopClass'),
  });
});

describe('a segmentation of volumes', () => {
  const volumes = (channels: number) =>
    modelOf({
      node: [makeNode('Conv', ['x', 'w'], { output: ['y'] })],
      initializer: [
        makeTensor('w', DataType.FLOAT, { dims: [channels, 1, 1, 1, 1], values: Array(channels).fill(1) }),
      ],
      input: [valueInfo('x', DataType.FLOAT, [1, 1, 'd', 'h', 'w'])],
      output: [valueInfo('y', DataType.FLOAT, [1, channels, 'd', 'h', 'w'])],
    });
  const SEGMENTATION = {
    ...ANSWERS,
    modality: 'MR',
    bodyPart: 'HEAD,BRAIN',
    words: 't1',
    steps: '[{ step: orient, axes: LPS }, { step: zscore, of: nonzero }]',
    label1: 'Brain',
    type1: '',
    site1: '',
    label2: 'Left eye',
    type2: '1290041000|SCT|Entire left eye proper',
    tiles: '{ size: [32, 32, 32], overlap: 0.5, blend: gaussian, by: nnunet }',
    split: 'largest',
    range1: '{ low: 1100, high: 1600, unit: ml, of: adults, source: a paper }',
    paired1: 'yes',
    expected1: 'yes',
    plausible2: '{ low: 4, high: 12, unit: ml, of: adults, source: a paper }',
    actions2: '[{ from: 0, text: Look for it, source: us }, { from: 12, text: Measure it, source: us }]',
  };

  test('is packaged by its own questions, and loads', async () => {
    const into = join(folder, 'package');
    await newPackage(onnx(volumes(3)), into, answering(SEGMENTATION));
    expect((await loadModel(into, [])).spec).toMatchObject({
      kind: 'segmentation',
      accepts: { Modality: ['MR'], words: ['t1'], split: 'largest', instances: { min: 16, max: 4096 } },
      input: {
        tensor: 'x',
        grid: 'source',
        steps: [{ step: 'orient' }, { step: 'zscore', of: 'nonzero' }],
        tiles: { size: [32, 32, 32], by: 'nnunet' },
      },
      output: {
        logits: 'y',
        largestComponent: false,
        labels: [
          {
            label: 'Brain',
            type: { value: '12738006' },
            paired: true,
            expected: true,
            range: { high: 1600 },
          },
          { label: 'Left eye', plausible: { low: 4, high: 12 }, actions: [{ from: 0 }, { from: 12 }] },
        ],
      },
    });
  });

  test.each([
    ['a step that is none', volumes(3), { steps: '[{ step: guess }]' }, 'steps'],
    ['no name for a class', volumes(3), { label2: '' }, 'label2'],
    ['one channel', volumes(1), {}, 'one for the background and one for each structure'],
  ])('%s is refused, and nothing is written', async (_, bytes, change, words) => {
    const into = join(folder, 'package');
    await expect(
      newPackage(onnx(bytes), into, answering({ ...SEGMENTATION, ...change })),
    ).rejects.toMatchObject({ detail: expect.stringContaining(words) });
    expect(existsSync(into)).toBe(false);
  });
});

/** What a person may say beyond the least, of a score. */
test('calibration, next steps, side, ages and views, own window: all that a package may hold can be answered', async () => {
  const into = join(folder, 'package');
  const answers = {
    ...ANSWERS,
    activation: 'Sigmoid',
    ages: '18-120',
    views: 'AP, PA',
    smallest: '512x512',
    words: 'chest',
    burnedIn: 'refuse',
    window: '{ centre: 40, width: 400, unit: HU }',
    label0: 'Mass',
    type0: '',
    side0: 'right',
    colour0: '1, 2, 3',
    actions0: '[{ from: 0.5, text: Look again, source: us }]',
    calibration1: '{ method: isotonic, knots: [[0.1, 0.02], [0.9, 0.8]], fittedOn: 300 others }',
    method: 'occlusion',
    baseline: 'mirror',
    caution: 'It looks at the left.',
  };
  expect(await newPackage(onnx(small()), into, answering(answers))).toMatchObject({
    accepts: { words: ['chest'], burnedIn: 'refuse' },
    checks: {
      PatientAge: { from: 18, to: 120 },
      ViewPosition: { oneOf: ['AP', 'PA'] },
      smallest: { rows: 512, columns: 512 },
    },
    input: { window: { centre: 40, width: 400, unit: 'HU' } },
    output: {
      targets: [
        {
          place: 0,
          actions: [{ from: 0.5, text: 'Look again', source: 'us' }],
          label: { label: 'Mass', laterality: { value: '24028007' }, rgb: [1, 2, 3] },
        },
        {
          place: 1,
          calibration: { method: 'isotonic', fittedOn: '300 others' },
          label: { rgb: [90, 204, 230] },
        },
      ],
    },
    explanation: { method: 'occlusion', baseline: 'mirror', caution: 'It looks at the left.' },
  });
  expect((await loadModel(into, [])).spec.checks?.ViewPosition?.oneOf).toEqual(['AP', 'PA']);
});

test.each([
  [
    'knots that fall',
    { calibration1: '{ method: isotonic, knots: [[0.9, 0.2], [0.1, 0.8]], fittedOn: x }' },
    'must rise',
  ],
  ['an action that nobody says', { actions1: '[{ from: 0.5, text: Look }]' }, 'source'],
  ['an age alone', { ages: '18' }, 'such as 18-120'],
  ['a side that is none', { side1: 'front' }, 'one of right, left'],
  [
    'a calibration of a probability',
    { calibrated1: 'yes', calibration1: '{ method: temperature, temperature: 2, fittedOn: x }' },
    'needs no calibration',
  ],
  ['a colour beyond 255', { colour1: '1,2,256' }, 'such as 251,155,6'],
  ['a kind that is none', { kind: 'segmentation' }, 'classification, regression, detection'],
])('%s is refused with the question', async (_, change, words) => {
  const answers = { ...ANSWERS, activation: 'Sigmoid', ...change };
  await expect(newPackage(onnx(small()), join(folder, 'package'), answering(answers))).rejects.toMatchObject({
    detail: expect.stringContaining(words),
  });
});

test('a second network that finds structures comes into the package, as its file says', async () => {
  const masks = modelOf({
    node: [makeNode('Concat', ['x', 'x'], { output: ['masks'], attributes: { axis: 1 } })],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 8, 8])],
    output: [valueInfo('masks', DataType.FLOAT, [1, 2, 8, 8])],
  });
  const file = join(folder, 'lungs.onnx');
  writeFileSync(file, masks);
  const said = {
    output: 'masks',
    among: 'softmax',
    structures: [{ channel: 1, name: 'Lungs' }],
    source: 'a test',
  };
  const answers = { ...ANSWERS, activation: 'Softmax', anatomy: JSON.stringify({ file, ...said }) };
  const into = join(folder, 'package');
  await newPackage(onnx(small()), into, answering(answers));
  const { spec } = await loadModel(into, []);
  expect(spec).toMatchObject({
    explanation: {
      anatomy: {
        ...said,
        onnx: { file: 'anatomy.onnx' },
        input: { tensor: 'x', rows: 8, columns: 8, window: 'header', mean: [0.5], std: [0.5] },
      },
    },
  });
  // A changed file is refused, as the model's own is.
  writeFileSync(join(into, 'anatomy.onnx'), `${readFileSync(join(into, 'anatomy.onnx'))} `);
  await expect(loadModel(into, [])).rejects.toMatchObject({ code: 'MODEL_PACKAGE_INVALID' });
});

describe('a detector', () => {
  const detector = (boxes: readonly (number | string)[], scores: readonly (number | string)[]) =>
    modelOf({
      node: [
        makeNode('AveragePool', ['x'], {
          output: ['h'],
          attributes: { kernel_shape: [2, 2], strides: [2, 2] },
        }),
        makeNode('Reshape', ['h', 'shape'], { output: ['l'] }),
        makeNode('Sigmoid', ['l'], { output: ['scores'] }),
        makeNode('Identity', ['places'], { output: ['boxes'] }),
      ],
      initializer: [
        makeTensor('shape', DataType.INT64, { dims: [3], values: [1, 4, 1] }),
        makeTensor('places', DataType.FLOAT, { dims: [1, 4, 4], values: Array(16).fill(1) }),
      ],
      input: [valueInfo('x', DataType.FLOAT, [1, 1, 4, 4])],
      output: [valueInfo('scores', DataType.FLOAT, scores), valueInfo('boxes', DataType.FLOAT, boxes)],
    });
  const NODULES = {
    ...ANSWERS,
    label0: 'Nodule',
    site0: 'lung',
    form: 'corners',
    boxUnit: 'part',
    overlap: '0.4',
  };

  test.each([
    ['as the file says', [1, 4, 4], [1, 4, 1]],
    ['by a run where the file leaves them open', ['b', 'n', 'four'], ['b', 'n', 'c']],
  ])('is known by its boxes and scores, %s, and packaged by its own questions', async (_, boxes, scores) => {
    const bytes = detector(boxes, scores);
    expect((await questionsOf(bytes))[0]).toMatchObject({ key: 'kind', otherwise: 'detection' });
    expect(await newPackage(onnx(bytes), join(folder, 'package'), answering(NODULES))).toMatchObject({
      kind: 'detection',
      output: {
        boxes: 'boxes',
        scores: 'scores',
        form: 'corners',
        unit: 'part',
        overlap: 0.4,
        most: 8,
        targets: [{ place: 0, label: { label: 'Nodule' } }],
      },
    });
  });

  test('boxes and scores in one output are refused, with what to do', async () => {
    await expect(questionsOf(small(), 'detection')).rejects.toMatchObject({
      code: 'MODEL_INPUT_MISMATCH',
      detail: expect.stringContaining('end the graph with a Transpose and a Split'),
    });
  });
});

test('the file of questions, filled in, is a file of answers', async () => {
  const questions = await questionsOf(small());
  const file = answersFile(questions, { ...ANSWERS, activation: 'Softmax' });
  expect(file).toContain(
    '# Short id of the package\n#   Rules, addresses and folders name the model by it.\nid: "teachable"\n',
  );
  const path = join(folder, 'answers.yaml');
  writeFileSync(path, file);
  const { ask } = await fromFile(path);
  expect((await newPackage(onnx(small()), join(folder, 'package'), ask)).id).toBe('teachable');
  writeFileSync(path, answersFile(questions, {}));
  const { ask: empty } = await fromFile(path);
  await expect(newPackage(onnx(small()), join(folder, 'other'), empty)).rejects.toMatchObject({
    detail: expect.stringContaining('id (Short id of the package): an answer is needed'),
  });
});

describeWithKit('the classifiers of the kit', () => {
  test.each([
    [
      ['B_chest_xray', 'models', 'tm_pneumonia_mobilenetv2.onnx'],
      { layout: 'NCHW', channels: 3, rows: 224, columns: 224 },
      { name: 'probs', activation: 'Softmax', logits: 'dense_Dense2_mm', count: 2 },
    ],
    [
      ['D_other', 'models', 'brain_tumor_2d_nhwc.onnx'],
      { layout: 'NHWC', channels: 3, rows: 224, columns: 224 },
      { activation: 'Softmax', logits: 'Lenet_model_1/dense_2_1/BiasAdd:0', count: 2 },
    ],
  ])('%j is read from its file alone', async (path, input, scores) => {
    const picture = await studyPicture(kitBytes(...path));
    expect({ ...picture, scores: studyScores(kitBytes(...path), picture) }).toMatchObject({ input, scores });
    const into = join(folder, 'package');
    const spec = await newPackage(kitPath(...path), into, answering(ANSWERS));
    // Neither has a linear head: a map of the last spatial layer, whose faithfulness `model check` measures.
    expect(spec).toMatchObject({ explanation: { method: 'hiResCam' } });
    expect((await loadModel(into, [])).identity.id).toBe('teachable');
  });
});
