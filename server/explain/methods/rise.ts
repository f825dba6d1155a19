import { seededRandom } from '../../shared/random.ts';
import { interpolate } from '../enlarge.ts';
import { type Attribution, type Subject, scoreOf, size } from '../subject.ts';

export interface RiseOptions {
  readonly baseline: Float32Array;
  readonly nMasks: number;
  /** Cells of the random grid along each axis. */
  readonly cells?: number;
  /** Probability that a cell is kept. */
  readonly kept?: number;
  readonly seed?: number;
}

/**
 * Σ score(masked input)·mask over random smooth masks, divided by what each place was kept: the mean score given that the
 * place is seen. Petsiuk 2018, eq. 6; masks blend the input with the baseline.
 */
export async function rise(
  subject: Subject,
  input: Float32Array,
  { baseline, nMasks, cells = 7, kept = 0.5, seed = 1 }: RiseOptions,
): Promise<Attribution> {
  const dims = subject.dims.slice(1);
  const space = size(dims);
  const random = seededRandom(seed);
  const weighted = new Float64Array(space);
  const seen = new Float64Array(space);
  for (let n = 0; n < nMasks; n++) {
    const mask = smoothMask(dims, { cells, kept, random });
    const masked = input.map((v, i) => {
      const m = mask[i % space] as number;
      return m * v + (1 - m) * (baseline[i] as number);
    });
    const score = await scoreOf(subject, masked);
    for (let i = 0; i < space; i++) {
      weighted[i] = (weighted[i] as number) + score * (mask[i] as number);
      seen[i] = (seen[i] as number) + (mask[i] as number);
    }
  }
  return {
    method: 'rise',
    dims,
    data: Float32Array.from(weighted, (w, i) => ((seen[i] as number) > 0 ? w / (seen[i] as number) : 0)),
    parameters: { nMasks, cells, kept, seed },
  };
}

/** A random grid of zeros and ones, stretched multilinearly to the input and shifted by part of a cell. */
function smoothMask(
  dims: readonly number[],
  { cells, kept, random }: { readonly cells: number; readonly kept: number; readonly random: () => number },
): Float32Array {
  const points = cells + 2;
  const grid = Float32Array.from({ length: points ** dims.length }, () => (random() < kept ? 1 : 0));
  const axes = dims.map((n) => {
    const shift = random();
    return Array.from({ length: n }, (_, i) => {
      const at = (i * cells) / n + shift;
      return { cell: Math.floor(at), part: at - Math.floor(at) };
    });
  });
  return interpolate(
    grid,
    dims.map(() => points),
    axes,
  );
}
