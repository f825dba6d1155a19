import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Attribution, Tapped } from '../server/explain/subject.ts';

export const EDGE = 224;
const CAM_BIAS = 0.07773921638727188;

/** The chest model as a subject: its score is the probability; its layer is the one before the pooling. */
export class ChestSubject implements Tapped {
  readonly dims = [1, EDGE, EDGE];
  readonly layer = 'features';
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async open(path: string): Promise<ChestSubject> {
    return new ChestSubject(await InferenceSession.create(path, { logSeverityLevel: 3 }));
  }

  async score(inputs: readonly Float32Array[]): Promise<readonly number[]> {
    const scores: number[] = [];
    for (const input of inputs) scores.push((await this.#run(input, ['prob'])).prob?.[0] as number);
    return scores;
  }

  /** The activation; the methods used here need no gradient of it. */
  async tap(input: Float32Array) {
    const { features, prob } = await this.#run(input, ['features', 'prob']);
    const activation = { dims: [128, 14, 14], data: features as Float32Array };
    return {
      score: prob?.[0] as number,
      activation,
      gradient: { dims: activation.dims, data: new Float32Array(128 * 196) },
    };
  }

  async exactMap(input: Float32Array): Promise<Attribution> {
    const { cam } = await this.#run(input, ['cam']);
    return { method: 'exactCam', dims: [14, 14], data: cam as Float32Array, parameters: {} };
  }

  /** |logit − (mean(cam) + constant)| */
  async completenessGap(input: Float32Array): Promise<number> {
    const { cam = new Float32Array(), logit } = await this.#run(input, ['cam', 'logit']);
    return Math.abs((logit?.[0] as number) - (cam.reduce((a, b) => a + b, 0) / cam.length + CAM_BIAS));
  }

  async #run(
    input: Float32Array,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, Float32Array | undefined>>> {
    const results = await this.#session.run({ input: new Tensor('float32', input, [1, 1, EDGE, EDGE]) }, [
      ...fetches,
    ]);
    return Object.fromEntries(fetches.map((name) => [name, results[name]?.data as Float32Array]));
  }
}
