import { size } from './subject.ts';

/** A partition of an input's places (all channels of a place together) into regions 0..count−1. */
export interface Regions {
  /** [h, w] or [d, h, w]. */
  readonly dims: readonly number[];
  readonly label: Int32Array;
  readonly count: number;
}

/** The input with the places of the regions that are not kept taken from the baseline. Both [c, …space]. */
export function keepRegions(
  input: Float32Array,
  baseline: Float32Array,
  { regions, kept }: { readonly regions: Regions; readonly kept: (region: number) => boolean },
): Float32Array {
  const space = regions.label.length;
  const keep = Uint8Array.from({ length: regions.count }, (_, r) => (kept(r) ? 1 : 0));
  const made = input.slice();
  // A place at a time: methods make hundreds of these for one image.
  for (let place = 0; place < space; place++)
    if (!keep[regions.label[place] as number])
      for (let i = place; i < made.length; i += space) made[i] = baseline[i] as number;
  return made;
}

/** Values of regions painted on their places. */
export const paint = (regions: Regions, values: ArrayLike<number>): Float32Array =>
  Float32Array.from(regions.label, (r) => values[r] as number);

/** A grid of boxes of the given edge; those at the far ends may be smaller. */
export function gridRegions(dims: readonly number[], edge: number): Regions {
  const cells = dims.map((n) => Math.ceil(n / edge));
  const label = new Int32Array(size(dims));
  for (let i = 0; i < label.length; i++) {
    let rest = i;
    let region = 0;
    let scale = 1;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const n = dims[axis] as number;
      region += Math.floor((rest % n) / edge) * scale;
      scale *= cells[axis] as number;
      rest = Math.floor(rest / n);
    }
    label[i] = region;
  }
  return { dims, label, count: size(cells) };
}
