import { enlarge } from '../enlarge.ts';
import { type Attribution, scoreOf, size, type Tapped } from '../subject.ts';

export interface ScoreCamOptions {
  readonly baseline: Float32Array;
  /** Only the channels with the largest activation range; each costs one forward. */
  readonly channels?: number;
}

/**
 * ReLU(Σₖ wₖ Aᵏ) with wₖ the softmax over channels of score(input seen through Aᵏ): no gradient is used. Wang 2020, eq. 6–8.
 * The channel, enlarged to the input and then scaled to 0..1, blends the input with the baseline.
 */
export async function scoreCam(
  subject: Tapped,
  input: Float32Array,
  { baseline, channels = 64 }: ScoreCamOptions,
): Promise<Attribution> {
  const { activation } = await subject.tap(input);
  const [count = 1, ...layerDims] = activation.dims;
  const layerSpace = size(layerDims);
  const space = size(subject.dims.slice(1));
  const ranges = Array.from({ length: count }, (_, k) => {
    const own = activation.data.subarray(k * layerSpace, (k + 1) * layerSpace);
    return { own, ...extent(own) };
  });
  const best = ranges
    .filter(({ range }) => range > 0)
    .sort((a, b) => b.range - a.range)
    .slice(0, channels);
  const none = await scoreOf(subject, baseline);
  const gains: number[] = [];
  for (const { own } of best) {
    const mask = enlarge(own, layerDims, subject.dims.slice(1));
    const { low, range } = extent(mask);
    const seen = input.map((v, i) => {
      const m = ((mask[i % space] as number) - low) / (range || 1);
      return m * v + (1 - m) * (baseline[i] as number);
    });
    gains.push((await scoreOf(subject, seen)) - none);
  }
  const top = gains.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exponentials = gains.map((g) => Math.exp(g - top));
  const total = exponentials.reduce((a, b) => a + b, 0);
  const data = new Float32Array(layerSpace);
  for (const [n, { own }] of best.entries()) {
    for (let i = 0; i < layerSpace; i++)
      data[i] = (data[i] as number) + ((exponentials[n] as number) / total) * (own[i] as number);
  }
  return {
    method: 'scoreCam',
    dims: layerDims,
    data: data.map((v) => Math.max(v, 0)),
    parameters: { layer: subject.layer, channels: best.length },
  };
}

function extent(values: Float32Array): { readonly low: number; readonly range: number } {
  const low = values.reduce((a, b) => Math.min(a, b));
  return { low, range: values.reduce((a, b) => Math.max(a, b)) - low };
}
