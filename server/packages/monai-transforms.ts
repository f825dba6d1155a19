import { z } from 'zod';
import type { Step } from '../models/steps.ts';

/** What MONAI's transforms before a network are here, by their names and values. */

export type Transform = Readonly<Record<string, unknown>> & { readonly _target_: string };

/** Steps in their order; each transform without a counterpart is noted, and left out. */
export const transformsOf = (transforms: readonly Transform[], notes: string[]): readonly Step[] =>
  transforms.flatMap((transform) => {
    const found = transform._disabled_ === true ? [] : STEPS[nameOf(transform)]?.(transform);
    if (!found) {
      const computed = Object.values(transform).filter((v) => typeof v === 'string' && /^[@$]/.test(v));
      const values = computed.length > 0 ? `; its values are computed: ${computed.join('; ')}` : '';
      notes.push(`the transform ${transform._target_} has no counterpart, or not with these values${values}`);
    }
    return found ?? [];
  });

/** `Orientationd`, `monai.transforms.Orientation` → Orientation. */
const nameOf = ({ _target_ }: Transform): string =>
  (_target_.split('.').at(-1) ?? '').replace(/(d|D|Dict)$/, '');

const triple = z.tuple([z.number(), z.number(), z.number()]);
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
/** One number may stand for all axes. */
const tripleIn = (value: unknown): [number, number, number] | undefined => {
  const all = typeof value === 'number' ? [value, value, value] : value;
  const found = triple.safeParse(all);
  return found.success ? found.data : undefined;
};

/** Values from low to high to others: v ↦ (v − mean) / std; cut off outside with clip. */
function scaled(t: Transform, low: number, high: number): readonly Step[] | undefined {
  const [from, to] = [numberIn(t.b_min) ?? 0, numberIn(t.b_max) ?? 1];
  if (!(high > low) || !(to > from)) return undefined;
  const std = (high - low) / (to - from);
  const line: Step = { step: 'standardise', mean: low - from * std, std };
  return t.clip === true ? [{ step: 'clip', low, high }, line] : [line];
}

/** Undefined for values that have no counterpart; nothing for transforms that only load and cast. */
const STEPS: Readonly<Record<string, (t: Transform) => readonly Step[] | undefined>> = {
  LoadImage: () => [],
  EnsureChannelFirst: () => [],
  AddChannel: () => [],
  AsChannelFirst: () => [],
  EnsureType: () => [],
  ToTensor: () => [],
  CastToType: () => [],
  Orientation: ({ axcodes }) =>
    typeof axcodes === 'string' && /^[LRAPIS]{3}$/.test(axcodes)
      ? [{ step: 'orient', axes: axcodes }]
      : undefined,
  Spacing: ({ pixdim, mode }) => {
    const mm = tripleIn(pixdim);
    const interpolation = ({ bilinear: 'linear', nearest: 'nearest' } as const)[
      String(first(mode) ?? 'bilinear')
    ];
    return mm && interpolation ? [{ step: 'spacing', mm, interpolation }] : undefined;
  },
  ScaleIntensityRange: (t) => {
    const [low, high] = [numberIn(t.a_min), numberIn(t.a_max)];
    return low === undefined || high === undefined ? undefined : scaled(t, low, high);
  },
  ScaleIntensityRangePercentiles: ({ lower, upper, b_min, b_max, clip, relative }) => {
    const [low, high] = [numberIn(lower), numberIn(upper)];
    if (clip !== true || relative === true || low === undefined || high === undefined) return undefined;
    const spread = toRange(numberIn(b_min), numberIn(b_max));
    return spread && [{ step: 'clipPercentiles', low, high }, { step: 'minmax' }, ...spread];
  },
  ScaleIntensity: ({ minv = 0, maxv = 1, factor }) => {
    const spread = factor === undefined ? toRange(numberIn(minv), numberIn(maxv)) : undefined;
    return spread && [{ step: 'minmax' }, ...spread];
  },
  NormalizeIntensity: ({ nonzero, subtrahend, divisor }) => {
    const [mean, std] = [numberIn(subtrahend), numberIn(divisor)];
    if (mean !== undefined && std !== undefined && std > 0 && !nonzero)
      return [{ step: 'standardise', mean, std }];
    if (subtrahend !== undefined || divisor !== undefined) return undefined;
    return [{ step: 'zscore', of: nonzero === true ? 'nonzero' : 'all' }];
  },
  CropForeground: ({ margin = 0, select_fn }) =>
    typeof margin === 'number' && select_fn === undefined
      ? [{ step: 'foreground', above: 0, padding: margin }]
      : undefined,
  Resize: ({ spatial_size, mode = 'area' }) => {
    const size = tripleIn(spatial_size);
    const interpolation = ({ trilinear: 'linear', nearest: 'nearest', area: 'area' } as const)[
      String(first(mode))
    ];
    return size && interpolation ? [{ step: 'resize', size, interpolation }] : undefined;
  },
  SpatialPad: ({ spatial_size }) => {
    const size = tripleIn(spatial_size);
    return size && [{ step: 'pad', size, outside: 0 }];
  },
  CenterSpatialCrop: ({ roi_size }) => {
    const size = tripleIn(roi_size);
    return size && [{ step: 'crop', size }];
  },
  DivisiblePad: ({ k }) =>
    typeof k === 'number' && k > 1 ? [{ step: 'padToMultiple', of: k, outside: 0 }] : undefined,
};

/** From 0..1 to another range; nothing where it is that already. */
function toRange(from: number | undefined, to: number | undefined): readonly Step[] | undefined {
  if (from === undefined || to === undefined || !(to > from)) return undefined;
  const std = 1 / (to - from);
  return from === 0 && to === 1 ? [] : [{ step: 'standardise', mean: from === 0 ? 0 : -from * std, std }];
}
