import { gridRegions, keepRegions, paint, type Regions } from '../regions.ts';
import type { Attribution, Subject } from '../subject.ts';
import { scoreOf } from '../subject.ts';

export interface OcclusionOptions {
  readonly baseline: Float32Array;
  /** Edge of the boxes in places. */
  readonly windowSize: number;
  readonly perturbationsPerEval?: number;
}

/** Score lost when a box is replaced by the baseline, painted on the box; boxes do not overlap. Zeiler 2014. */
export async function occlusion(
  subject: Subject,
  input: Float32Array,
  options: OcclusionOptions,
): Promise<Attribution> {
  const regions = gridRegions(subject.dims.slice(1), options.windowSize);
  const lost = await lossOfEach(subject, input, {
    ...options,
    regions,
    which: Array.from({ length: regions.count }, (_, r) => r),
  });
  return {
    method: 'occlusion',
    dims: regions.dims,
    data: paint(regions, lost),
    parameters: { windowSize: options.windowSize, forwards: regions.count + 1 },
  };
}

export interface CoarseToFineOptions extends OcclusionOptions {
  /** Boxes of this edge are divided last. */
  readonly finest: number;
  /** Share of the boxes of each level that are divided, by what they lost or gained. */
  readonly divided?: number;
}

/**
 * Occlusion that looks closer where it matters: the boxes with the largest effect are halved along each axis, down to
 * `finest`. A place carries the effect of the smallest box that was tried on it, per place.
 */
export async function occlusionCoarseToFine(
  subject: Subject,
  input: Float32Array,
  options: CoarseToFineOptions,
): Promise<Attribution> {
  const dims = subject.dims.slice(1);
  const divided = options.divided ?? 0.25;
  const data = new Float32Array(gridRegions(dims, 1).label.length);
  let forwards = 1;
  let active: Uint8Array | undefined;
  for (let edge = options.windowSize; edge >= options.finest; edge = Math.floor(edge / 2)) {
    const regions = gridRegions(dims, edge);
    const which = regionsWithin(regions, active);
    const lost = await lossOfEach(subject, input, { ...options, regions, which });
    forwards += which.length;
    const sizes = new Float64Array(regions.count);
    for (const r of regions.label) sizes[r] = (sizes[r] as number) + 1;
    const tried = new Set(which);
    regions.label.forEach((r, i) => {
      if (tried.has(r)) data[i] = (lost[r] as number) / (sizes[r] as number);
    });
    const best = [...which].sort((a, b) => Math.abs(lost[b] as number) - Math.abs(lost[a] as number));
    const chosen = new Set(best.slice(0, Math.max(1, Math.ceil(divided * best.length))));
    active = Uint8Array.from(regions.label, (r) => (chosen.has(r) ? 1 : 0));
  }
  return {
    method: 'occlusionCoarseToFine',
    dims,
    data,
    parameters: { windowSize: options.windowSize, finest: options.finest, divided, forwards },
  };
}

interface Loss {
  readonly baseline: Float32Array;
  readonly regions: Regions;
  readonly which: readonly number[];
  readonly perturbationsPerEval?: number;
}

/** score(input) − score(input without region r), by region; 0 for those not asked for. */
export async function lossOfEach(
  subject: Subject,
  input: Float32Array,
  { baseline, regions, which, perturbationsPerEval = 1 }: Loss,
): Promise<Float64Array> {
  const whole = await scoreOf(subject, input);
  const lost = new Float64Array(regions.count);
  for (let at = 0; at < which.length; at += perturbationsPerEval) {
    const batch = which.slice(at, at + perturbationsPerEval);
    const scores = await subject.score(
      batch.map((r) => keepRegions(input, baseline, { regions, kept: (k) => k !== r })),
    );
    for (const [i, r] of batch.entries()) lost[r] = whole - (scores[i] as number);
  }
  return lost;
}

const regionsWithin = ({ label, count }: Regions, active: Uint8Array | undefined): readonly number[] =>
  active ? [...new Set(label.filter((_, i) => active[i]))] : Array.from({ length: count }, (_, r) => r);
