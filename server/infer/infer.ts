import type { Prediction, Volume } from '../contracts.ts';
import type { Model } from '../models/load.ts';
import { Fault } from '../shared/fault.ts';
import { anatomyOf } from './anatomy.ts';
import { classify } from './classify.ts';
import { detect } from './detect.ts';
import { regress } from './regress.ts';
import { segment } from './segment.ts';
import type { RunOptions } from './session.ts';

/** Runs a model on a volume. Throws MODEL_INPUT_MISMATCH and MODEL_RUN_FAILED. */
export async function infer(model: Model, volume: Volume, options: RunOptions): Promise<Prediction> {
  const { spec } = model;
  if (volume.samples === 3) {
    throw new Fault('MODEL_INPUT_MISMATCH', 'the model reads grey images, the series is in colour');
  }
  if (volume.burnedIn === 'YES' && spec.accepts.burnedIn === 'refuse') {
    throw new Fault('MODEL_REFUSES_SERIES', 'the images say that text is burned into their pixels');
  }
  const prediction = await runKind(model, volume, options);
  const anatomy =
    spec.kind === 'segmentation' ? undefined : await anatomyOf({ ...model, spec }, volume, options);
  return {
    ...prediction,
    ...(anatomy ? { anatomy } : {}),
    parameters: { ...volume.notes, ...prediction.parameters },
  };
}

function runKind({ spec, ...model }: Model, volume: Volume, options: RunOptions): Promise<Prediction> {
  switch (spec.kind) {
    case 'classification':
      return classify({ ...model, spec }, volume, options);
    case 'detection':
      return detect({ ...model, spec }, volume, options);
    case 'regression':
      return regress({ ...model, spec }, volume, options);
    case 'segmentation':
      return segment({ ...model, spec }, volume, options);
  }
}
