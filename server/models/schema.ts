import { z } from 'zod';
import { key, optional } from './key.ts';
import { Code, distinct, Label, Structure } from './labels.ts';
import { Target } from './scores.ts';
import { FixedWindow, Step, Tiles } from './steps.ts';

/** model.yaml: what a model is, what it may run on, what comes out, and why its explanation is fit for its use. */

const words = z.array(z.string().min(1)).min(1);

/** Which series the model may see. A clause that is left out accepts everything. */
const Accepts = z.strictObject({
  Modality: key('Modalities that it may read.', ['CR', 'DX'], z.array(z.string()).min(1)),
  SOPClassUID: key(
    'SOP Classes that it may read.',
    ['1.2.840.10008.5.1.4.1.1.1'],
    z.array(z.string()).min(1),
  ),
  BodyPartExamined: key(
    'Parts of the body that it may read.',
    { oneOf: ['CHEST'], orAbsent: false },
    z.strictObject({
      oneOf: key('Values of Body Part Examined, in capitals.', ['CHEST'], z.array(z.string()).min(1)),
      orAbsent: key('May a series be read that does not say?', false, z.boolean()),
    }),
  ),
  words: optional(
    'At least one of these words stands in SeriesDescription or ProtocolName, ignoring case.',
    ['t1', 'mpr'],
    { type: z.array(z.string().min(2)), leftOut: 'any description' },
  ),
  instances: key(
    'How many images the series has.',
    { min: 1, max: 1 },
    z.strictObject({
      min: key('At least.', 1, z.int().min(1)),
      max: key('At most.', 1, z.int().min(1)),
    }),
  ),
  burnedIn: optional(
    'Images that say that text is burned into their pixels: noted in the result, or refused.',
    'refuse',
    {
      type: z.enum(['warn', 'refuse']),
      otherwise: 'warn',
    },
  ),
  split: optional(
    'A series of several stacks, time points, echoes, b-values: refused, or one of its stacks is read.',
    'largest',
    { type: z.enum(['refuse', 'largest', 'first']), otherwise: 'refuse' },
  ),
  tilted: optional(
    'Slices that are sheared by a gantry tilt: refused, or made straight, which needs a step that resamples.',
    'resample',
    { type: z.enum(['refuse', 'resample']), otherwise: 'refuse' },
  ),
  irregular: optional(
    'Slices at uneven distances: refused, or interpolated at their smallest distance.',
    'resample',
    { type: z.enum(['refuse', 'resample']), otherwise: 'refuse' },
  ),
});

/** For whom and what the model is: held against each series; what is outside is marked `check before use`, not refused. */
const Checks = z.strictObject({
  PatientAge: optional(
    'Years; held against PatientAge, else the dates of birth and study.',
    { from: 18, to: 120 },
    {
      type: z
        .strictObject({
          from: key('Youngest.', 18, z.number().min(0)),
          to: key('Oldest.', 120, z.number().max(150)),
        })
        .refine(({ from, to }) => from < to, { error: 'from must be under to' }),
      leftOut: 'any age',
    },
  ),
  ViewPosition: optional(
    'Views that the model is for.',
    { oneOf: ['AP', 'PA'] },
    {
      type: z.strictObject({ oneOf: key('Values of View Position.', ['AP', 'PA'], words) }),
      leftOut: 'any view',
    },
  ),
  smallest: optional(
    'Of the source: a smaller matrix was enlarged for the model.',
    { rows: 224, columns: 224 },
    {
      type: z.strictObject({
        rows: key('Rows at least.', 224, z.int().min(1)),
        columns: key('Columns at least.', 224, z.int().min(1)),
      }),
      leftOut: 'any size',
    },
  ),
});

const Element = z.strictObject({
  required: key('Is the element needed for the decision that the result serves?', true, z.boolean()),
  method: key('What it is given by.', 'Exact class activation map of the linear head.', z.string().min(1)),
  why: key('Why it is needed, or not.', 'The reader compares the place with the image.', z.string().min(1)),
});
const ELEMENT = { required: true, method: 'Strongest regions of the map.', why: 'The reader compares.' };

const Interpretability = z.strictObject({
  task: key('Which question the model answers.', 'Signs of pneumonia, yes or no.', z.string().min(1)),
  users: key('Who uses the answer.', 'The radiologist who reads the radiograph.', z.string().min(1)),
  decision: key('For which decision.', 'Whether to look again at a region.', z.string().min(1)),
  why: key(
    'Why that user must see an explanation.',
    'A reader must see where it looked to discard a false positive.',
    z.string().min(1),
  ),
  faithfulness: key(
    'How it is known that the explanation is faithful.',
    'The map adds up to the logit; checked on every image.',
    z.string().min(1),
  ),
  elements: key(
    'The five elements of the framework.',
    { localization: ELEMENT },
    z.strictObject({
      localization: key('Where the evidence is.', ELEMENT, Element),
      visualRecognizability: key('Whether a reader can see it too.', ELEMENT, Element),
      physicalAttribution: key('Which real quantity it is.', ELEMENT, Element),
      modelTransparency: key('How the model came to it.', ELEMENT, Element),
      actionability: key('What to do now.', ELEMENT, Element),
    }),
  ),
});

