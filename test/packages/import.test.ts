import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { answersFile, fromFile } from '../../server/cli/answers.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { Tiles } from '../../server/models/steps.ts';
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
  expect(notes).toEqual([expect.stringContaining('runs in patches, and not how')]);
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
  { _target_: 'ScaleIntensityd', factor: 0.5 },
  { _target_: 'Spacingd', pixdim: [1, 1, 1], mode: 'bicubic' },
  { _target_: 'CropForegroundd', select_fn: '$lambda x: x > 1' },
  { _target_: 'Orientationd', axcodes: '@axes' },
  { _target_: 'GaussianSmoothd', sigma: 1 },
])('MONAI: %j is told, never guessed', async (transform) => {
  const { steps, notes } = await stepsOf([transform]);
  expect(steps).toEqual([]);
  expect(notes[0]).toContain(`the transform ${transform._target_} has no counterpart`);
});

/** Bundles of the shapes that those of the MONAI model zoo have: how they say their values, and what they leave to Python. */
const LOADED = [
  { _target_: 'LoadImaged', keys: '@image_key', reader: 'ITKReader' },
  { _target_: 'EnsureChannelFirstd', keys: '@image_key' },
  { _target_: 'Orientationd', keys: '@image_key', axcodes: 'RAS' },
];
const RAS = { step: 'orient', axes: 'RAS' };
const SLIDING = { _target_: 'SlidingWindowInferer', roi_size: [96, 96, 96], sw_batch_size: 4 };
const FINISHED = [
  { _target_: 'Activationsd', keys: 'pred', softmax: true },
  { _target_: 'Invertd', keys: 'pred', transform: '@preprocessing', nearest_interp: false },
  { _target_: 'AsDiscreted', keys: 'pred', argmax: true },
  { _target_: 'SaveImaged', keys: 'pred', output_dir: '@output_dir' },
];
const zoo = (inference: object, transforms: unknown = LOADED, input: object = {}): string => {
  const { network_data_format: format, ...rest } = METADATA;
  const image = { ...format.inputs.image, ...input };
  write('configs/metadata.json', { ...rest, network_data_format: { ...format, inputs: { image } } });
  write('configs/inference.json', {
    imports: ['$import glob'],
    image_key: 'image',
    preprocessing: { _target_: 'Compose', transforms },
    postprocessing: { _target_: 'Compose', transforms: FINISHED },
    evaluator: { _target_: 'SupervisedEvaluator', amp: true },
    ...inference,
  });
  return folder;
};

