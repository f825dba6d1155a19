import { z } from 'zod';
import type { Step } from '../models/steps.ts';
import { idFrom } from './id-from.ts';
import type { Imported } from './import.ts';

/** An nnU-Net v2 model folder: plans.json, the configuration 3d_fullres, and dataset.json. */

const Dataset = z.looseObject({
  channel_names: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
  name: z.string().optional(),
  description: z.string().optional(),
  licence: z.string().optional(),
  license: z.string().optional(),
  reference: z.string().optional(),
});

const triple = z.tuple([z.number(), z.number(), z.number()]);
const Plans = z.looseObject({
  dataset_name: z.string(),
  transpose_forward: z.array(z.number()).optional(),
  foreground_intensity_properties_per_channel: z.record(z.string(), z.record(z.string(), z.number())),
  configurations: z.looseObject({
    '3d_fullres': z.looseObject({
      spacing: triple,
      normalization_schemes: z.array(z.string()),
      use_mask_for_norm: z.array(z.boolean()).optional(),
      pool_op_kernel_sizes: z.array(z.array(z.number())).optional(),
      architecture: z
        .looseObject({ arch_kwargs: z.looseObject({ strides: z.array(z.array(z.number())).optional() }) })
        .optional(),
    }),
  }),
});
type Plans = z.infer<typeof Plans>;

export function fromNnunet(plans: unknown, dataset: unknown): Imported {
  const plan = Plans.parse(plans);
  const data = Dataset.parse(dataset);
  const { spacing, pool_op_kernel_sizes, architecture } = plan.configurations['3d_fullres'];
  const isCt = /^ct$/i.test(data.channel_names['0'] ?? '');
  const notes = [
    'nnU-Net reads axes as they are stored; this takes axial series, from below: change the first step for others',
    'nnU-Net interpolates between voxels by cubic splines, this by lines; compare the masks',
    'nnU-Net runs in patches that overlap, this the whole volume at once; its mean over mirrored images is left out',
  ];
  if (Object.keys(data.channel_names).length > 1)
    notes.push(
      `the model reads ${Object.keys(data.channel_names).length} channels; only one can be packaged`,
    );
  if (plan.transpose_forward?.some((axis, i) => axis !== i))
    notes.push(
      `the plans exchange axes (transpose_forward ${plan.transpose_forward.join(', ')}): change the first step`,
    );
  const labels = Object.entries(data.labels).flatMap(([name, value]) => {
    if (typeof value === 'number') return value > 0 ? [[`label${value}`, name] as const] : [];
    notes.push(`${name} is a region of several labels; regions cannot be packaged`);
    return [];
  });
  const strides = pool_op_kernel_sizes ?? architecture?.arch_kwargs.strides ?? [];
  const multiple = Math.max(1, ...[0, 1, 2].map((axis) => strides.reduce((n, s) => n * (s[axis] ?? 1), 1)));
  const steps: Step[] = [
    { step: 'orient', axes: 'SPL' },
    // nnU-Net crops to what is not 0; of a CT nothing is.
    ...(isCt ? [] : [{ step: 'foreground', above: 0, padding: 0 } as const]),
    ...normalisation(plan, notes),
    { step: 'spacing', mm: spacing, interpolation: 'linear' },
    ...(multiple > 1 ? [{ step: 'padToMultiple', of: multiple } as const] : []),
  ];
  const licence = data.licence ?? data.license;
  return {
    notes,
    answers: {
      id: idFrom(plan.dataset_name),
      name: (data.name ?? plan.dataset_name).slice(0, 40),
      ...(licence ? { licence } : {}),
      ...(data.description ? { task: data.description } : {}),
      ...(isCt ? { modality: 'CT' } : {}),
      grid: 'source',
      steps: JSON.stringify(steps),
      ...Object.fromEntries(labels),
    },
  };
}

/** Before resampling, as nnU-Net does. */
function normalisation(plan: Plans, notes: string[]): readonly Step[] {
  const { normalization_schemes: [scheme = ''] = [], use_mask_for_norm } = plan.configurations['3d_fullres'];
  const known = plan.foreground_intensity_properties_per_channel['0'] ?? {};
  switch (scheme) {
    case 'CTNormalization': {
      const { percentile_00_5: low, percentile_99_5: high, mean, std } = known;
      if (low === undefined || high === undefined || mean === undefined || std === undefined) break;
      return [
        { step: 'clip', low, high },
        { step: 'standardise', mean, std },
      ];
    }
    case 'ZScoreNormalization':
      return [{ step: 'zscore', of: use_mask_for_norm?.[0] ? 'nonzero' : 'all' }];
    case 'RescaleTo01Normalization':
      return [{ step: 'minmax' }];
    case 'NoNormalization':
      return [];
  }
  notes.push(`the normalisation ${scheme} has no counterpart, or its numbers are missing`);
  return [];
}
