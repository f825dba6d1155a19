import { z } from 'zod';
import type { Step, Tiles } from '../models/steps.ts';
import { Fault } from '../shared/fault.ts';
import { idFrom } from './id-from.ts';
import type { Imported } from './import.ts';

/** An nnU-Net v2 model folder: plans.json, the configuration 3d_fullres, and dataset.json. Throws REQUEST_INVALID for several channels and regions. */

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
const Configuration = z.looseObject({
  spacing: triple,
  patch_size: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  normalization_schemes: z.array(z.string()),
  use_mask_for_norm: z.array(z.boolean()).optional(),
});
const Plans = z.looseObject({
  dataset_name: z.string(),
  transpose_forward: z.array(z.number()).optional(),
  foreground_intensity_properties_per_channel: z.record(z.string(), z.record(z.string(), z.number())),
  configurations: z.record(z.string(), z.looseObject({ inherits_from: z.string().optional() })),
});
type Plans = z.infer<typeof Plans>;
type Configuration = z.infer<typeof Configuration>;

export function fromNnunet(plans: unknown, dataset: unknown): Imported {
  const plan = Plans.parse(plans);
  const data = Dataset.parse(dataset);
  const configuration = configurationOf(plan);
  const { spacing, patch_size } = configuration;
  const isCt = /^ct$/i.test(data.channel_names['0'] ?? '');
  const notes = [
    'nnU-Net reads axes as they are stored; this takes axial series, from below: change the first step for others',
    'nnU-Net interpolates between voxels by cubic splines, this by lines; compare the masks',
    'nnU-Net takes the mean over mirrored images and over its folds; here one network reads each tile once',
  ];
  const channels = Object.values(data.channel_names);
  if (channels.length > 1)
    throw new Fault(
      'REQUEST_INVALID',
      `the network reads ${channels.length} channels (${channels.join(', ')}); a package reads one series`,
    );
  if (plan.transpose_forward?.some((axis, i) => axis !== i))
    notes.push(
      `the plans exchange axes (transpose_forward ${plan.transpose_forward.join(', ')}): change the first step`,
    );
  const labels = Object.entries(data.labels).flatMap(([name, value]) => {
    if (typeof value === 'number')
      // What is to be ignored in training has no channel.
      return value > 0 && name !== 'ignore' ? [[`label${value}`, name] as const] : [];
    throw new Fault(
      'REQUEST_INVALID',
      `${name} is a region of several labels, which may overlap others; here one label wins at each voxel`,
    );
  });
  const steps: Step[] = [
    { step: 'orient', axes: 'SPL' },
    // nnU-Net crops to what is not 0; of a CT nothing is.
    ...(isCt ? [] : [{ step: 'foreground', above: 0, padding: 0 } as const]),
    ...normalisation(plan, configuration, notes),
    { step: 'spacing', mm: spacing, interpolation: 'linear' },
  ];
  // Its own half steps and Gaussian; a volume that is smaller is padded with zeros.
  const tiles: Tiles = { size: patch_size, overlap: 0.5, blend: 'gaussian', by: 'nnunet' };
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
      tiles: JSON.stringify(tiles),
      ...Object.fromEntries(labels),
    },
  };
}

/** The configuration, with what it takes over from another. Throws REQUEST_INVALID for none. */
function configurationOf({ configurations }: Plans): Configuration {
  let merged: Record<string, unknown> = {};
  let name: string | undefined = '3d_fullres';
  for (let n = 0; name !== undefined && n < 8; n++) {
    const own: Plans['configurations'][string] | undefined = configurations[name];
    merged = { ...own, ...merged };
    name = own?.inherits_from;
  }
  const found = Configuration.safeParse(merged);
  if (found.success) return found.data;
  const there = Object.keys(configurations).join(', ');
  throw new Fault(
    'REQUEST_INVALID',
    `the configuration 3d_fullres of plans.json (there are ${there}):\n${z.prettifyError(found.error)}`,
  );
}

/** Before resampling, as nnU-Net does. */
function normalisation(plan: Plans, configuration: Configuration, notes: string[]): readonly Step[] {
  const { normalization_schemes: [scheme = ''] = [], use_mask_for_norm } = configuration;
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
