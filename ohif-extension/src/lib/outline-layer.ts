import type { Viewport } from '../host.ts';
import type { Ring } from './contour.ts';
import { extentOnScreen } from './geometry.ts';
import type { Outlines, Plane } from './outlines.ts';
import { closedPath, fillLayer, stripes, svgElement } from './svg.ts';

const CLASS = 'pel-outlines';

export interface Drawing {
  /** On the screen. */
  readonly outlines: Outlines;
  /** Lines around what speaks for and against. */
  readonly hasLines: boolean;
  /** What speaks against is hatched. */
  readonly hasHatching: boolean;
  /** 0..1 */
  readonly opacity: number;
}

/**
 * Lines that can be told apart in grey: a full one around what speaks for, a dashed one around what speaks against, and that hatched. Drawn anew at
 * each call; without a drawing the layer goes.
 */
export function drawOutlines(viewport: Viewport, drawing: Drawing | undefined): void {
  fillLayer(viewport, CLASS, drawing ? shapesOf(viewport, drawing) : []);
}

function shapesOf(
  viewport: Viewport,
  { outlines, hasLines, hasHatching, opacity }: Drawing,
): readonly SVGElement[] {
  const [forIt, against] = [pathOf(outlines.for), pathOf(outlines.against)];
  const pattern = `pel-stripes-${viewport.id}`;
  const hatched =
    hasHatching && against !== ''
      ? [
          stripes(pattern, { apart: 8, wide: 4 }),
          svgElement('path', { class: 'hatch', d: against, fill: `url(#${pattern})` }),
        ]
      : [];
  const line = (d: string, kind: string): readonly SVGElement[] =>
    hasLines && d !== ''
      ? [svgElement('path', { class: 'halo', d }), svgElement('path', { class: `line ${kind}`, d })]
      : [];
  const shapes = [...hatched, ...line(forIt, 'for'), ...line(against, 'against')];
  for (const shape of shapes) shape.setAttribute('opacity', String(opacity));
  return shapes;
}

const pathOf = (rings: readonly Ring[]): string => rings.map(closedPath).join('');

/** From shares of a stack's current image to the screen; undefined while there is none. */
export function onScreen(viewport: Viewport, { for: forIt, against }: Outlines): Outlines | undefined {
  const [placedFor, placedAgainst] = [ringsOnScreen(viewport, forIt), ringsOnScreen(viewport, against)];
  return placedFor && placedAgainst && { for: placedFor, against: placedAgainst };
}

export function ringsOnScreen(viewport: Viewport, rings: readonly Ring[]): readonly Ring[] | undefined {
  const image = viewport.getImageData?.();
  if (!image) return undefined;
  const { begin, right, down } = extentOnScreen(viewport, image);
  return rings.map((ring) =>
    ring.map(([x, y]) => [begin[0] + x * right[0] + y * down[0], begin[1] + x * right[1] + y * down[1]]),
  );
}

/** The plane that a viewport shows; undefined where the host does not tell. */
export function planeOf(viewport: Viewport): Plane | undefined {
  const { clientWidth: width, clientHeight: height } = viewport.element;
  const origin = viewport.canvasToWorld?.([0, 0]);
  const right = viewport.canvasToWorld?.([width, 0]);
  const down = viewport.canvasToWorld?.([0, height]);
  if (!origin || !right || !down || width === 0 || height === 0) return undefined;
  const step = (to: readonly number[], pixels: number): readonly number[] =>
    to.map((value, i) => (value - (origin[i] as number)) / pixels);
  return {
    origin,
    right: step(right, width),
    down: step(down, height),
    width,
    height,
  };
}
