import type { Tap } from '../../contracts.ts';
import type { StudyCheck } from '../../explanation.ts';
import type { Space, Statistics } from '../../models/reference.ts';
import { judged, notMade } from './judged.ts';
import { distanceFrom, histogramOf, layoutOf, pooled, textureOf } from './likeness.ts';

/** What was seen of an image: the prepared picture [1, c, h, w], and the activations [c, …space] of the package's layers. */
export interface SeenImage {
  readonly input: Tap;
  readonly activation: Tap;
  /** Of the reference's early layer. */
  readonly early: Tap;
}

/** Is the image like those that the model knows? By its features, its texture, its layout and its greys, each against the package's own limit. */
export function checkKnown(
  statistics: Statistics | undefined,
  seen: SeenImage | undefined,
): readonly StudyCheck[] {
  if (!statistics || !seen)
    return [notMade('features', 'The package keeps nothing of known images to compare this one with.')];
  const { features, texture, layout, histogram } = statistics;
  const { input, activation, early } = seen;
  const dims = input.dims.slice(1);
  return [
    compared('features', features, pooled(activation), {
      like: 'To the model this is an image like those it was made with',
      unlike: 'To the model this is no image like those it was made with',
    }),
    compared('texture', texture, textureOf(early), {
      like: 'Its fine detail is like that of known images',
      unlike: 'Its fine detail is unlike that of known images: other patients, another device or processing',
    }),
    compared('layout', layout, layoutOf(input.data, dims), {
      like: 'Light and dark lie as in known images',
      unlike: 'Light and dark lie otherwise than in known images: turned, cut or of another part of the body',
    }),
    compared('greys', histogram, histogramOf(input.data, dims), {
      like: 'It is as bright as known images',
      unlike: 'It is brighter or darker than known images: inverted, or shown with another window',
    }),
  ];
}

function compared(
  name: StudyCheck['name'],
  space: Space,
  vector: ArrayLike<number>,
  { like, unlike }: { readonly like: string; readonly unlike: string },
): StudyCheck {
  const distance = distanceFrom(space, vector);
  const figures = `distance ${distance.toFixed(2)}, usual ${space.usual.toFixed(2)}, limit ${space.limit.toFixed(2)}`;
  const isLike = distance <= space.limit;
  return judged(name, isLike, `${isLike ? like : unlike} (${figures}).`);
}
