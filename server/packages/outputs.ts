import type { ModelSpec } from '../models/schema.ts';

/** A model of one image, whatever it gives. */
export type ImageSpec = Exclude<ModelSpec, { kind: 'segmentation' }>;

/** What maps explain, and what is measured while parts of the image are hidden. */
export function outputsOf({ kind, output }: ImageSpec): {
  readonly explained: string;
  readonly decides: string;
} {
  switch (kind) {
    case 'classification':
      return { explained: output.logits, decides: output.scores };
    case 'detection':
      return { explained: output.scores, decides: output.scores };
    case 'regression':
      return { explained: output.values, decides: output.values };
  }
}
