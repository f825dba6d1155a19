import { z } from 'zod';
import type { Step } from '../models/steps.ts';
import { idFrom } from './id-from.ts';
import type { Imported } from './import.ts';

/** A MONAI bundle (its specification: docs.monai.io, "MONAI Bundle"): metadata and the transforms before the network. */

const Metadata = z.looseObject({
  version: z.string(),
  name: z.string().optional(),
  task: z.string().optional(),
  authors: z.string().optional(),
  copyright: z.string().optional(),
  data_source: z.string().optional(),
  intended_use: z.string().optional(),
  network_data_format: z.looseObject({
    inputs: z.record(
      z.string(),
      z.looseObject({ modality: z.string().optional(), is_patch_data: z.boolean().optional() }),
    ),
    outputs: z.record(
      z.string(),
      z.looseObject({ channel_def: z.record(z.string(), z.string()).optional() }),
    ),
  }),
});

const Transform = z.looseObject({ _target_: z.string() });
type Transform = z.infer<typeof Transform>;
const Inference = z.looseObject({ preprocessing: z.looseObject({ transforms: z.array(Transform) }) });

export function fromMonai(metadata: unknown, inference: unknown): Imported {
  const about = Metadata.parse(metadata);
  const { transforms } = Inference.parse(inference).preprocessing;
  const [input] = Object.values(about.network_data_format.inputs);
  const [output] = Object.values(about.network_data_format.outputs);
  const notes: string[] = [];
  const steps = transforms.flatMap((transform) => {
    const found = STEPS[nameOf(transform)]?.(transform);
    if (!found)
      notes.push(`the transform ${transform._target_} has no counterpart, or not with these values`);
    return found ?? [];
  });
  if (input?.is_patch_data)
    notes.push(
      'the bundle runs in patches; here the model reads the whole volume at once: add a padToMultiple',
    );
  return {
    notes,
    answers: {
      ...filled({
        version: about.version,
        name: about.name?.slice(0, 40),
        id: about.name && idFrom(about.name),
        manufacturer: about.authors?.slice(0, 64),
        licence: [about.copyright, about.data_source && `trained on ${about.data_source}`]
          .filter(Boolean)
          .join('; '),
        intendedUse: about.intended_use,
        task: about.task,
        modality: MODALITIES[input?.modality?.toUpperCase() ?? ''],
      }),
      ...filled(
        Object.fromEntries(
          Object.entries(output?.channel_def ?? {})
            .filter(([place]) => place !== '0')
            .map(([place, label]) => [`label${place}`, label]),
        ),
      ),
      grid: 'source',
      steps: JSON.stringify(steps),
    },
  };
}

const filled = (answers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(answers).filter((e): e is [string, string] => Boolean(e[1])));

const MODALITIES: Readonly<Record<string, string>> = { CT: 'CT', MR: 'MR', MRI: 'MR', PT: 'PT', PET: 'PT' };

/** `Orientationd`, `monai.transforms.Orientation` → Orientation. */
const nameOf = ({ _target_ }: Transform): string =>
  (_target_.split('.').at(-1) ?? '').replace(/(d|D|Dict)$/, '');

const triple = z.tuple([z.number(), z.number(), z.number()]);
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Values from low to high to others, cut off outside: clip, then (v − mean) / std. */
function scaled(t: Transform, low: number, high: number): readonly Step[] | undefined {
  const [from, to] = [numberIn(t.b_min) ?? 0, numberIn(t.b_max) ?? 1];
  if (t.clip !== true || !(high > low) || !(to > from)) return undefined;
  const std = (high - low) / (to - from);
  return [
    { step: 'clip', low, high },
    { step: 'standardise', mean: low - from * std, std },
  ];
}

/** Undefined for values that have no counterpart; nothing for transforms that only load and cast. */
const STEPS: Readonly<Record<string, (t: Transform) => readonly Step[] | undefined>> = {
  LoadImage: () => [],
  EnsureChannelFirst: () => [],
  EnsureType: () => [],
  ToTensor: () => [],
  CastToType: () => [],
  Orientation: ({ axcodes }) =>
    typeof axcodes === 'string' && /^[LRAPIS]{3}$/.test(axcodes)
      ? [{ step: 'orient', axes: axcodes }]
      : undefined,
  Spacing: ({ pixdim, mode }) => {
    const mm = triple.safeParse(pixdim);
    const interpolation = ({ bilinear: 'linear', nearest: 'nearest' } as const)[
      String(first(mode) ?? 'bilinear')
    ];
    return mm.success && interpolation ? [{ step: 'spacing', mm: mm.data, interpolation }] : undefined;
  },
  ScaleIntensityRange: (t) => {
    const [low, high] = [numberIn(t.a_min), numberIn(t.a_max)];
    return low === undefined || high === undefined ? undefined : scaled(t, low, high);
  },
  ScaleIntensityRangePercentiles: ({ lower, upper, b_min, b_max, clip }) => {
    const [low, high] = [numberIn(lower), numberIn(upper)];
    const simple = clip === true && b_min === 0 && b_max === 1 && low !== undefined && high !== undefined;
    return simple ? [{ step: 'clipPercentiles', low, high }, { step: 'minmax' }] : undefined;
  },
  ScaleIntensity: ({ minv = 0, maxv = 1, factor }) =>
    minv === 0 && maxv === 1 && factor === undefined ? [{ step: 'minmax' }] : undefined,
  NormalizeIntensity: ({ nonzero, subtrahend, divisor }) => {
    const [mean, std] = [numberIn(subtrahend), numberIn(divisor)];
    if (mean !== undefined && std !== undefined && !nonzero) return [{ step: 'standardise', mean, std }];
    if (subtrahend !== undefined || divisor !== undefined) return undefined;
    return [{ step: 'zscore', of: nonzero === true ? 'nonzero' : 'all' }];
  },
  CropForeground: ({ margin = 0, select_fn }) =>
    typeof margin === 'number' && select_fn === undefined
      ? [{ step: 'foreground', above: 0, padding: margin }]
      : undefined,
  Resize: ({ spatial_size, mode = 'area' }) => {
    const size = triple.safeParse(spatial_size);
    const interpolation = ({ trilinear: 'linear', nearest: 'nearest', area: 'area' } as const)[
      String(first(mode))
    ];
    return size.success && interpolation ? [{ step: 'resize', size: size.data, interpolation }] : undefined;
  },
  SpatialPad: ({ spatial_size }) => {
    const size = triple.safeParse(spatial_size);
    return size.success ? [{ step: 'pad', size: size.data, outside: 0 }] : undefined;
  },
  CenterSpatialCrop: ({ roi_size }) => {
    const size = triple.safeParse(roi_size);
    return size.success ? [{ step: 'crop', size: size.data }] : undefined;
  },
  DivisiblePad: ({ k }) =>
    typeof k === 'number' && k > 1 ? [{ step: 'padToMultiple', of: k, outside: 0 }] : undefined,
};
