import type { Tap } from '../../contracts.ts';
import { type Attribution, size, type Tapped } from '../subject.ts';

/** Maps from one layer: A is its activation [k, …space], G = ∂score/∂A. All are ≥ 0, unnormalised, on the layer's grid. */

/** ReLU(Σₖ αₖ Aᵏ), αₖ = spatial mean of Gᵏ. Selvaraju 2017, eq. 1–2. */
export const gradCam = (subject: Tapped, input: Float32Array): Promise<Attribution> =>
  layerMap('gradCam', subject, input, (layer) => {
    const weights = perChannel(layer, (k) => mean(layer, k, (_, g) => g));
    return (k, _, a) => (weights[k] as number) * a;
  });

/**
 * Grad-CAM with αₖ = Σ w·ReLU(G), w = G² / (2G² + G³ ΣA) where G is not 0. Chattopadhay 2018, eq. 19, for a score that is the
 * exponential of the target.
 */
export const gradCamPlusPlus = (subject: Tapped, input: Float32Array): Promise<Attribution> =>
  layerMap('gradCamPlusPlus', subject, input, (layer) => {
    const weights = perChannel(layer, (k) => {
      const total = mean(layer, k, (a) => a) * layer.space;
      return (
        mean(layer, k, (_, g) =>
          g === 0 ? 0 : (g ** 2 / (2 * g ** 2 + g ** 3 * total + 1e-6)) * Math.max(g, 0),
        ) * layer.space
      );
    });
    return (k, _, a) => (weights[k] as number) * a;
  });

/** ReLU(Σₖ Gᵏ ⊙ Aᵏ): faithful for heads that are not global pooling. Draelos 2020. */
export const hiResCam = (subject: Tapped, input: Float32Array): Promise<Attribution> =>
  layerMap('hiResCam', subject, input, () => (_, g, a) => g * a);

/** ReLU(Σₖ ReLU(Gᵏ) ⊙ Aᵏ): fine maps from early layers. Jiang 2021, eq. 5–7. */
export const layerCam = (subject: Tapped, input: Float32Array): Promise<Attribution> =>
  layerMap('layerCam', subject, input, () => (_, g, a) => Math.max(g, 0) * a);

/** The activation's first principal component over the channels; it does not know the target. Muhammad 2020. */
export async function eigenCam(subject: Tapped, input: Float32Array): Promise<Attribution> {
  const layer = layerOf(await subject.tap(input));
  const direction = principalDirection(layer);
  const data = new Float32Array(layer.space);
  for (let k = 0; k < layer.channels; k++) {
    for (let i = 0; i < layer.space; i++)
      data[i] = (data[i] as number) + (direction[k] as number) * at(layer.a, layer, k, i);
  }
  return attribution('eigenCam', subject, layer, data);
}

interface Layer {
  readonly channels: number;
  readonly space: number;
  readonly spaceDims: readonly number[];
  readonly a: Float32Array;
  readonly g: Float32Array;
}

async function layerMap(
  method: string,
  subject: Tapped,
  input: Float32Array,
  termOf: (layer: Layer) => (k: number, g: number, a: number) => number,
): Promise<Attribution> {
  const layer = layerOf(await subject.tap(input));
  const term = termOf(layer);
  const data = new Float32Array(layer.space);
  for (let k = 0; k < layer.channels; k++) {
    for (let i = 0; i < layer.space; i++) {
      data[i] = (data[i] as number) + term(k, at(layer.g, layer, k, i), at(layer.a, layer, k, i));
    }
  }
  return attribution(method, subject, layer, data);
}

const attribution = (method: string, subject: Tapped, layer: Layer, data: Float32Array): Attribution => ({
  method,
  dims: layer.spaceDims,
  data: data.map((v) => Math.max(v, 0)),
  parameters: { layer: subject.layer, grid: layer.spaceDims.join('x') },
});

function layerOf({ activation, gradient }: { activation: Tap; gradient: Tap }): Layer {
  const [channels = 1, ...spaceDims] = activation.dims;
  return { channels, spaceDims, space: size(spaceDims), a: activation.data, g: gradient.data };
}

const at = (data: Float32Array, { space }: Layer, k: number, i: number): number =>
  data[k * space + i] as number;

const perChannel = ({ channels }: Layer, weight: (k: number) => number): Float64Array =>
  Float64Array.from({ length: channels }, (_, k) => weight(k));

function mean(layer: Layer, k: number, value: (a: number, g: number) => number): number {
  let sum = 0;
  for (let i = 0; i < layer.space; i++) sum += value(at(layer.a, layer, k, i), at(layer.g, layer, k, i));
  return sum / layer.space;
}

/** First eigenvector of the channels' scatter matrix, by power iteration; signed so that the map's sum is ≥ 0. */
function principalDirection(layer: Layer): Float64Array {
  const { channels, space, a } = layer;
  let direction = new Float64Array(channels).fill(1 / Math.sqrt(channels));
  for (let round = 0; round < 200; round++) {
    const map = new Float64Array(space);
    for (let k = 0; k < channels; k++)
      for (let i = 0; i < space; i++)
        map[i] = (map[i] as number) + (direction[k] as number) * at(a, layer, k, i);
    const next = Float64Array.from({ length: channels }, (_, k) =>
      map.reduce((sum, m, i) => sum + m * at(a, layer, k, i), 0),
    );
    const norm = Math.hypot(...next);
    if (norm === 0) return direction;
    const turned = Math.hypot(...next.map((v, k) => v / norm - (direction[k] as number)));
    direction = next.map((v) => v / norm);
    if (turned < 1e-9) break;
  }
  const total = direction.reduce((sum, d, k) => sum + d * mean(layer, k, (v) => v), 0);
  return total < 0 ? direction.map((d) => -d) : direction;
}
