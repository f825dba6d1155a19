import type { Value } from '../graph/emitter.ts';
import { DataType } from '../graph/onnx.ts';
import { range, size } from '../graph/ops.ts';
import type { Context, Rules } from './rule.ts';
import { between, distinct } from './samples.ts';
import { reach, windowOf } from './window.ts';

const x = (...dims: number[]) => between(-1, 1, dims);

export const POOL: Rules = {
  /** g / cells, everywhere. */
  GlobalAveragePool: {
    gradient: ({ e, g, x }) => e.expand(e.mul(g, 1 / size(x(0).dims.slice(2))), x(0).dims),
    samples: [
      { x: [x(2, 3, 4, 5)], opsets: [7, 17], float32: true },
      { x: [x(1, 2, 3, 4, 2)], float32: true },
    ],
  },
  /** To the largest cell; ties share. */
  GlobalMaxPool: {
    gradient: ({ e, g, x, y }) => {
      const chosen = e.cast(e.atLeast(x(0), y), g.type);
      return e.mul(chosen, e.div(g, e.sum(chosen, range(2, g.dims.length))));
    },
    samples: [{ x: [distinct([2, 3, 4, 5])], opsets: [7, 17], float32: true }],
  },
  /** To the cell that was chosen: the pool is run again for its indices, which also settles ties as the forward did. */
  MaxPool: {
    moves: true,
    gradient: (c) => maxPoolAdjoint(c),
    samples: [
      { x: [distinct([2, 2, 6, 5])], a: { kernel_shape: [2, 2], strides: [2, 2] }, opsets: [9, 13, 17, 22] },
      {
        x: [distinct([1, 2, 7, 6])],
        a: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
        opsets: [9, 11, 16, 17],
      },
      {
        x: [distinct([1, 2, 7, 6])],
        a: { kernel_shape: [3, 2], strides: [2, 1], ceil_mode: 1 },
        opsets: [11, 17],
      },
      {
        x: [distinct([1, 1, 6, 6])],
        a: { kernel_shape: [2, 2], dilations: [2, 2], auto_pad: 'VALID' },
        opsets: [12, 17],
      },
      { x: [distinct([1, 1, 5, 6])], a: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' } },
      { x: [distinct([1, 2, 4, 4, 6])], a: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] } },
      { x: [distinct([1, 2, 9])], a: { kernel_shape: [3], strides: [2] } },
    ],
  },
  /** Each window gives each of its cells g / count. A linear map on each axis: run as one small matrix an axis. */
  AveragePool: {
    gradient: (c) => averagePoolAdjoint(c),
    samples: [
      {
        x: [x(1, 2, 6, 4)],
        a: { kernel_shape: [2, 2], strides: [2, 2] },
        opsets: [7, 17, 22],
        float32: true,
      },
      { x: [x(1, 2, 7, 5)], a: { kernel_shape: [2, 2], strides: [2, 2] }, float32: true },
      {
        x: [x(1, 2, 6, 5)],
        a: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
        opsets: [7, 17, 19],
        float32: true,
      },
      {
        x: [x(1, 2, 6, 5)],
        a: { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 0, 1, 1], count_include_pad: 1 },
        opsets: [7, 19],
        float32: true,
      },
      {
        x: [x(1, 2, 6, 6)],
        a: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
        opsets: [11, 19],
        float32: true,
      },
      {
        x: [x(1, 2, 6, 6)],
        a: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [0, 1, 0, 0], count_include_pad: 1 },
        opsets: [11, 19],
        float32: true,
      },
      {
        x: [x(1, 2, 5, 6)],
        a: { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_LOWER' },
        float32: true,
      },
      { x: [x(1, 1, 7, 6)], a: { kernel_shape: [2, 2], dilations: [2, 1] }, opsets: [19], float32: true },
      { x: [x(1, 2, 4, 4, 6)], a: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }, float32: true },
      { x: [x(1, 2, 9)], a: { kernel_shape: [3], strides: [2] }, float32: true },
    ],
  },
};

function maxPoolAdjoint(c: Context): Value {
  const { e, a, g, x, y } = c;
  const given = (name: string) => (a.has(name) ? a.ints(name, []) : undefined);
  const places = e.op('MaxPool', [x(0)], {
    dims: y.dims,
    type: DataType.INT64,
    output: 1,
    attributes: {
      kernel_shape: a.ints('kernel_shape', []),
      strides: given('strides'),
      pads: given('pads'),
      dilations: given('dilations'),
      auto_pad: a.has('auto_pad') ? a.text('auto_pad', 'NOTSET') : undefined,
      ceil_mode: a.has('ceil_mode') ? a.int('ceil_mode', 0) : undefined,
    },
  });
  const { kernel, strides, dilations } = windowOf(c, a.ints('kernel_shape', []));
  const overlap = kernel.map((_, i) => Math.ceil(reach(kernel, dilations, i) / (strides[i] ?? 1)));
  const none = e.zeros([size(x(0).dims)], g.type);
  const scatter = (at: Value, values: Value, reduction?: string): Value => {
    const flat = (v: Value) => e.reshape(v, [size(v.dims)]);
    const op =
      e.opset >= 11 ? 'ScatterElements' : e.opset >= 9 ? 'Scatter' : c.refuse('needs op set 9 or later');
    return e.op(op, [none, flat(at), flat(values)], { dims: none.dims, attributes: { axis: 0, reduction } });
  };
  if (overlap.every((n) => n === 1)) return e.reshape(scatter(places, g), x(0).dims);
  if (e.opset >= 16) return e.reshape(scatter(places, g, 'add'), x(0).dims);
  return e.reshape(
    e.total(everyNth(c, overlap).map((cut) => scatter(cut(places), cut(g)))) ?? none,
    x(0).dims,
  );
}

/** Before op set 16 a scatter cannot add: windows that lie far enough apart not to overlap are scattered together. */
function everyNth({ e, y }: Context, steps: readonly number[]): readonly ((v: Value) => Value)[] {
  const axes = range(2, y.dims.length);
  const ends = y.dims.slice(2);
  const starts = steps.reduce<readonly (readonly number[])[]>(
    (all, n) => all.flatMap((s) => range(0, n).map((k) => [...s, k])),
    [[]],
  );
  return starts
    .filter((s) => s.every((k, i) => k < (ends[i] ?? 0)))
    .map((s) => (v: Value) => e.slice(v, { axes, starts: s, ends, steps }));
}

function averagePoolAdjoint(c: Context): Value {
  const { e, a, g, x } = c;
  const { kernel, strides, dilations, before, after } = windowOf(c, a.ints('kernel_shape', []));
  const countPads = a.int('count_include_pad', 0) === 1;
  return kernel.reduce((v, taps, i) => {
    const from = x(0).dims[2 + i] ?? 1;
    const to = g.dims[2 + i] ?? 1;
    const matrix = new Array<number>(from * to).fill(0);
    for (let o = 0; o < to; o++) {
      const start = o * (strides[i] ?? 1) - (before[i] ?? 0);
      const cells = range(0, taps).map((k) => start + k * (dilations[i] ?? 1));
      const inside = cells.filter((cell) => cell >= 0 && cell < from);
      const padded = cells.filter((cell) => cell < from + (after[i] ?? 0));
      const count = countPads ? padded.length : inside.length;
      for (const cell of inside) matrix[cell * to + o] = 1 / count;
    }
    return e.alongAxis(v, 2 + i, { matrix, to: from });
  }, g);
}
