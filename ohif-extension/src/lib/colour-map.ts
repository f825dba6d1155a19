/** Colours of values: perceptually even and safe for the colour-blind, dark is little. */

type Rgb = readonly [number, number, number];

/** Matplotlib's inferno at eleven even steps, 8 bit. */
const INFERNO: readonly Rgb[] = [
  [0, 0, 4],
  [22, 11, 57],
  [66, 10, 104],
  [106, 23, 110],
  [147, 38, 103],
  [188, 55, 84],
  [221, 81, 58],
  [243, 120, 25],
  [252, 165, 10],
  [246, 215, 70],
  [252, 255, 164],
];

/** `share` is clamped to 0..1. */
export function inferno(share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (INFERNO.length - 1);
  const i = Math.min(INFERNO.length - 2, Math.floor(at));
  const [from, to] = [INFERNO[i] as Rgb, INFERNO[i + 1] as Rgb];
  return from.map((c, k) => Math.round(c + ((to[k] as number) - c) * (at - i))) as unknown as Rgb;
}

/** For a legend: the same colours as a CSS gradient. */
export const infernoGradient = (direction: string): string =>
  `linear-gradient(${direction}, ${INFERNO.map(([r, g, b]) => `rgb(${r} ${g} ${b})`).join(', ')})`;
