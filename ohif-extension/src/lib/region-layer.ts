import type { Viewport } from '../host.ts';
import { edgeToWorld } from './geometry.ts';
import type { Region } from './result.ts';
import { closedPath, fillLayer, svgElement } from './svg.ts';

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
        const path = closedPath(corners);
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

const rightTop = (corners: readonly Point[]): Point => [
  Math.max(...corners.map(([x]) => x)),
  Math.min(...corners.map(([, y]) => y)),
];

/** Over the middle, where what has no outline is more likely to begin. */
function middleTop(corners: readonly Point[]): Point {
  const [right, top] = rightTop(corners);
  return [(right + Math.min(...corners.map(([x]) => x))) / 2, top];
}

/** The name, its right end above a point of the screen. */
function tag(name: string, [x, y]: Point): readonly SVGElement[] {
  const width = 10 + 8 * name.length;
  const label = svgElement('text', { x: `${x - width / 2}`, y: `${y - 7}` });
  label.textContent = name;
  return [
    svgElement('rect', { x: `${x - width}`, y: `${y - 22}`, width: `${width}`, height: '20', rx: '3' }),
    label,
  ];
}
