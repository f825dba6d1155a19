import type { Viewport } from '../host.ts';
import { edgeToWorld } from './geometry.ts';
import type { Region } from './result.ts';
import { closedPath, fillLayer, openPath, svgElement } from './svg.ts';

const CLASS = 'pel-regions';

/**
 * Outlines of regions with their names, over the current image of a stack. Drawn anew at each call, so that it follows the
 * camera; call it whenever the image was rendered. Without regions the layer goes.
 */
export function drawRegions(viewport: Viewport, regions: readonly Region[]): void {
  const image = viewport.getImageData?.();
  const shown = image
    ? regions.flatMap((region, i) => {
        const corners = region.points.map(([column, row]) =>
          viewport.worldToCanvas(edgeToWorld(image, column, row)),
        );
        const path = region.isOpen ? openPath(corners) : closedPath(corners);
        if (region.isNameOnly) return tag(region.name, middleTop(corners));
        const dashes = i === 0 ? {} : { 'stroke-dasharray': '6 4' };
        return [
          svgElement('path', { class: 'halo', d: path }),
          svgElement('path', { class: 'line', d: path, ...dashes }),
          ...tag(region.name, rightTop(corners)),
        ];
      })
    : [];
  fillLayer(viewport, CLASS, shown);
}

type Point = readonly [x: number, y: number];

/** Of any number of corners: as arguments of one call they would be too many. */
const most = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const least = (values: readonly number[]): number => -most(values.map((value) => -value));

const rightTop = (corners: readonly Point[]): Point => [
  most(corners.map(([x]) => x)),
  least(corners.map(([, y]) => y)),
];

/** Over the middle, where what has no outline is more likely to begin. */
function middleTop(corners: readonly Point[]): Point {
  const [right, top] = rightTop(corners);
  return [(right + least(corners.map(([x]) => x))) / 2, top];
}

/** Longer ones would cover the image; the panel has them in full. */
const LONGEST = 40;

/** The name, its right end above a point of the screen. */
function tag(full: string, [x, y]: Point): readonly SVGElement[] {
  if (full === '') return [];
  const letters = [...full];
  const name = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : full;
  const width = 10 + 8 * name.length;
  const label = svgElement('text', { x: `${x - width / 2}`, y: `${y - 7}` });
  label.textContent = name;
  return [
    svgElement('rect', { x: `${x - width}`, y: `${y - 22}`, width: `${width}`, height: '20', rx: '3' }),
    label,
  ];
}
