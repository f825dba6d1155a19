import type { StudyCheck, Tap, Volume } from '../../contracts.ts';
import type { Model } from '../../models/load.ts';
import type { ClassificationSpec } from '../../models/schema.ts';
import { type NearCase, nearestCases } from '../nearest-cases.ts';
import type { OnnxSubject } from '../onnx-subject.ts';
import { checkKnown } from './known.ts';
import { checkMatrix, checkPicture } from './picture.ts';
import { checkPopulation } from './population.ts';

interface Image {
  readonly volume: Volume;
  /** What the model saw, [1, c, h, w]. */
  readonly input: Tap;
  /** The model with a layer tapped. */
  readonly open: (layer: string) => Promise<OnnxSubject>;
}

type ImageModel = Pick<Model, 'reference'> & {
  readonly spec: Pick<ClassificationSpec, 'checks' | 'input'>;
};

/** Checks of one image, whatever the model found in it, and the known images that are nearest to it. */
export async function checkImage(
  { spec, reference }: ImageModel,
  { volume, input, open }: Image,
): Promise<{ readonly ofImage: readonly StudyCheck[]; readonly nearest: readonly NearCase[] | undefined }> {
  const layer = reference?.statistics.features.layer;
  const activation = layer === undefined ? undefined : await activationOf(await open(layer), input);
  return {
    ofImage: [
      ...checkKnown(reference?.statistics, activation && { input, activation }),
      ...checkPopulation(volume.header, spec.checks ?? {}),
      ...checkMatrix(volume, spec.checks?.smallest),
      ...checkPicture(input, spec.input),
    ],
    nearest: reference && activation && nearestCases(reference, activation),
  };
}

async function activationOf(subject: OnnxSubject, input: Tap): Promise<Tap> {
  try {
    return await subject.activation(input.data);
  } finally {
    await subject.close();
  }
}
