import { size } from './subject.ts';

const BINS = 256;

/**
 * 1 where the channels' mean is above Otsu's threshold (Otsu 1979, 256 bins from minimum to maximum), else 0: the body against
 * the air, where air is dark. An input without contrast is tissue everywhere. `input` is [c, …space], the result […space].
 */
export function tissueOf(input: Float32Array, dims: readonly number[]): Uint8Array {
  const mean = channelMean(input, dims);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of mean) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!(high > low)) return new Uint8Array(mean.length).fill(1);
  const binOf = (v: number) => Math.min(BINS - 1, Math.floor(((v - low) / (high - low)) * BINS));
  const counts = new Float64Array(BINS);
  for (const v of mean) counts[binOf(v)] = (counts[binOf(v)] as number) + 1;
  const last = otsu(counts);
  return Uint8Array.from(mean, (v) => (binOf(v) > last ? 1 : 0));
}

/** The last bin of the lower class, chosen so that the variance between the classes is largest. */
function otsu(counts: Float64Array): number {
  const n = counts.reduce((a, b) => a + b, 0);
  const total = counts.reduce((sum, count, bin) => sum + count * bin, 0);
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  let [below, sum] = [0, 0];
  for (let bin = 0; bin < counts.length - 1; bin++) {
    below += counts[bin] as number;
    sum += bin * (counts[bin] as number);
    if (below === 0 || below === n) continue;
    const between = below * (n - below) * (sum / below - (total - sum) / (n - below)) ** 2;
    if (between > most) [most, best] = [between, bin];
  }
  return best;
}

function channelMean(input: Float32Array, dims: readonly number[]): Float32Array {
  const [channels = 1, ...spaceDims] = dims;
  if (channels === 1) return input;
  const space = size(spaceDims);
  const mean = new Float32Array(space);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < space; i++)
      mean[i] = (mean[i] as number) + (input[c * space + i] as number) / channels;
  return mean;
}