test.each<[string, object, readonly object[], readonly object[], object, readonly string[]]>([
  [
    'an organ of a CT: range to 0..1, half overlapping tiles of equal weight',
    { inferer: { ...SLIDING, overlap: 0.5 } },
    [
      { _target_: 'Spacingd', keys: '@image_key', pixdim: [1.5, 1.5, 2.0], mode: 'bilinear' },
      { _target_: 'ScaleIntensityRanged', a_min: -57, a_max: 164, b_min: 0, b_max: 1, clip: true },
      { _target_: 'EnsureTyped', keys: '@image_key' },
    ],
    [
      { step: 'spacing', mm: [1.5, 1.5, 2], interpolation: 'linear' },
      { step: 'clip', low: -57, high: 164 },
      { step: 'standardise', mean: -57, std: 221 },
    ],
    { size: [96, 96, 96], overlap: 0.5, blend: 'constant', by: 'monai' },
    [],
  ],
  [
    'a hundred structures: values by reference, another range, a Gaussian',
    {
      displayable_configs: { highres: true, sw_overlap: 0.25, sw_batch_size: 1 },
      pixdim: [1.5, 1.5, 1.5],
      inferer: {
        ...SLIDING,
        sw_batch_size: '@displayable_configs#sw_batch_size',
        overlap: '@displayable_configs::sw_overlap',
        padding_mode: 'replicate',
        mode: 'gaussian',
        device: "$torch.device('cpu')",
      },
    },
    [
      { _target_: 'Spacingd', keys: '@image_key', pixdim: '@pixdim', mode: 'bilinear' },
      { _target_: 'NormalizeIntensityd', keys: '@image_key', nonzero: true },
      { _target_: 'ScaleIntensityd', keys: '@image_key', minv: -1.0, maxv: 1.0 },
    ],
    [
      { step: 'spacing', mm: [1.5, 1.5, 1.5], interpolation: 'linear' },
      { step: 'zscore', of: 'nonzero' },
      { step: 'minmax' },
      // 0..1 to −1..1: (v − 0.5) / 0.5.
      { step: 'standardise', mean: 0.5, std: 0.5 },
    ],
    { size: [96, 96, 96], overlap: 0.25, blend: 'gaussian', by: 'monai' },
    ['by replicate'],
  ],
  [
    'a prostate: the largest piece of each of two labels has no counterpart',
    {
      inferer: SLIDING,
      postprocessing: {
        transforms: [
          { _target_: 'AsDiscreted', keys: 'pred', argmax: true },
          { _target_: 'KeepLargestConnectedComponentd', keys: 'pred', applied_labels: [1, 2] },
        ],
      },
    },
    [
      { _target_: 'ScaleIntensityd', keys: '@image_key', minv: 0, maxv: 1 },
      { _target_: 'NormalizeIntensityd', keys: '@image_key' },
    ],
    [{ step: 'minmax' }, { step: 'zscore', of: 'all' }],
    { size: [96, 96, 96], overlap: 0.25, blend: 'constant', by: 'monai' },
    ['KeepLargestConnectedComponentd has no counterpart'],
  ],
  [
    'a spacing that Python chooses: told with its words, not guessed',
    { highres: true, pixdim: '$[1.5, 1.5, 1.5] if @highres else [3.0, 3.0, 3.0]', inferer: SLIDING },
    [{ _target_: 'Spacingd', keys: '@image_key', pixdim: '@pixdim', mode: 'bilinear' }],
    [],
    { size: [96, 96, 96], overlap: 0.25, blend: 'constant', by: 'monai' },
    ['its values are computed: $[1.5, 1.5, 1.5] if @highres'],
  ],
  [
    'tiles of a size that depends on the image: told',
    { inferer: { ...SLIDING, roi_size: [96, 96, -1] } },
    [],
    [],
    {},
    ['the inferer SlidingWindowInferer has no counterpart', 'and not how: answer tiles'],
  ],
])('MONAI zoo: %s', async (_, inference, transforms, steps, tiles, words) => {
  const { answers, notes } = await importAnswers('monai', zoo(inference, [...LOADED, ...transforms]));
  expect(JSON.parse(answers.steps ?? '')).toEqual([RAS, ...steps]);
  const found = JSON.parse(answers.tiles ?? '{}');
  expect(found).toEqual(tiles);
  if (answers.tiles) Tiles.parse(found);
  expect(notes).toHaveLength(words.length);
  for (const [i, word] of words.entries()) expect(notes[i]).toContain(word);
});

test.each<[string, () => string, string]>([
  [
    'a network of slices',
    () => zoo({ inferer: { _target_: 'SliceInferer', roi_size: [256, 256], spatial_dim: 2 } }),
    'reads slices one by one (SliceInferer)',
  ],
  [
    'four sequences at once',
    () => zoo({ inferer: SLIDING }, LOADED, { num_channels: 4 }),
    'reads 4 channels',
  ],
  [
    'transforms that Python joins',
    () => zoo({ inferer: SLIDING }, '$@preprocessing_transforms + @extra_transforms'),
    'write the list that it makes',
  ],
])('MONAI zoo: %s cannot be packaged, and it is said', async (_, path, words) => {
  await expect(importAnswers('monai', path())).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining(words),
  });
});

