import { type Ablatable, type Attribution, size } from '../subject.ts';

export interface AblationCamOptions {
  /** Only those with the largest |Σ activation × gradient|, a first guess at their share; each costs one run of the tail. */
  readonly channels?: number;
}

/**
 * ReLU(Σₖ wₖ Aᵏ) with wₖ the score that is lost when channel k is set to 0. Desai 2020, eq. 3–4, where wₖ is divided by the score:
 * left out here, for it changes the scale alone, and the sign where the score is negative.
 */
export async function ablationCam(
  subject: Ablatable,
  input: Float32Array,
  { channels = 64 }: AblationCamOptions = {},
): Promise<Attribution> {
  const { score, activation, gradient } = await subject.tap(input);
  const [count = 1, ...layerDims] = activation.dims;
  const space = size(layerDims);
  const guess = Float64Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let i = k * space; i < (k + 1) * space; i++)
      sum += (activation.data[i] as number) * (gradient.data[i] as number);
    return Math.abs(sum);
  });
  const tried = [...guess.keys()]
    .sort((a, b) => (guess[b] as number) - (guess[a] as number) || a - b)
    .slice(0, channels);
  const data = new Float32Array(space);
  for (const k of tried) {
    const without = activation.data.slice().fill(0, k * space, (k + 1) * space);
    const lost = score - (await subject.scoreFrom(input, without));
    for (let i = 0; i < space; i++)
      data[i] = (data[i] as number) + lost * (activation.data[k * space + i] as number);
  }
  return {
    method: 'ablationCam',
    dims: layerDims,
    data: data.map((v) => Math.max(v, 0)),
    parameters: {
      layer: subject.layer,
      grid: layerDims.join('x'),
      channels: tried.length,
      layerChannels: count,
    },
  };
}
