/** Where a model keeps its channels: before the space (`NCHW`) or behind it (`NHWC`). Methods know only the first. */
export type Layout = 'NCHW' | 'NHWC';

/** [1, c, …space] as the model has it. */
export const layoutDims = (layout: Layout, [n = 1, c = 1, ...space]: readonly number[]): readonly number[] =>
  layout === 'NCHW' ? [n, c, ...space] : [n, ...space, c];

/** [c, …space] as the model reads it. */
export const intoLayout = (layout: Layout, data: Float32Array, channels: number): Float32Array =>
  layout === 'NCHW' ? data : transposed(data, channels);

/** What the model gave, as [c, …space]. */
export const fromLayout = (layout: Layout, data: Float32Array, channels: number): Float32Array =>
  layout === 'NCHW' ? data : transposed(data, data.length / channels);

/** [n, m] as [m, n]. */
function transposed(data: Float32Array, n: number): Float32Array {
  const m = data.length / n;
  const out = new Float32Array(data.length);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[j * n + i] = data[i * m + j] as number;
  return out;
}
