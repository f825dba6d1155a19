import { z } from 'zod';
import { Code, Label, Structure } from './labels.ts';
import { Target } from './scores.ts';
import { FixedWindow, Step } from './steps.ts';

/** model.yaml: what a model is, what it may run on, what comes out, and why its explanation is fit for its use. */

/** Which series the model may see. A clause that is left out accepts everything. */
const Accepts = z.strictObject({
  Modality: z.array(z.string()).min(1),
  SOPClassUID: z.array(z.string()).min(1),
  /** Values of BodyPartExamined, in capitals; a series that does not say is accepted only with `orAbsent`. */
  BodyPartExamined: z.strictObject({ oneOf: z.array(z.string()).min(1), orAbsent: z.boolean() }),
  /** At least one of these words in SeriesDescription or ProtocolName, ignoring case. */
  words: z.array(z.string().min(2)).exactOptional(),
  instances: z.strictObject({ min: z.int().min(1), max: z.int().min(1) }),
  /** Images that say that text is burned into their pixels: `warn`, the default, notes it in the result. */
  burnedIn: z.enum(['warn', 'refuse']).exactOptional(),
  /** A series of several stacks, time points, echoes, b-values: refused by default, or one of its stacks is read. */
  split: z.enum(['refuse', 'largest', 'first']).exactOptional(),
  /** Slices that are sheared by a gantry tilt, refused by default; `resample` wants a resampling step. */
  tilted: z.enum(['refuse', 'resample']).exactOptional(),
  /** Slices at uneven distances: refused by default, or interpolated at their smallest distance. */
  irregular: z.enum(['refuse', 'resample']).exactOptional(),
});

/** For whom and what the model is: held against each series; what is outside is marked `check before use`, not refused. */
const Checks = z.strictObject({
  /** Years; held against PatientAge, else the dates of birth and study. */
  PatientAge: z
    .strictObject({ from: z.number().min(0), to: z.number().max(150) })
    .refine(({ from, to }) => from < to, { error: 'from must be under to' })
    .exactOptional(),
  ViewPosition: z.strictObject({ oneOf: z.array(z.string().min(1)).min(1) }).exactOptional(),
  /** Of the source: a smaller matrix was enlarged for the model. */
  smallest: z.strictObject({ rows: z.int().min(1), columns: z.int().min(1) }).exactOptional(),
});

const Element = z.strictObject({
  /** Is the element needed for the decision that the result serves? */
  required: z.boolean(),
  method: z.string().min(1),
  why: z.string().min(1),
});

/** The framework's questions (Wang et al. 2024, arXiv 2310.01685), answered by who deploys the model. */
const Interpretability = z.strictObject({
  task: z.string().min(1),
  users: z.string().min(1),
  decision: z.string().min(1),
  why: z.string().min(1),
  faithfulness: z.string().min(1),
  elements: z.strictObject({
    localization: Element,
    visualRecognizability: Element,
    physicalAttribution: Element,
    modelTransparency: Element,
    actionability: Element,
  }),
});