const OnnxFile = z.strictObject({
  file: key('Its name.', 'model.onnx', z.string().regex(/^[\w.-]+\.onnx$/)),
  sha256: key(
    'SHA-256 that it must have; another file is refused.',
    '5b5c… (64 hexadecimal digits)',
    z.string().regex(/^[0-9a-f]{64}$/),
  ),
});

const Common = {
  schema: key('Version of this form.', 1, z.literal(1)),
  id: key(
    'Short name: rules, addresses and folders use it.',
    'chest-xr-pneumonia',
    z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  ),
  name: key('Name as readers see it.', 'Chest pneumonia', z.string().min(1).max(40)),
  version: key('A changed package has another one.', '1.0.0', z.string().regex(/^\d+\.\d+\.\d+$/)),
  manufacturer: key('Who made the model; written into every result.', 'Our group', z.string().min(1).max(64)),
  licence: key(
    'Of the model, and of the data it was trained on.',
    'MIT; trained on our archive',
    z.string().min(1),
  ),
  intendedUse: key(
    'For what, on whom, by whom.',
    'Points to signs of pneumonia on a frontal chest radiograph of a child; for research only.',
    z.string().min(1),
  ),
  limits: key(
    'What a reader must know that is bad about it, the worst first.',
    ['Trained on children of one hospital.'],
    words,
  ),
  onnx: key(
    'The ONNX file, beside model.yaml or in a folder of MODEL_PATH.',
    { file: 'model.onnx', sha256: '5b5c…' },
    OnnxFile,
  ),
  accepts: key(
    'Which series the model may see; others are never given to it.',
    { Modality: ['CR'] },
    Accepts,
  ),
  checks: optional(
    'For whom and what the model is: a result outside of it is marked check before use, not refused.',
    { PatientAge: { from: 18, to: 120 } },
    { type: Checks, leftOut: 'for everyone' },
  ),
  interpretability: key(
    'The framework’s questions (Wang et al. 2024, arXiv 2310.01685), answered by who deploys the model.',
    { task: 'Signs of pneumonia, yes or no.' },
    Interpretability,
  ),
};

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

