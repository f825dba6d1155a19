import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { answersFile, fromFile } from '../../server/cli/answers.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { importAnswers } from '../../server/packages/import.ts';
import { newPackage, questionsOf } from '../../server/packages/new.ts';
import { modelOf } from '../explain/models.ts';
import { ANSWERS } from './answers.ts';

/** Files as the frameworks write them, by their documentation; small, and written for these tests. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-import-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const METADATA = {
  version: '0.4.2',
  monai_version: '1.4.0',
  name: 'Gland MR segmentation',
  task: 'Find the gland',
  authors: 'A team',
  copyright: 'Copyright (c) A team',
  data_source: 'Our archive',
  intended_use: 'Research only',
  network_data_format: {
    inputs: {
      image: { type: 'image', format: 'magnitude', modality: 'MR', num_channels: 1, is_patch_data: true },
    },
    outputs: {
      pred: {
        format: 'segmentation',
        num_channels: 3,
        channel_def: { '0': 'background', '1': 'Gland', '2': 'Zone' },
      },
    },
  },
};
const bundle = (transforms: readonly object[], metadata: object = METADATA): string => {
  write('configs/metadata.json', metadata);
  write('configs/inference.json', { preprocessing: { _target_: 'Compose', transforms } });
  return folder;
};
const stepsOf = async (transforms: readonly object[]) => {
  const { answers, notes } = await importAnswers('monai', bundle(transforms));
  return { steps: JSON.parse(answers.steps ?? ''), notes };
};

test('a MONAI bundle: what it says of itself, its labels and its transforms in their order', async () => {
  const path = bundle([
    { _target_: 'LoadImaged', keys: '@image_key' },
    { _target_: 'EnsureChannelFirstd', keys: '@image_key' },
    { _target_: 'Orientationd', keys: '@image_key', axcodes: 'RAS' },
    { _target_: 'Spacingd', keys: '@image_key', pixdim: [0.5, 0.5, 1.0], mode: 'bilinear' },
    { _target_: 'NormalizeIntensityd', keys: '@image_key', nonzero: true },
    { _target_: 'EnsureTyped', keys: '@image_key' },
  ]);
  const { answers, notes } = await importAnswers('monai', path);
  expect(answers).toMatchObject({
    id: 'gland-mr-segmentation',
    name: 'Gland MR segmentation',
    version: '0.4.2',
    manufacturer: 'A team',
    licence: 'Copyright (c) A team; trained on Our archive',
    intendedUse: 'Research only',
    modality: 'MR',
    label1: 'Gland',
    label2: 'Zone',
  });
  expect(answers).not.toHaveProperty('label0');
  expect(JSON.parse(answers.steps ?? '')).toEqual([
    { step: 'orient', axes: 'RAS' },
    { step: 'spacing', mm: [0.5, 0.5, 1], interpolation: 'linear' },
    { step: 'zscore', of: 'nonzero' },
  ]);
  expect(notes).toEqual([expect.stringContaining('runs in patches')]);
});

test.each<[string, object, readonly object[]]>([
  [
    // −57..164 to 0..1: (v + 57) / 221.
    'a range to 0..1',
    { _target_: 'ScaleIntensityRanged', a_min: -57, a_max: 164, b_min: 0, b_max: 1, clip: true },
    [
      { step: 'clip', low: -57, high: 164 },
      { step: 'standardise', mean: -57, std: 221 },
    ],
  ],
  [
    // 0..200 to −1..1: (v − 100) / 100.
    'a range to −1..1',
    {
      _target_: 'monai.transforms.ScaleIntensityRanged',
      a_min: 0,
      a_max: 200,
      b_min: -1,
      b_max: 1,
      clip: true,
    },
    [
      { step: 'clip', low: 0, high: 200 },
      { step: 'standardise', mean: 100, std: 100 },
    ],
  ],
  ['the least to the greatest', { _target_: 'ScaleIntensityd' }, [{ step: 'minmax' }]],
  [
    'percentiles',
    { _target_: 'ScaleIntensityRangePercentilesd', lower: 1, upper: 99, b_min: 0, b_max: 1, clip: true },
    [{ step: 'clipPercentiles', low: 1, high: 99 }, { step: 'minmax' }],
  ],
  [
    'given numbers',
    { _target_: 'NormalizeIntensityd', subtrahend: 12, divisor: 3 },
    [{ step: 'standardise', mean: 12, std: 3 }],
  ],
  [
    'the foreground',
    { _target_: 'CropForegroundd', margin: 4 },
    [{ step: 'foreground', above: 0, padding: 4 }],
  ],
  [
    'a size',
    { _target_: 'Resized', spatial_size: [64, 64, 32] },
    [{ step: 'resize', size: [64, 64, 32], interpolation: 'area' }],
  ],
  [
    'a pad',
    { _target_: 'SpatialPadd', spatial_size: [96, 96, 96] },
    [{ step: 'pad', size: [96, 96, 96], outside: 0 }],
  ],
  ['a crop', { _target_: 'CenterSpatialCropd', roi_size: [8, 8, 8] }, [{ step: 'crop', size: [8, 8, 8] }]],
  ['a multiple', { _target_: 'DivisiblePadd', k: 16 }, [{ step: 'padToMultiple', of: 16, outside: 0 }]],
])('MONAI: %s', async (_, transform, steps) => {
  expect((await stepsOf([transform])).steps).toEqual(steps);
});

test.each([
  { _target_: 'ScaleIntensityRanged', a_min: 0, a_max: 1, b_min: 0, b_max: 1, clip: false },
  { _target_: 'Spacingd', pixdim: [1, 1, 1], mode: 'bicubic' },
  { _target_: 'CropForegroundd', select_fn: '$lambda x: x > 1' },
  { _target_: 'Orientationd', axcodes: '@axes' },
  { _target_: 'GaussianSmoothd', sigma: 1 },
])('MONAI: %j is told, never guessed', async (transform) => {
  const { steps, notes } = await stepsOf([transform]);
  expect(steps).toEqual([]);
  expect(notes[0]).toContain(`the transform ${transform._target_} has no counterpart`);
});

const nnunet = (configuration: object, dataset: object = {}): string => {
  write('dataset.json', {
    channel_names: { '0': 'CT' },
    labels: { background: 0, liver: 1, tumour: 2 },
    numTraining: 131,
    file_ending: '.nii.gz',
    ...dataset,
  });
  write('plans.json', {
    dataset_name: 'Dataset003_Liver',
    plans_name: 'nnUNetPlans',
    transpose_forward: [0, 1, 2],
    configurations: { '2d': {}, '3d_fullres': { spacing: [1, 0.75, 0.75], ...configuration } },
    foreground_intensity_properties_per_channel: {
      '0': {
        mean: 99.4,
        std: 39.4,
        percentile_00_5: -15,
        percentile_99_5: 197,
        min: -900,
        max: 1300,
        median: 101,
      },
    },
  });
  return folder;
};

test('nnU-Net: labels, the CT normalisation, the spacing, and the multiple that its strides need', async () => {
  const strides = [
    [1, 1, 1],
    [2, 2, 2],
    [2, 2, 2],
    [1, 2, 2],
  ];
  const path = nnunet({
    normalization_schemes: ['CTNormalization'],
    use_mask_for_norm: [false],
    architecture: { network_class_name: 'PlainConvUNet', arch_kwargs: { strides } },
  });
  const { answers, notes } = await importAnswers('nnunet', path);
  expect(answers).toMatchObject({
    id: 'dataset003-liver',
    modality: 'CT',
    label1: 'liver',
    label2: 'tumour',
  });
  expect(JSON.parse(answers.steps ?? '')).toEqual([
    { step: 'orient', axes: 'SPL' },
    { step: 'clip', low: -15, high: 197 },
    { step: 'standardise', mean: 99.4, std: 39.4 },
    { step: 'spacing', mm: [1, 0.75, 0.75], interpolation: 'linear' },
    { step: 'padToMultiple', of: 8 },
  ]);
  expect(notes.join()).toContain('cubic');
});

test('nnU-Net: an MR is cropped and scored within its mask; what cannot be packaged is told', async () => {
  const path = nnunet(
    {
      normalization_schemes: ['ZScoreNormalization'],
      use_mask_for_norm: [true],
      pool_op_kernel_sizes: [
        [1, 1, 1],
        [2, 2, 2],
      ],
    },
    { channel_names: { '0': 'T1', '1': 'T2' }, labels: { background: 0, whole: [1, 2], core: 2 } },
  );
  const { answers, notes } = await importAnswers('nnunet', path);
  expect(JSON.parse(answers.steps ?? '').slice(0, 3)).toEqual([
    { step: 'orient', axes: 'SPL' },
    { step: 'foreground', above: 0, padding: 0 },
    { step: 'zscore', of: 'nonzero' },
  ]);
  expect(answers).not.toHaveProperty('modality');
  expect(notes.join()).toContain('2 channels');
  expect(notes.join()).toContain('whole is a region of several labels');
});

test('TorchXRayVision: names and operating points of the outputs, and its grey values', async () => {
  const facts = write('facts.json', {
    weights: 'densenet121-res224-all',
    pathologies: ['Atelectasis', 'Pleural_Thickening', ''],
    op_threshs: [0.07422872, null, null],
  });
  const { answers } = await importAnswers('torchxrayvision', facts);
  expect(answers).toMatchObject({
    id: 'densenet121-res224-all',
    label0: 'Atelectasis',
    threshold0: '0.07422872',
    label1: 'Pleural Thickening',
    label2: 'none',
    activation: 'Sigmoid',
  });
  expect(answers).not.toHaveProperty('threshold1');
  // Its own normalisation of a white and a black pixel: (2 v − 1) · 1024.
  for (const v of [0, 1]) expect((v - Number(answers.mean)) / Number(answers.std)).toBe((2 * v - 1) * 1024);
});

test.each<[string, string, () => string, string]>([
  ['a framework that is not known', 'keras', () => folder, 'monai, nnunet, torchxrayvision'],
  ['no such file', 'nnunet', () => folder, 'has no plans.json'],
  ['half a file', 'torchxrayvision', () => write('facts.json', '{"weights":'), 'is damaged'],
  ['another file', 'torchxrayvision', () => write('facts.json', { a: 1 }), 'weights'],
  [
    'a bundle without labels of its data',
    'monai',
    () => bundle([], { version: '1.0.0' }),
    'network_data_format',
  ],
])('%s is refused, and named', async (_, framework, path, words) => {
  await expect(importAnswers(framework, path())).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining(words),
  });
});

test('what is imported is a package once the questions that are left are answered', async () => {
  const onnx = write('model.onnx', '');
  const bytes = modelOf({
    node: [makeNode('Conv', ['x', 'w'], { output: ['y'] })],
    initializer: [makeTensor('w', DataType.FLOAT, { dims: [3, 1, 1, 1, 1], values: [1, 2, 3] })],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 'd', 'h', 'w'])],
    output: [valueInfo('y', DataType.FLOAT, [1, 3, 'd', 'h', 'w'])],
  });
  writeFileSync(onnx, bytes);
  const { answers } = await importAnswers('monai', bundle([{ _target_: 'Orientationd', axcodes: 'RAS' }]));
  const file = write('answers.yaml', answersFile(await questionsOf(bytes), answers));
  await expect(newPackage(onnx, join(folder, 'package'), (await fromFile(file)).ask)).rejects.toMatchObject({
    detail: expect.stringContaining('limit'),
  });
  const { limit, users, decision, why, faithfulness } = ANSWERS;
  const whys = Object.fromEntries(Object.entries(ANSWERS).filter(([key]) => key.endsWith('Why')));
  const codes = { type1: '41216001|SCT|Prostate', type2: 'Prostate' };
  const person = {
    ...answers,
    ...whys,
    ...codes,
    limit,
    users,
    decision,
    why,
    faithfulness,
  } as typeof ANSWERS;
  writeFileSync(file, answersFile(await questionsOf(bytes), person));
  expect(await newPackage(onnx, join(folder, 'package'), (await fromFile(file)).ask)).toMatchObject({
    id: 'gland-mr-segmentation',
    kind: 'segmentation',
    input: { steps: [{ step: 'orient', axes: 'RAS' }] },
    output: { labels: [{ label: 'Gland' }, { label: 'Zone' }] },
  });
});
