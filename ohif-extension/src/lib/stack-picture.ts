import type { Viewport } from '../host.ts';
import { extentOnScreen } from './geometry.ts';
import type { Picture } from './paint.ts';

/** What a picture shows, ready to be laid over an image. */
export interface Layer {
  /** Of the picture, in its pixels. */
  readonly width: number;
  readonly height: number;
  /** The part that shows anything, and where it begins; undefined: nothing does. */
  readonly part?: { readonly canvas: HTMLCanvasElement; readonly left: number; readonly top: number };
}

interface Laid {
  readonly layer: Layer;
  readonly opacity: number;
}

/** What lies on each viewport's canvas now. */
const laid = new WeakMap<Viewport, Laid>();

/**
 * Lays a picture over the whole extent of the image that a stack shows; it follows zoom, rotation and flip. `isFresh`: the host has just rendered its
 * image, and nothing lies over it. Else the host is asked to, when something else lies there. So each rendering is one of the image alone, and then
 * a copy of pixels: as a second image of the host's it made each frame a third slower where there is no graphics card.
 */
export function showPicture(viewport: Viewport, next: Laid, isFresh: boolean): void {
  const now = laid.get(viewport);
  if (isFresh) {
    copy(viewport, next);
    laid.set(viewport, next);
  } else if (now?.layer !== next.layer || now.opacity !== next.opacity) viewport.render();
}

export function hidePicture(viewport: Viewport, isFresh: boolean): void {
  if (laid.delete(viewport) && !isFresh) viewport.render();
}

function copy(viewport: Viewport, { layer: { width, height, part }, opacity }: Laid): void {
  const image = viewport.getImageData?.();
  if (!image || !part) return;
  const context = viewport.getCanvas?.().getContext('2d');
  if (!context) throw new Error('the viewer draws in a way that no map can be laid over');
  const { begin, right, down } = extentOnScreen(viewport, image);
  context.save();
  context.scale(devicePixelRatio, devicePixelRatio);
  context.transform(
    right[0] / width,
    right[1] / width,
    down[0] / height,
    down[1] / height,
    begin[0],
    begin[1],
  );
  context.globalAlpha = opacity;
  context.drawImage(part.canvas, part.left, part.top);
  context.restore();
}

/** Only the part that shows anything is kept, with a pixel around it, so that its edge fades as it was painted. */
export function layerOf({ width, height, rgba }: Picture): Layer {
  let [left, top, right, bottom] = [width, height, -1, -1];
  // What is transparent has no colour, either.
  const pixels = new Uint32Array(rgba.buffer);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (pixels[i] === 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  if (right < 0) return { width, height };
  [left, top] = [Math.max(0, left - 1), Math.max(0, top - 1)];
  const canvas = document.createElement('canvas');
  canvas.width = Math.min(width, right + 2) - left;
  canvas.height = Math.min(height, bottom + 2) - top;
  const image = new ImageData(new Uint8ClampedArray(rgba.buffer), width, height);
  canvas.getContext('2d')?.putImageData(image, -left, -top);
  return { width, height, part: { canvas, left, top } };
}
