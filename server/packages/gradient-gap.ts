import type { Differentiable } from '../explain/subject.ts';
import { median } from './planned.ts';

/** Lengths of the step: a long one crosses kinks of ReLU and pooling, a short one drowns in rounding. */
const STEPS = [0.02, 0.004, 0.0008] as const;

/**
 * How far gradients are off, as a part of themselves: along each gradient the score must grow by what it says, by finite differences. The
 * median of the inputs, at the best of three steps: a wrong gradient is off at each. NaN when all gradients are zero.
 */
export async function gradientGap(
  subject: Pick<Differentiable, 'gradient' | 'score'>,
  inputs: readonly Float32Array[],
): Promise<number> {
  const gaps = STEPS.map((): number[] => []);
  for (const input of inputs) {
    const { gradient } = await subject.gradient(input);
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    if (norm === 0) continue;
    for (const [i, length] of STEPS.entries()) {
      const step = length / norm;
      const [up = 0, down = 0] = await subject.score(
        [step, -step].map((s) => input.map((v, at) => v + s * (gradient[at] as number))),
      );
      gaps[i]?.push(Math.abs((up - down) / (2 * step) / norm ** 2 - 1));
    }
  }
  return Math.min(...gaps.map(median));
}
