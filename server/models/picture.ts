import { z } from 'zod';
import { OnnxFile } from './every-package.ts';
import { key, optional } from './key.ts';
import { FixedWindow } from './steps.ts';

/** What packages of one image have in common: how it becomes what the model reads, and how the result is explained. */

/** The methods of explain/ that a package may choose; what each does and how faithful each was found: docs/explain.md. */
export const METHOD_NAMES = [
  'exactCam',
  'gradCam',
  'gradCamPlusPlus',
  'hiResCam',
  'layerCam',
  'eigenCam',
  'scoreCam',
  'ablationCam',
  'saliency',
  'inputXGradient',
  'smoothGrad',
  'integratedGradients',
  'occlusion',
  'occlusionCoarseToFine',
  'rise',
  'kernelShap',
  'lime',
] as const;

/** `header` by PS3.3 C.11.2, `exact` its window as LINEAR_EXACT, `full` minimum to maximum; or the package's own. */
export const PictureWindow = z.union([z.enum(['header', 'exact', 'full']), FixedWindow]);

export const tensor = key('Name of the ONNX input.', 'input', z.string());

/** How one image becomes what a model reads. */
const Picture = z.strictObject({
  tensor,
  layout: key('Where the tensor has its channels.', 'NHWC', z.enum(['NCHW', 'NHWC']).default('NCHW')),
  channels: key(
    'Channels of the tensor; the picture’s grey is in each.',
    3,
    z.union([z.literal(1), z.literal(3)]).default(1),
  ),
  rows: key('Rows that the model reads.', 224, z.int().min(1).max(4096)),
  columns: key('Columns that the model reads.', 224, z.int().min(1).max(4096)),
  window: key(
    'Which greys become 0..1: header is the VOI of the header (PS3.3 C.11.2), exact its window as LINEAR_EXACT, full the least to the greatest value; or a window of the package’s own.',
    'exact',
    PictureWindow,
  ),
  mean: key(
    'What the model sees is (v − mean) / std, by channel, v from 0 to 1.',
    [0.485, 0.456, 0.406],
    z.array(z.number()).min(1).max(3).default([0]),
  ),
  std: key(
    'The divisor, by channel.',
    [0.229, 0.224, 0.225],
    z.array(z.number().positive()).min(1).max(3).default([1]),
  ),
});
export const input = key(
  'How one image becomes what the model reads.',
  { tensor: 'input', rows: 224, columns: 224, window: 'exact' },
  Picture,
);

/** A second network of the package, which finds structures in the same image: what share of the evidence lies in each is said. */
export const Anatomy = z.strictObject({
  onnx: key(
    'Its ONNX file, in the folder of the package.',
    { file: 'lungs.onnx', sha256: '5b5c…' },
    OnnxFile,
  ),
  input,
  output: key('Its output, [1, channel, row, column]: logits.', 'masks', z.string()),
  among: key(
    'A place is of the greatest of all channels (softmax), or of each channel above one half (sigmoid): then structures may overlap.',
    'softmax',
    z.enum(['softmax', 'sigmoid']),
  ),
  structures: key(
    'The channels that are said, by name; channels without one are background.',
    [{ channel: 1, name: 'Lungs' }],
    z
      .array(
        z.strictObject({
          channel: key('Channel of the output, from 0.', 1, z.int().min(0)),
          name: key('As readers see it.', 'Lungs', z.string().min(1).max(40)),
        }),
      )
      .min(1)
      .max(64),
  ),
  source: key(
    'Who made it, and how well it finds them.',
    'U-Net of our group; Dice 0.96 on 50 radiographs held out',
    z.string().min(1).max(200),
  ),
});
export type AnatomySpec = z.infer<typeof Anatomy>;

/** How the numbers of a model of one image are explained. */
const Explained = z.strictObject({
  method: key('How its maps are made; docs/explain.md.', 'hiResCam', z.enum(METHOD_NAMES)),
  layer: key(
    'The ONNX value that class activation maps are of; auto: the last spatial one.',
    'auto',
    z.string().default('auto'),
  ),
  baseline: key(
    'What hides a part of the image: blur it, the mean of the tissue, its other side, or its rim continued.',
    'tissueMean',
    z.enum(['blur', 'tissueMean', 'mirror', 'inpaint']).default('blur'),
  ),
  caution: optional(
    'What is known to be misleading in the model’s maps, in one sentence: it is said with the place, which the headline then leaves out.',
    'In 8 of 10 positives it lies on the left, so the place tells little.',
    { type: z.string().min(1).max(200), leftOut: 'nothing is said' },
  ),
  anatomy: optional(
    'A second network that finds structures in the same image: the result says what share of the evidence lies in each.',
    { onnx: { file: 'lungs.onnx', sha256: '5b5c…' }, output: 'masks', among: 'softmax' },
    { type: Anatomy, leftOut: 'the result says that it was not measured' },
  ),
});
export const explanation = key('How the result is explained.', { method: 'hiResCam' }, Explained);
