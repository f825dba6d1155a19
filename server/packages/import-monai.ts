import { z } from 'zod';
import type { Tiles } from '../models/steps.ts';
import { Fault } from '../shared/fault.ts';
import { idFrom } from './id-from.ts';
import type { Imported } from './import.ts';
import { resolved } from './monai-references.ts';
import { type Transform, transformsOf } from './monai-transforms.ts';

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
      z.looseObject({
        modality: z.string().optional(),
        num_channels: z.number().optional(),
        is_patch_data: z.boolean().optional(),
      }),
    ),
    outputs: z.record(
      z.string(),
      z.looseObject({ channel_def: z.record(z.string(), z.string()).optional() }),
    ),
  }),
});

const Transforms = z.array(z.looseObject({ _target_: z.string() }), {
  error: 'is no list of transforms; where Python makes it, write the list that it makes',
});
const Inference = z.looseObject({
  preprocessing: z.looseObject({ transforms: Transforms }),
  postprocessing: z.looseObject({ transforms: Transforms }).optional(),
  inferer: z.looseObject({ _target_: z.string() }).optional(),
});
type Inference = z.infer<typeof Inference>;

export function fromMonai(metadata: unknown, inference: unknown): Imported {
  const about = Metadata.parse(metadata);
  const { preprocessing, postprocessing, inferer } = Inference.parse(resolved(inference));
  const [input] = Object.values(about.network_data_format.inputs);
  const [output] = Object.values(about.network_data_format.outputs);
  const channels = input?.num_channels ?? 1;
  if (channels > 1)
    throw new Fault(
      'REQUEST_INVALID',
      `the network reads ${channels} channels, such as several sequences; a package reads one series`,
    );
  const notes: string[] = [];
  const steps = transformsOf(preprocessing.transforms, notes);
  const tiles = tilesOf(inferer, notes);
  if (!tiles && input?.is_patch_data)
    notes.push('the bundle says that it runs in patches, and not how: answer tiles, or add a padToMultiple');
  const labels = Object.entries(output?.channel_def ?? {}).filter(([place]) => place !== '0');
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
        largest: largestOf(postprocessing, labels.length, notes),
      }),
      ...filled(Object.fromEntries(labels.map(([place, label]) => [`label${place}`, label]))),
      grid: 'source',
      steps: JSON.stringify(steps),
      ...(tiles ? { tiles: JSON.stringify(tiles) } : {}),
    },
  };
}

const filled = (answers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(answers).filter((e): e is [string, string] => Boolean(e[1])));

const MODALITIES: Readonly<Record<string, string>> = { CT: 'CT', MR: 'MR', MRI: 'MR', PT: 'PT', PET: 'PT' };

const nameOf = (target: string): string => target.split('.').at(-1) ?? '';

/** MONAI's own defaults: a quarter of overlap, equal weights. */
const Sliding = z.looseObject({
  roi_size: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  overlap: z.number().min(0).max(0.9).default(0.25),
  mode: z.enum(['constant', 'gaussian']).default('constant'),
  sigma_scale: z.literal(0.125).optional(),
  padding_mode: z.string().default('constant'),
  cval: z.number().default(0),
});

/** How the network is run. Throws REQUEST_INVALID for a network of slices. */
function tilesOf(inferer: Inference['inferer'], notes: string[]): Tiles | undefined {
  const name = nameOf(inferer?._target_ ?? 'SimpleInferer');
  if (name === 'SimpleInferer') return undefined;
  if (name === 'SliceInferer')
    throw new Fault(
      'REQUEST_INVALID',
      'the network reads slices one by one (SliceInferer); a segmentation is packaged of a network of volumes',
    );
  const found = name.startsWith('SlidingWindowInferer') ? Sliding.safeParse(inferer) : undefined;
  if (!found?.success) {
    notes.push(
      `the inferer ${inferer?._target_} has no counterpart, or not with these values${found ? `: ${z.prettifyError(found.error)}` : ''}`,
    );
    return undefined;
  }
  const { roi_size, overlap, mode, padding_mode, cval } = found.data;
  if (padding_mode !== 'constant')
    notes.push(
      `the bundle pads a volume that is smaller than a tile by ${padding_mode}; here it is padded with ${cval}`,
    );
  return { size: roi_size, overlap, blend: mode, by: 'monai', ...(cval === 0 ? {} : { outside: cval }) };
}

/** What is done to the mask: of one structure its largest piece; more has no counterpart. */
function largestOf(
  postprocessing: Inference['postprocessing'],
  structures: number,
  notes: string[],
): string | undefined {
  let largest: string | undefined;
  for (const transform of postprocessing?.transforms ?? []) {
    const name = nameOf(transform._target_).replace(/(d|D|Dict)$/, '');
    if (name === 'KeepLargestConnectedComponent' && structures === 1) largest = 'yes';
    else if (isSigmoid(transform))
      notes.push(
        'each channel is decided by itself (sigmoid), so structures may overlap; here one label wins',
      );
    else if (!AFTER.has(name))
      notes.push(`after the network: ${transform._target_} has no counterpart, or not with these values`);
  }
  return largest;
}

const isSigmoid = ({ sigmoid, threshold }: Transform): boolean =>
  sigmoid === true || typeof threshold === 'number';

/** The server does these by itself: the greatest channel wins, the mask goes back to the source, and is written. */
const AFTER = new Set(['Activations', 'AsDiscrete', 'Invert', 'SaveImage', 'EnsureType', 'Compose']);
