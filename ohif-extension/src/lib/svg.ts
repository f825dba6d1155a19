import type { Viewport } from '../host.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function svgElement(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The layer of ours with this class over a viewport, made when it is not there; without anything to show it goes. */
export function fillLayer(viewport: Viewport, name: string, shown: readonly SVGElement[]): void {
  const present = viewport.element.querySelector(`:scope > .${name}`);
  if (shown.length === 0) {
    present?.remove();
    return;
  }
  const layer = present ?? viewport.element.appendChild(svgElement('svg', { class: `pel ${name}` }));
  layer.replaceChildren(...shown);
}

/** A closed line through points on the screen. */
export const closedPath = (points: readonly (readonly [number, number])[]): string => `${openPath(points)}Z`;

export const openPath = (points: readonly (readonly [number, number])[]): string =>
  `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;

/** Slanting stripes to fill with, over a ground if there is one, by the name `id`. Colours come from the style sheet: `stripe`, `ground`. */
export function stripes(
  id: string,
  { apart, wide, hasGround = false }: { apart: number; wide: number; hasGround?: boolean },
): SVGElement {
  const size = `${apart}`;
  const pattern = svgElement('pattern', {
    id,
    width: size,
    height: size,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  });
  if (hasGround) pattern.append(svgElement('rect', { width: size, height: size, class: 'ground' }));
  pattern.append(svgElement('rect', { width: `${wide}`, height: size, class: 'stripe' }));
  return pattern;
}
