import { z } from 'zod';
import { Common } from './every-package.ts';
import { key, optional } from './key.ts';
import { distinct, Structure } from './labels.ts';
import { tensor } from './picture.ts';
import { valueActions } from './scores.ts';
import { Step, Tiles } from './steps.ts';

const areLabels = (names: readonly string[], labels: readonly { readonly label: string }[]): boolean =>
  names.every((name) => labels.some(({ label }) => label === name));

const output = z
  .strictObject({
    logits: key('The output [1, class, …space]; the greatest wins.', 'logits', z.string()),
    largestComponent: key(
      'Keep only the largest 26-connected component of all labels together?',
      false,
      z.boolean(),
    ),
    labels: key(
      'In the order of the channels from 1; channel 0 is background.',
      [{ label: 'Spleen', rgb: [251, 155, 6] }],
      distinct(
        z
          .array(Structure.extend({ actions: valueActions }))
          .min(1)
          .max(255),
        ({ label }) => label,
      ),
    ),
    brightness: optional(
      'Labels in the order of their mean brightness, the brightest first, in images of the contrast that the model is for: where it is another, all results of the series are marked check before use.',
      ['Cerebral white matter', 'Cerebral cortex', 'Lateral ventricles'],
      {
        type: distinct(z.array(z.string()).min(2), (label) => label),
        leftOut: 'the contrast is not checked',
      },
    ),
  })
  .refine(({ labels, brightness = [] }) => areLabels(brightness, labels), {
    error: 'brightness names what is no label',
  })
  .refine(({ labels }) => labels.every(({ partOf }) => areLabels(partOf?.labels ?? [], labels)), {
    error: 'partOf names what is no label',
  });

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
    output,
  ),
});