const Common = {
  schema: z.literal(1),
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(1).max(40),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  manufacturer: z.string().min(1).max(64),
  licence: z.string().min(1),
  intendedUse: z.string().min(1),
  limits: z.array(z.string().min(1)).min(1),
  /** The ONNX file, beside model.yaml or in a folder of MODEL_PATH, and the SHA-256 that it must have. */
  onnx: z.strictObject({
    file: z.string().regex(/^[\w.-]+\.onnx$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  accepts: Accepts,
  checks: Checks.exactOptional(),
  interpretability: Interpretability,
};

/** The methods of explain/ that a package may choose; what each does and how faithful each was found: docs/explain.md. */
const METHOD_NAMES = [
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

/** How one image becomes what a model reads. */
const Picture = z.strictObject({
  tensor: z.string(),
  /** Where the tensor has its channels. */
  layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
  /** The picture's grey in each of them. */
  channels: z.union([z.literal(1), z.literal(3)]).default(1),
  rows: z.int().min(1).max(4096),
  columns: z.int().min(1).max(4096),
  /** The VOI: `header` by PS3.3 C.11.2, `exact` its window as LINEAR_EXACT, `full` minimum to maximum; or the package's own. */
  window: z.union([z.enum(['header', 'exact', 'full']), FixedWindow]),
  /** What the model sees is (v − mean) / std a channel, v from 0 to 1. */
  mean: z.array(z.number()).min(1).max(3).default([0]),
  std: z.array(z.number().positive()).min(1).max(3).default([1]),
});

/** How the numbers of a model of one image are explained. */
const Explained = z.strictObject({
  method: z.enum(METHOD_NAMES),
  /** The ONNX value that class activation maps are of; `auto`: the last spatial one. */
  layer: z.string().default('auto'),
  /** What hides a part of the image: `blur` it, the mean of the tissue, its other side, or its rim continued. */
  baseline: z.enum(['blur', 'tissueMean', 'mirror', 'inpaint']).default('blur'),
  /** What is known to be misleading in the model's maps, in one sentence: it is said with the place, which the headline then leaves out. */
  caution: z.string().min(1).max(200).exactOptional(),
});

/** An image becomes scores, one a target, by a sigmoid or softmax over what is explained. */
export const Classification = z.strictObject({
  ...Common,
  kind: z.literal('classification'),
  input: Picture,
  output: z.strictObject({
    /** The output that holds the scores, 0..1. */
    scores: z.string(),
    /** The value, an output or one inside, that the scores are made of: maps explain it at the target's place. */
    logits: z.string(),
    targets: z.array(Target).min(1).max(64),
  }),
  explanation: Explained,
});

/** An image becomes boxes with scores; of boxes that overlap, the server keeps the strongest. */
export const Detection = z.strictObject({
  ...Common,
  kind: z.literal('detection'),
  input: Picture,
  output: z.strictObject({
    /** The output of boxes, [1, n, 4], before any is left out. */
    boxes: z.string(),
    /** Their scores, [1, n, class], 0..1: a target's place is its class. */
    scores: z.string(),
    /** The four numbers: left, top, right, bottom; or centre across and down, width, height. */
    form: z.enum(['corners', 'centre']),
    /** In pixels of the model's picture, or in parts of it. */
    unit: z.enum(['pixel', 'part']),
    /** Of two boxes whose intersection is a greater part of their union, the weaker is left out. */
    overlap: z.number().gt(0).max(1).default(0.5),
    /** Boxes of a target at most. */
    most: z.int().min(1).max(20).default(8),
    targets: z.array(Target).min(1).max(64),
  }),
  explanation: Explained,
});
export type DetectionSpec = z.infer<typeof Detection>;

/** An image becomes numbers, each a quantity with its unit. */
export const Regression = z.strictObject({
  ...Common,
  kind: z.literal('regression'),
  input: Picture,
  output: z.strictObject({
    /** The output that holds the values. */
    values: z.string(),
    targets: z
      .array(
        z.strictObject({
          /** Place of the value in the output, from 0. */
          place: z.int().min(0),
          label: Label,
          /** What is measured, and its UCUM unit. */
          quantity: Code,
          unit: Code.refine(({ scheme }) => scheme === 'UCUM', { error: 'is not of UCUM' }),
          /** What the values may be: beyond it a result is not to be relied on. */
          plausible: z
            .strictObject({ low: z.number(), high: z.number() })
            .refine(({ low, high }) => low < high, { error: 'low must be under high' }),
          /** Half the width of the interval that held 95 of 100 values of other patients, and of which. */
          error: z
            .strictObject({ plusMinus: z.number().positive(), measuredOn: z.string().min(1) })
            .exactOptional(),
        }),
      )
      .min(1)
      .max(64),
  }),
  explanation: Explained,
});
export type RegressionSpec = z.infer<typeof Regression>;

/** A volume becomes a label map. */
export const Segmentation = z.strictObject({
  ...Common,
  kind: z.literal('segmentation'),
  /**
   * All that the model does, in words that a reader can follow, of a model that is a rule and learned nothing: it stands in each result
   * in place of a map.
   */
  rule: z.string().min(1).max(600).exactOptional(),
  input: z.strictObject({
    tensor: z.string(),
    /** `conform`: 256³ voxels of 1 mm, axes L, I, A, 8 bits, as FreeSurfer and niivue do; `source`: as the series is stored. */
    grid: z.enum(['conform', 'source']),
    /** What is done to that grid, in this order. */
    steps: z.array(Step).max(16),
  }),
  output: z.strictObject({
    logits: z.string(),
    /** Keep only the largest 26-connected component of all labels together. */
    largestComponent: z.boolean(),
    /** In the order of the channels from 1; channel 0 is background. */
    labels: z.array(Structure).min(1).max(255),
  }),
});

export const ModelSpec = z.discriminatedUnion('kind', [Classification, Detection, Regression, Segmentation]);
export type ModelSpec = z.infer<typeof ModelSpec>;

/** What an author writes, as a JSON Schema; docs/model.schema.json is a copy. */
export const modelSchema = () => z.toJSONSchema(ModelSpec, { io: 'input' });
export type ClassificationSpec = z.infer<typeof Classification>;
export type SegmentationSpec = z.infer<typeof Segmentation>;
export type Accepts = z.infer<typeof Accepts>;
export type Checks = z.infer<typeof Checks>;