test('MONAI zoo: the largest piece of the only structure, and regions that overlap', async () => {
  const one = {
    ...METADATA.network_data_format.outputs.pred,
    channel_def: { '0': 'background', '1': 'Gland' },
  };
  const path = zoo({
    inferer: SLIDING,
    postprocessing: {
      transforms: [
        { _target_: 'Activationsd', keys: 'pred', sigmoid: true },
        { _target_: 'KeepLargestConnectedComponentd', keys: 'pred', applied_labels: [1] },
      ],
    },
  });
  write('configs/metadata.json', {
    ...METADATA,
    network_data_format: { ...METADATA.network_data_format, outputs: { pred: one } },
  });
  const { answers, notes } = await importAnswers('monai', path);
  expect(answers.largest).toBe('yes');
  expect(notes).toEqual([expect.stringContaining('structures may overlap')]);
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

const LIVER = {
  batch_size: 2,
  patch_size: [128, 128, 128],
  median_image_size_in_voxels: [482, 512, 512],
  normalization_schemes: ['CTNormalization'],
  use_mask_for_norm: [false],
  resampling_fn_data: 'resample_data_or_seg_to_shape',
  resampling_fn_data_kwargs: { is_seg: false, order: 3, order_z: 0, force_separate_z: null },
  architecture: {
    network_class_name: 'dynamic_network_architectures.architectures.unet.PlainConvUNet',
    arch_kwargs: { n_stages: 6, strides: [[1, 1, 1]] },
    _kw_requires_import: ['conv_op'],
  },
  batch_dice: false,
};

test('nnU-Net: labels, the CT normalisation, the spacing, and its patches', async () => {
  const { answers, notes } = await importAnswers('nnunet', nnunet(LIVER));
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
  ]);
  expect(Tiles.parse(JSON.parse(answers.tiles ?? ''))).toEqual({
    size: [128, 128, 128],
    overlap: 0.5,
    blend: 'gaussian',
    by: 'nnunet',
  });
  expect(notes.join()).toContain('cubic');
  expect(notes.join()).toContain('mirrored');
});

test('nnU-Net: an MR is cropped and scored within its mask; what is ignored in training is no label', async () => {
  const path = nnunet(
    {
      patch_size: [20, 320, 256],
      normalization_schemes: ['ZScoreNormalization'],
      use_mask_for_norm: [true],
    },
    { channel_names: { '0': 'T2' }, labels: { background: 0, gland: 1, zone: 2, ignore: 3 } },
  );
  const { answers } = await importAnswers('nnunet', path);
  expect(JSON.parse(answers.steps ?? '').slice(0, 3)).toEqual([
    { step: 'orient', axes: 'SPL' },
    { step: 'foreground', above: 0, padding: 0 },
    { step: 'zscore', of: 'nonzero' },
  ]);
  expect(answers).toMatchObject({ label1: 'gland', label2: 'zone' });
  expect(answers).not.toHaveProperty('label3');
  expect(answers).not.toHaveProperty('modality');
});

test('nnU-Net: a configuration takes over what another says', async () => {
  const plans = JSON.parse(readFileSync(join(nnunet(LIVER), 'plans.json'), 'utf8'));
  plans.configurations = {
    '3d_base': plans.configurations['3d_fullres'],
    '3d_fullres': { inherits_from: '3d_base', patch_size: [64, 192, 160] },
  };
  write('plans.json', plans);
  const { answers } = await importAnswers('nnunet', folder);
  expect(JSON.parse(answers.tiles ?? '').size).toEqual([64, 192, 160]);
  expect(answers.steps).toContain('99.4');
});

test.each<[string, () => string, string]>([
  [
    'several channels',
    () => nnunet(LIVER, { channel_names: { '0': 'T1', '1': 'T2' } }),
    'reads 2 channels (T1, T2)',
  ],
  [
    'regions',
    () => nnunet(LIVER, { labels: { background: 0, whole: [1, 2], core: 2 }, regions_class_order: [1, 2] }),
    'whole is a region of several labels',
  ],
  ['plans of slices alone', () => nnunet({ patch_size: [320, 256] }), '3d_fullres of plans.json'],
])('nnU-Net: %s cannot be packaged, and it is said', async (_, path, words) => {
  await expect(importAnswers('nnunet', path())).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining(words),
  });
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
  // The bundle says no body part, so none is answered.
  expect(readFileSync(file, 'utf8')).toMatch(/^bodyPart:$/m);
  const { limit, users, decision, why, faithfulness } = ANSWERS;
  const whys = Object.fromEntries(Object.entries(ANSWERS).filter(([key]) => key.endsWith('Why')));
  const codes = { type1: '41216001|SCT|Prostate', type2: 'Prostate' };
  const person = {
    ...answers,
    ...whys,
    ...codes,
    bodyPart: 'PROSTATE',
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
    accepts: { Modality: ['MR'], BodyPartExamined: { oneOf: ['PROSTATE'] } },
    input: { steps: [{ step: 'orient', axes: 'RAS' }] },
    output: { labels: [{ label: 'Gland' }, { label: 'Zone' }] },
  });
});
