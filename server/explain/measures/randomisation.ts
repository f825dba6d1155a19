import { seededRandom } from '../../shared/random.ts';
import { DataType, parseModel, type TensorProto, writeModel } from '../graph/onnx.ts';

/**
 * The model with the weights of every layer shuffled within each tensor: same shapes, same distribution, nothing learned. An
 * explanation that hardly changes does not depend on what the model learned. Adebayo 2018; Quantus: `MPRT`, lower is better.
 */
export function randomiseWeights(model: Uint8Array, seed: number): Uint8Array {
  const parsed = parseModel(model);
  const random = seededRandom(seed);
  for (const tensor of parsed.graph.initializer) {
    if (tensor.dataType === DataType.FLOAT && tensor.dims.length >= 2) shuffle(tensor, random);
  }
  return writeModel(parsed);
}

/** Fisher–Yates over the tensor's floats, wherever it keeps them. */
function shuffle(tensor: TensorProto, random: () => number): void {
  const raw = Uint8Array.from(tensor.rawData);
  const values = raw.length ? new Float32Array(raw.buffer) : Float32Array.from(tensor.floatData);
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j] as number, values[i] as number];
  }
  tensor.rawData = new Uint8Array(values.buffer);
  tensor.floatData = [];
}
