import type { Anatomy, Tap, Volume } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { Model } from '../../models/load.ts';
import type { Reference } from '../../models/reference.ts';
import type { ClassificationSpec } from '../../models/schema.ts';
import { type NearCase, nearestCases } from '../nearest-cases.ts';
import type { OnnxSubject } from '../onnx-subject.ts';
import { plainGround } from '../plain-ground.ts';
import { checkKnown, type SeenImage } from './known.ts';
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

/** Checks of one image, whatever the model found in it, the known images that are nearest to it, and where it shows nothing. */
export async function checkImage(
  { spec, reference }: ImageModel,
  { volume, input, open }: Image,
): Promise<{
  readonly ofImage: readonly StudyCheck[];
  readonly nearest: readonly NearCase[] | undefined;
  readonly plain: Anatomy;
}> {
  const seen = reference && (await seenBy(reference, { input, open }));
  return {
    ofImage: [
      ...checkKnown(reference?.statistics, seen),
      ...checkPopulation(volume.header, spec.checks ?? {}),
      ...checkMatrix(volume, spec.checks?.smallest),
      ...checkPicture(input, spec.input),
    ],
    nearest: reference && seen && nearestCases(reference, seen.activation),
    plain: plainGround(input, spec.input),
  };
}

async function seenBy(
  { statistics: { features, texture } }: Reference,
  { input, open }: Pick<Image, 'input' | 'open'>,
): Promise<SeenImage> {
  const subject = await open(features.layer);
  try {
    return {
      input,
      activation: await subject.activation(input.data),
      early: await subject.activation(input.data, texture.layer),
    };
  } finally {
    await subject.close();
  }
}
