import type { Value } from '../graph/emitter.ts';
import { range } from '../graph/ops.ts';
import { axisOf, type Context, type Rules } from './rule.ts';
import { between, bools, int64, scalar } from './samples.ts';

/** Operators that cut out or add places: the adjoint puts back or cuts off. */

const x = (...dims: number[]) => between(-1, 1, dims);

export const CROP: Rules = {
  Slice: {
    differentiable: [0],
    constants: [1, 2, 3, 4],
    gradient: (c) => sliceAdjoint(c),
    samples: [
      { x: [x(4, 5)], a: { starts: [1, -4], ends: [3, 99], axes: [0, 1] }, opsets: [7] },
      { x: [x(4, 5)], a: { starts: [1], ends: [-1] }, opsets: [7] },
      { x: [x(4, 5), int64(1, -4), int64(-1, 99)], opsets: [10, 17, 22] },
      { x: [x(4, 9), int64(1), int64(8), int64(-1), int64(3)], opsets: [10, 17] },
      { x: [x(4, 9), int64(-2, 3), int64(-99, 1), int64(1, 0), int64(-2, -1)] },
      { x: [x(7), int64(6), int64(-99), int64(0), int64(-4)] },
      { x: [x(7), int64(99), int64(1), int64(0), int64(-2)] },
    ],
  },
  /** Zeros: cut them off. Repeated cells: add them up where they came from. */
  Pad: {
    differentiable: [0],
    constants: [1, 3],
    gradient: (c) => padAdjoint(c),
    samples: [
      { x: [x(2, 3)], a: { pads: [1, 0, 2, 1] }, opsets: [7, 10] },
      { x: [x(2, 3), int64(1, 0, 2, 1)], opsets: [11, 13, 17, 22] },
      { x: [x(4, 3), int64(-1, 2, -1, 0), scalar(5)] },
      { x: [x(2, 3, 4), int64(2, 1), null, int64(-1)], opsets: [18] },
      { x: [x(4, 5), int64(2, 1, 3, 4)], a: { mode: 'reflect' }, opsets: [11, 17] },
      { x: [x(4, 5), int64(2, 1, 3, 6)], a: { mode: 'edge' } },
      { x: [x(4, 5)], a: { mode: 'reflect', pads: [2, 1, 3, 4] }, opsets: [7] },
      { x: [x(4, 5), int64(2, 1, 3, 4)], a: { mode: 'wrap' }, opsets: [19] },
    ],
  },
  /** Keeps the entries that a constant list names. */
  Compress: {
    differentiable: [0],
    constants: [1],
    gradient: (c) => {
      const axis = c.a.has('axis') ? axisOf(c, 0) : c.refuse('it compresses all axes at once');
      const from = c.x(0).dims[axis] ?? 1;
      const places = c.constant(1).flatMap((kept, i) => (kept && i < from ? [i] : []));
      return backTo(c.e, c.g, { axis, from, places });
    },
    samples: [{ x: [x(3, 6), { ...bools([6]) }], a: { axis: 1 } }],
  },
};

function sliceAdjoint(c: Context): Value {
  const { e, a, g, x, has } = c;
  const { dims } = x(0);
  const given = (name: string, input: number) => (has(input) ? c.constant(input) : a.ints(name, []));
  const starts = given('starts', 1);
  const axes = [given('axes', 3), range(0, starts.length)].find((list) => list.length) ?? [];
  const steps = has(4) ? c.constant(4) : starts.map(() => 1);
  return axes.reduce((v, named, k) => {
    const axis = named < 0 ? named + dims.length : named;
    const from = dims[axis] ?? 1;
    const step = steps[k] ?? 1;
    const begin = starts[k] ?? 0;
    const first = Math.max(0, Math.min(begin < 0 ? begin + from : begin, step < 0 ? from - 1 : from));
    return spread(e, v, { axis, from, first, step });
  }, g);
}

/** Puts entries back at first, first + step, … of an axis that had `from` places; zeros between. */
function spread(
  e: Context['e'],
  v: Value,
  { axis, from, first, step }: { axis: number; from: number; first: number; step: number },
): Value {
  const count = v.dims[axis] ?? 0;
  const low = step < 0 ? first + (count - 1) * step : first;
  const ordered = step < 0 ? e.flip(v, [axis]) : v;
  const gap = Math.abs(step) - 1;
  const open = ordered.dims.flatMap((d, i) => (i === axis ? [d, 1] : [d]));
  const wide = e.pad(
    e.reshape(ordered, gap ? open : ordered.dims),
    (gap ? open : ordered.dims).map(() => 0),
    gap ? open.map((_, i) => (i === axis + 1 ? gap : 0)) : ordered.dims.map(() => 0),
  );
  const joined = e.reshape(
    wide,
    ordered.dims.map((d, i) => (i === axis ? d * (gap + 1) : d)),
  );
  const only = (n: number) => joined.dims.map((_, i) => (i === axis ? n : 0));
  return e.pad(joined, only(low), only(from - low - count * (gap + 1)));
}

function padAdjoint(c: Context): Value {
  const { e, a, g, x, has } = c;
  const { dims } = x(0);
  const rank = dims.length;
  const given = has(1) ? c.constant(1) : a.ints('pads', []);
  const axes = has(3) ? c.constant(3).map((axis) => (axis < 0 ? axis + rank : axis)) : range(0, rank);
  const at = (offset: number) =>
    dims.map((_, i) => (axes.includes(i) ? (given[axes.indexOf(i) + offset] ?? 0) : 0));
  const [before, after] = [at(0), at(axes.length)];
  const mode = a.text('mode', 'constant');
  if (mode === 'constant')
    return e.pad(
      g,
      before.map((p) => -p),
      after.map((p) => -p),
    );
  const source = SOURCES[mode] ?? c.refuse(`mode ${mode}`);
  return dims.reduce((v, from, axis) => {
    if (!before[axis] && !after[axis]) return v;
    const places = range(-(before[axis] ?? 0), from + (after[axis] ?? 0)).map((i) => source(i, from));
    return backTo(e, v, { axis, from, places });
  }, g);
}

/** Where a padded cell was copied from. */
const SOURCES: Readonly<Record<string, ((i: number, n: number) => number) | undefined>> = {
  edge: (i, n) => Math.min(n - 1, Math.max(0, i)),
  reflect: (i, n) => n - 1 - Math.abs(n - 1 - Math.abs(i)),
  wrap: (i, n) => ((i % n) + n) % n,
};

/** Adds each entry to the place it was copied from, along one axis. */
function backTo(
  e: Context['e'],
  v: Value,
  { axis, from, places }: { axis: number; from: number; places: readonly number[] },
): Value {
  const matrix = new Array<number>(from * places.length).fill(0);
  for (const [i, place] of places.entries()) matrix[place * places.length + i] = 1;
  return e.alongAxis(v, axis, { matrix, to: from });
}
