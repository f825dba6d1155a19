import type { Viewport } from '../host.ts';
import { edgeToWorld } from './geometry.ts';
import type { Region } from './result.ts';

const SVG = 'http://www.w3.org/2000/svg';
const CLASS = 'pel-regions';

/**
 * Outlines of regions with their names, over the current image of a stack. Drawn anew at each call, so that it follows the
 * camera; call it whenever the image was rendered. Without regions the layer goes.
 */
export function drawRegions(viewport: Viewport, regions: readonly Region[]): void {
  const image = viewport.getImageData?.();
  const present = viewport.element.querySelector(`:scope > .${CLASS}`);
  if (!image || regions.length === 0) {
    present?.remove();
    return;
  }
  const layer = present ?? viewport.element.appendChild(element('svg', { class: `pel ${CLASS}` }));
  layer.replaceChildren(
    ...regions.flatMap((region, i) => {
      const corners = region.points.map(([column, row]) =>
        viewport.worldToCanvas(edgeToWorld(image, column, row)),
      );
      const path = `M${corners.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`;
      const dashes = i === 0 ? {} : { 'stroke-dasharray': '6 4' };
      return [
        element('path', { class: 'halo', d: path }),
        element('path', { class: 'line', d: path, ...dashes }),
        ...tag(region.name, corners),
      ];
    }),
  );
}

/** The name at the upper right corner, as it lies on the screen. */
function tag(name: string, corners: readonly (readonly [number, number])[]): readonly SVGElement[] {
  const x = Math.max(...corners.map(([cx]) => cx));
  const y = Math.min(...corners.map(([, cy]) => cy));
  const width = 10 + 8 * name.length;
  const label = element('text', { x: `${x - width / 2}`, y: `${y - 7}` });
  label.textContent = name;
  return [
    element('rect', { x: `${x - width}`, y: `${y - 22}`, width: `${width}`, height: '20', rx: '3' }),
    label,
  ];
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