const tensor = key('Name of the ONNX input.', 'input', z.string());

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
const input = key(
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
const explanation = key('How the result is explained.', { method: 'hiResCam' }, Explained);
const targets = key(
  'The findings that the model gives a score of.',
  [{ place: 0, threshold: 0.5, calibrated: false, label: { label: 'Pneumonia' } }],
  distinct(z.array(Target).min(1).max(64), ({ label }) => label.label),
);

/** An image becomes scores, one a target, by a sigmoid or softmax over what is explained. */
export const Classification = z.strictObject({
  ...Common,
  kind: key('One image becomes scores.', 'classification', z.literal('classification')),
  input,
  output: key(
    'Where the scores are, and what they are of.',
    { scores: 'prob', logits: 'logit' },
    z.strictObject({
      scores: key('The output that holds the scores, 0..1.', 'prob', z.string()),
      logits: key(
        'The value, an output or one inside, that the scores are made of: maps explain it at the target’s place.',
        'logit',
        z.string(),
      ),
      targets,
    }),
  ),
  explanation,
});

/** An image becomes boxes with scores; of boxes that overlap, the server keeps the strongest. */
export const Detection = z.strictObject({
  ...Common,
  kind: key('One image becomes boxes with scores.', 'detection', z.literal('detection')),
  input,
  output: key(
    'Where the boxes are, and what they are of.',
    { boxes: 'boxes', scores: 'scores', form: 'corners', unit: 'pixel' },
    z.strictObject({
      boxes: key('The output of boxes, [1, n, 4], before any is left out.', 'boxes', z.string()),
      scores: key(
        'The output of their scores, [1, n, class], 0..1: a target’s place is its class.',
        'scores',
        z.string(),
      ),
      form: key(
        'The four numbers: left, top, right, bottom; or centre across and down, width, height.',
        'corners',
        z.enum(['corners', 'centre']),
      ),
      unit: key('In pixels of the model’s picture, or in parts of it.', 'pixel', z.enum(['pixel', 'part'])),
      overlap: key(
        'Of two boxes whose intersection is a greater part of their union, the weaker is left out.',
        0.5,
        z.number().gt(0).max(1).default(0.5),
      ),
      most: key('Boxes of a target at most.', 8, z.int().min(1).max(20).default(8)),
      targets,
    }),
  ),
  explanation,
});
export type DetectionSpec = z.infer<typeof Detection>;

const lowHigh = (low: number, high: number) =>
  z
    .strictObject({
      low: key('Least value.', low, z.number()),
      high: key('Greatest value.', high, z.number()),
    })
    .refine((range) => range.low < range.high, { error: 'low must be under high' });

/** What the values may be: beyond it a result is not to be relied on. */
export const Plausible = lowHigh(0, 20);
/** Half the width of the interval that held 95 of 100 values of other patients, and of which. */
export const MeasuredError = z.strictObject({
  plusMinus: key(
    'Half the width of the interval that held 95 of 100 values of other patients.',
    1.5,
    z.number().positive(),
  ),
  measuredOn: key('On which images that was measured.', '200 hands of other patients', z.string().min(1)),
});

const Quantity = z.strictObject({
  place: key('Place of the value in the output, from 0.', 0, z.int().min(0)),
  label: key('What it is called, with its codes.', { label: 'Bone age' }, Label),
  quantity: key('What is measured.', { value: '445518008', scheme: 'SCT', meaning: 'Age' }, Code),
  unit: key(
    'Its unit, of UCUM.',
    { value: 'a', scheme: 'UCUM', meaning: 'year' },
    Code.refine(({ scheme }) => scheme === 'UCUM', { error: 'is not of UCUM' }),
  ),
  plausible: key(
    'What the values may be: beyond it a result is not to be relied on.',
    { low: 0, high: 20 },
    Plausible,
  ),
  error: optional(
    'How far it is off, where that was measured: the interval stands beside each value.',
    { plusMinus: 1.5, measuredOn: '200 hands of other patients' },
    { type: MeasuredError, leftOut: 'no interval is said' },
  ),
});

/** An image becomes numbers, each a quantity with its unit. */
export const Regression = z.strictObject({
  ...Common,
  kind: key('One image becomes quantities with units.', 'regression', z.literal('regression')),
  input,
  output: key(
    'Where the values are, and what they are of.',
    { values: 'years' },
    z.strictObject({
      values: key('The output that holds the values.', 'years', z.string()),
      targets: key(
        'The quantities.',
        [{ place: 0, label: { label: 'Bone age' }, plausible: { low: 0, high: 20 } }],
        distinct(z.array(Quantity).min(1).max(64), ({ label }) => label.label),
      ),
    }),
  ),
  explanation,
});
export type RegressionSpec = z.infer<typeof Regression>;

/** A volume becomes a label map. */
export const Segmentation = z.strictObject({
  ...Common,
  kind: key('A volume becomes a label map.', 'segmentation', z.literal('segmentation')),
  rule: optional(
    'All that the model does, in words that a reader can follow, of a model that is a rule and learned nothing: it stands in each result in place of a map.',
    'Fat is what is between -190 and -30 HU.',
    { type: z.string().min(1).max(600), leftOut: 'the model learned what it does' },
  ),
  input: key(
    'How a volume becomes what the model reads.',
    { tensor: 'input', grid: 'source', steps: [{ step: 'zscore' }] },
    z.strictObject({
      tensor,
      grid: key(
        'Where preparation begins. conform: 256³ voxels of 1 mm, axes L, I, A, 8 bits, as FreeSurfer and niivue do; source: as the series is stored.',
        'source',
        z.enum(['conform', 'source']),
      ),
      steps: key(
        'What is done to that grid, in this order.',
        [{ step: 'orient', axes: 'LPS' }, { step: 'zscore' }],
        z.array(Step).max(16),
      ),
      tiles: optional(
        'The model reads tiles of one size: they are laid over the prepared grid, and their logits averaged where they overlap.',
        { size: [96, 96, 96], overlap: 0.5, blend: 'gaussian', by: 'monai' },
        { type: Tiles, leftOut: 'the model reads the whole grid at once' },
      ),
    }),
  ),
  output: key(
    'Where the logits are, and what their channels are.',
    { logits: 'logits', largestComponent: false },
    z.strictObject({
      logits: key('The output [1, class, …space]; the greatest wins.', 'logits', z.string()),
      largestComponent: key(
        'Keep only the largest 26-connected component of all labels together?',
        false,
        z.boolean(),
      ),
      labels: key(
        'In the order of the channels from 1; channel 0 is background.',
        [{ label: 'Spleen', rgb: [251, 155, 6] }],
        distinct(z.array(Structure).min(1).max(255), ({ label }) => label),
      ),
    }),
  ),
});

export const ModelSpec = z.discriminatedUnion('kind', [Classification, Detection, Regression, Segmentation]);
export type ModelSpec = z.infer<typeof ModelSpec>;

/** What an author writes, as a JSON Schema; docs/model.schema.json is a copy. */
export const modelSchema = () => z.toJSONSchema(ModelSpec, { io: 'input' });
export type ClassificationSpec = z.infer<typeof Classification>;
export type SegmentationSpec = z.infer<typeof Segmentation>;
export type Accepts = z.infer<typeof Accepts>;
export type Checks = z.infer<typeof Checks>;
