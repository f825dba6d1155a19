import type { Actor, Viewport } from '../host.ts';
import { resampled } from './geometry.ts';
import type { Picture } from './paint.ts';

const UID = 'pellucid-map';

/** What is drawn on each viewport now. */
const drawn = new WeakMap<Viewport, { readonly picture: Picture; readonly actor: Actor; opacity: number }>();

/** Lays a picture over the whole extent of a stack's current image; it follows zoom, rotation and flip. Idempotent. */
export function showPicture(viewport: Viewport, picture: Picture, opacity: number): void {
  const now = isDrawn(viewport) ? drawn.get(viewport) : undefined;
  if (now?.picture === picture) {
    if (now.opacity === opacity) return;
    now.actor.getProperty().setOpacity(opacity);
    now.opacity = opacity;
    viewport.render();
    return;
  }
  const image = viewport.getImageData?.();
  if (!image || !viewport.createVTKImageData || !viewport.createActorMapper) return;
  if (isDrawn(viewport)) viewport.removeActors([UID]);
  const { width, height, rgba } = picture;
  const layer = viewport.createVTKImageData({
    ...resampled(image, width, height),
    numberOfComponents: 4,
    pixelArray: rgba,
  });
  // The host allocates the pixels; it does not copy them.
  layer.getPointData().getScalars().getData().set(rgba);
  layer.modified();
  const actor = viewport.createActorMapper(layer);
  actor.getProperty().setInterpolationTypeToLinear();
  actor.getProperty().setOpacity(opacity);
  viewport.addActor({ uid: UID, actor, referencedId: UID });
  drawn.set(viewport, { picture, actor, opacity });
  viewport.render();
}

export function hidePicture(viewport: Viewport): void {
  if (!isDrawn(viewport)) return;
  viewport.removeActors([UID]);
  drawn.delete(viewport);
  viewport.render();
}

const isDrawn = (viewport: Viewport): boolean => viewport.getActors().some(({ uid }) => uid === UID);
