/** Colours of values in pictures, pages and the panel alike: perceptually even and safe for the colour-blind, dark is little. */

/** sRGB, 8 bit. */
export type Rgb = readonly [number, number, number];

/** Matplotlib's maps at eleven even steps, 8 bit. */
export const STEPS = {
  inferno: [
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
  ],
  viridis: [
    [68, 1, 84],
    [72, 36, 117],
    [65, 68, 135],
    [53, 95, 141],
    [42, 120, 142],
    [33, 145, 140],
    [34, 168, 132],
    [68, 191, 112],
    [122, 209, 81],
    [189, 223, 38],
    [253, 231, 37],
  ],
  cividis: [
    [0, 34, 78],
    [8, 51, 112],
    [53, 69, 108],
    [79, 87, 108],
    [102, 105, 112],
    [125, 124, 120],
    [148, 142, 119],
    [174, 163, 113],
    [200, 184, 102],
    [229, 207, 82],
    [254, 232, 56],
  ],
} as const satisfies Record<string, readonly Rgb[]>;

export const PALETTES = ['inferno', 'viridis', 'cividis'] as const;
export type Palette = (typeof PALETTES)[number];

/** What speaks against a finding: blue, and hatched wherever it is drawn, so that no colour is the only sign. */
export const AGAINST: Rgb = [96, 165, 255];

/** A declared low of 0 comes back from stored numbers as almost 0. */
const NEARLY = 1e-4;

/** Where evidence says nothing, the strongest of it, for or against, and whether anything speaks against. */
export interface EvidenceScale {
  readonly zero: number;
  readonly limit: number;
  readonly hasAgainst: boolean;
}

/** One scale for both sides: so weak evidence stays dim beside strong evidence against. The range is the declared one, `least` the least value of all. */
export function evidenceScale([low, high]: readonly [number, number], least: number): EvidenceScale {
  const zero = low > NEARLY * (high - low) ? low : 0;
  const hasAgainst = zero === 0 && least < -NEARLY * (high - low);
  return { zero, limit: Math.max(high - zero, hasAgainst ? -least : 0) || 1, hasAgainst };
}

/** Evidence for a finding that is not there is never dimmer than this: what is drawn must be seen. */
const DIMMEST = 0.2;

/** How far the colours of evidence go, 0..1, where nothing speaks against: dimmed by how far the score stays under its threshold. */
export const weightOf = (score: number, threshold: number): number =>
  score >= threshold ? 1 : Math.max(DIMMEST, score / threshold);

/** Colour of a share of the strongest; `share` is clamped to 0..1. */
export function colourOf(palette: Palette, share: number): Rgb {
  const steps: readonly Rgb[] = STEPS[palette];
  const at = Math.min(1, Math.max(0, share)) * (steps.length - 1);
  const i = Math.min(steps.length - 2, Math.floor(at));
  const [from, to] = [steps[i] as Rgb, steps[i + 1] as Rgb];
  const mix = (k: 0 | 1 | 2) => Math.round(from[k] + (to[k] - from[k]) * (at - i));
  return [mix(0), mix(1), mix(2)];
}
