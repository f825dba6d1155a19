import { z } from 'zod';
import { Accepts, Checks } from './accepts.ts';
import { Interpretability } from './interpretability.ts';
import { key, optional } from './key.ts';

export const OnnxFile = z.strictObject({
  file: key('Its name.', 'model.onnx', z.string().regex(/^[\w.-]+\.onnx$/)),
  sha256: key(
    'SHA-256 that it must have; another file is refused.',
    '5b5c… (64 hexadecimal digits)',
    z.string().regex(/^[0-9a-f]{64}$/),
  ),
});

/** What every package says, whatever its model gives. */
export const Common = {
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
    z.array(z.string().min(1)).min(1),
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
