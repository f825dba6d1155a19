import { type Palette, STEPS } from '../../../server/shared/colour-map.ts';

/** For a legend: the same colours as a CSS gradient. */
export const gradientOf = (palette: Palette, direction: string): string =>
  `linear-gradient(${direction}, ${STEPS[palette].map((rgb) => `rgb(${rgb.join(' ')})`).join(', ')})`;
