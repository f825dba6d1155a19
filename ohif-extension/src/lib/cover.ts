import type { Viewport } from '../host.ts';
import { contoursOf, type Ring } from './contour.ts';
import { ringsOnScreen } from './outline-layer.ts';
import { linear, SAMPLED, samplesOf } from './paint.ts';
import type { DeletionCurve } from './result.ts';
import { closedPath, fillLayer, stripes, svgElement } from './svg.ts';
import type { ValueMap } from './value-map.ts';

/** What a step of a deletion curve hides of an image. */
export interface Cover {
  /** What has more than this in the map; everything: −∞. */
  readonly from: number;
  /** What the image itself says of it. */
  readonly words: string;
}

/** What the active viewport shows: an image that a map was computed for, a plane through such images, another image, or none. */
export type InView = 'image' | 'plane' | 'other' | 'nothing';
/** The same of a map that may not be there. */
export type Where = InView | 'loading' | 'missing';

/** From which value of the map on a step of the curve hides; undefined where nothing is hidden, or the report does not tell. */
export function fromAt({ hiddenFrom, strongestFirst }: DeletionCurve, step: number): number | undefined {
  if (!hiddenFrom || step === 0) return undefined;
  return step === strongestFirst.length - 1 ? Number.NEGATIVE_INFINITY : (hiddenFrom[step - 1] ?? undefined);
}

/**
 * Lines around all of a frame that has more than `from`, in shares of its extent, 0..1: between cells in straight lines, as the server ranked the
 * places (docs/result-format.md), not eased as colours are.
 */
export function coveredOf(map: ValueMap, frame: number, from: number): readonly Ring[] {
  const scale = Math.max(1, Math.floor(SAMPLED / Math.max(map.rows, map.columns)));
  const [width, height] = [map.columns * scale, map.rows * scale];
  const samples = samplesOf(map, frame, scale, linear);
  return contoursOf({ width, height, at: (x, y) => samples[y * width + x] as number }, from).map((ring) =>
    ring.map(([x, y]) => [(x + 0.5) / width, (y + 0.5) / height]),
  );
}

const CLASS = 'pel-cover';

/** Covers a part of the image that a stack shows, given in shares of it, and says so. Drawn anew at each call; without a part the layer goes. */
export function drawCover(
  viewport: Viewport,
  covered: { readonly rings: readonly Ring[]; readonly words: string } | undefined,
): void {
  const rings = covered && ringsOnScreen(viewport, covered.rings);
  fillLayer(viewport, CLASS, covered && rings ? shapesOf(viewport, rings, covered.words) : []);
}

/** Plainly made: grey with stripes, which no anatomy has. */
function shapesOf(viewport: Viewport, rings: readonly Ring[], words: string): readonly SVGElement[] {
  const pattern = `pel-cover-${viewport.id}`;
  const cover = svgElement('path', {
    class: 'cover',
    d: rings.map(closedPath).join(''),
    fill: `url(#${pattern})`,
  });
  return [stripes(pattern, { apart: 10, wide: 2, hasGround: true }), cover, ...tag(viewport, words)];
}

/** In the middle of the upper edge, where the viewer writes nothing. */
function tag(viewport: Viewport, words: string): readonly SVGElement[] {
  const width = 20 + 7.5 * words.length;
  const middle = viewport.element.clientWidth / 2;
  const label = svgElement('text', { x: `${middle}`, y: '27' });
  label.textContent = words;
  return [
    svgElement('rect', {
      x: `${middle - width / 2}`,
      y: '10',
      width: `${width}`,
      height: '25',
      rx: '3',
      class: 'tag',
    }),
    label,
  ];
}
