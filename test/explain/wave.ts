import type { Tensor } from '../../server/explain/graph/runtime.ts';

/** Smooth numbers without a random generator: `test/oracle/export_models.py` computes the same. */
export function wave(dims: readonly number[], phase: number): Tensor {
  const n = dims.reduce((a, b) => a * b, 1);
  const data = Float32Array.from(
    { length: n },
    (_, i) => Math.sin(1.7 * i + phase) + 0.5 * Math.sin(0.31 * i * (1 + ((0.01 * i) % 7))),
  );
  return { type: 'float32', dims, data };
}
