import { Fault } from '../../shared/fault.ts';
import { type Attribution, scoreOf, size, type Tapped } from '../subject.ts';

/** A subject that may have a linear head: `exactLayer` is the value that its score is pooled from. */
export interface LinearHead extends Tapped {
  readonly exactLayer: string | undefined;
}

/** The map may differ from the score by this much, relative to the larger of 1 and the score: float32 sums of many cells. */
const TOLERANCE = 1e-4;

export interface ExactMap extends Attribution {
  /** score = Σ data + bias. */
  readonly bias: number;
  /** What is missing from that identity on this input. */
  readonly completenessGap: number;
}

/**
 * The exact class activation map of a model whose head is global average pooling and a linear unit: Σₖ Gᵏ ⊙ Aᵏ, signed; its sum
 * and a constant are the score (Zhou 2016). The constant is read off at the baseline and the identity checked at the input.
 * Throws MODEL_INPUT_MISMATCH for other heads and layers, EXPLANATION_UNFAITHFUL when the sum is not the score.
 */
export async function exactCam(
  subject: LinearHead,
  input: Float32Array,
  baseline: Float32Array,
): Promise<ExactMap> {
  if (!subject.exactLayer || subject.layer !== subject.exactLayer) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      subject.exactLayer
        ? `exactCam needs the layer ${subject.exactLayer}, not ${subject.layer}`
        : 'exactCam needs a head of global average pooling and one linear unit; hiResCam serves other heads',
    );
  }
  const { data, dims } = await shares(subject, input);
  const elsewhere = await shares(subject, baseline);
  const bias = (await scoreOf(subject, baseline)) - sum(elsewhere.data);
  const score = await scoreOf(subject, input);
  const completenessGap = Math.abs(score - (sum(data) + bias));
  if (!(completenessGap <= TOLERANCE * Math.max(1, Math.abs(score)))) {
    throw new Fault(
      'EXPLANATION_UNFAITHFUL',
      `the class activation map differs from the score by ${completenessGap.toExponential(2)}`,
    );
  }
  return {
    method: 'exactCam',
    dims,
    data,
    parameters: { layer: subject.layer, grid: dims.join('x') },
    bias,
    completenessGap,
  };
}

/** Σₖ Gᵏ ⊙ Aᵏ on the layer's grid. */
async function shares(
  subject: Tapped,
  input: Float32Array,
): Promise<{ data: Float32Array; dims: readonly number[] }> {
  const { activation, gradient } = await subject.tap(input);
  const dims = activation.dims.slice(1);
  const space = size(dims);
  const data = new Float32Array(space);
  activation.data.forEach((a, i) => {
    data[i % space] = (data[i % space] as number) + a * (gradient.data[i] as number);
  });
  return { data, dims };
}

const sum = (data: Float32Array): number => data.reduce((a, b) => a + b, 0);
