import { z } from 'zod';
import { Common } from './every-package.ts';
import { key } from './key.ts';
import { distinct } from './labels.ts';
import { explanation, input } from './picture.ts';
import { Target } from './scores.ts';

/** Packages whose models give scores: of an image, or of boxes in it. */

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
