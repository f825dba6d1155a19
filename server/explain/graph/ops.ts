import { Emitter, type Value } from './emitter.ts';
import { DataType, float } from './onnx.ts';

/** A number stands for a scalar of the other operand's type. */
export type Operand = Value | number;

export const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
export const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** NumPy's broadcasting. */
export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [p, q] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return p === 1 ? q : p;
  });
}

export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

export const without = (dims: readonly number[], axes: readonly number[]): readonly number[] =>
  dims.filter((_, i) => !axes.includes(i));

/** The dims with 1 on the axes. */
export const kept = (dims: readonly number[], axes: readonly number[]): readonly number[] =>
  dims.map((d, i) => (axes.includes(i) ? 1 : d));

export interface Cut {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Positive. */
  readonly steps?: readonly number[];
}

/** A value in a longer one that is zero elsewhere. */
interface Placed {
  readonly x: Value;
  readonly axis: number;
  readonly at: number;
}

/** Operators as functions of values, written so that op sets 7–22 understand them. */
export class Ops extends Emitter {
  readonly add = (a: Operand, b: Operand): Value => this.#binary('Add', a, b);
  readonly sub = (a: Operand, b: Operand): Value => this.#binary('Sub', a, b);
  readonly mul = (a: Operand, b: Operand): Value => this.#binary('Mul', a, b);
  readonly div = (a: Operand, b: Operand): Value => this.#binary('Div', a, b);
  readonly pow = (a: Operand, b: Operand): Value => this.#binary('Pow', a, b);
  readonly greater = (a: Operand, b: Operand): Value => this.#binary('Greater', a, b, DataType.BOOL);
  readonly less = (a: Operand, b: Operand): Value => this.#binary('Less', a, b, DataType.BOOL);
  readonly and = (a: Value, b: Value): Value => this.#binary('And', a, b);
  readonly not = (a: Value): Value => this.unary('Not', a);
  /** a ≥ b, also before op set 12. */
  readonly atLeast = (a: Operand, b: Operand): Value => this.not(this.less(a, b));
  readonly atMost = (a: Operand, b: Operand): Value => this.not(this.greater(a, b));
  readonly square = (a: Value): Value => this.mul(a, a);

  /** An operator that keeps dims and type. */
  unary(opType: string, x: Value): Value {
    return this.op(opType, [x], { dims: x.dims });
  }

  /** Sum of all; they have equal dims. Parts that were padded to lie side by side are joined instead. */
  total(values: readonly Value[]): Value | undefined {
    const [first, second] = values;
    if (!first || !second) return first;
    const joined = this.#sideBySide(values);
    if (joined) return joined;
    return this.op(values.length > 2 ? 'Sum' : 'Add', values, { dims: first.dims });
  }

  /** Where the condition holds `x`, elsewhere 0: cheaper than Where. */
  keepWhere(condition: Value, x: Value): Value {
    return this.mul(x, this.cast(condition, x.type));
  }

  /**
   * 1 where x > 0, else 0. As a very steep hard sigmoid it stays in the blocked layout that the runtime's convolutions use; a
   * comparison would leave it.
   */
  step(x: Value): Value {
    if (x.type === DataType.DOUBLE) return this.cast(this.greater(x, 0), x.type);
    return this.op('HardSigmoid', [x], { dims: x.dims, attributes: { alpha: float(3e38), beta: float(0) } });
  }

  /** 1 − x for x from 0 to 1, likewise. */
  complement(x: Value): Value {
    if (x.type === DataType.DOUBLE) return this.sub(1, x);
    return this.op('HardSigmoid', [x], { dims: x.dims, attributes: { alpha: float(-1), beta: float(1) } });
  }

  /**
   * x times one number a channel. Where x was masked, the numbers go in before the mask, so that the runtime can fold them into
   * the convolution that made x.
   */
  scaleChannels(x: Value, scale: Value): Value {
    const made = this.maker(x);
    const masked =
      made?.opType === 'Mul' && this.maker({ ...x, name: made.input[1] ?? '' })?.opType === 'HardSigmoid';
    if (!masked) return this.mul(x, scale);
    const [inner, mask] = made.input.map((name) => ({ ...x, name })) as [Value, Value];
    return this.mul(this.mul(inner, scale), mask);
  }

  /** −1, 0 or 1; Sign itself came with op set 9. */
  sign(x: Value): Value {
    if (this.opset >= 9) return this.unary('Sign', x);
    return this.sub(this.cast(this.greater(x, 0), x.type), this.cast(this.less(x, 0), x.type));
  }

  cast(x: Value, type: DataType): Value {
    return x.type === type ? x : this.op('Cast', [x], { dims: x.dims, type, attributes: { to: type } });
  }

  ints(values: readonly number[]): Value {
    return this.constant(DataType.INT64, [values.length], values);
  }

  zeros(dims: readonly number[], type: DataType): Value {
    return this.expand(
      this.constant(
        type,
        dims.map(() => 1),
        [0],
      ),
      dims,
    );
  }

  reshape(x: Value, dims: readonly number[]): Value {
    return sameDims(x.dims, dims) ? x : this.op('Reshape', [x, this.ints(dims)], { dims });
  }

  /** The channel vector against [n, c, …space]. */
  perChannel(vector: Value, rank: number): Value {
    return this.reshape(vector, [1, size(vector.dims), ...Array<number>(rank - 2).fill(1)]);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    if (perm.every((p, i) => p === i)) return x;
    return this.op('Transpose', [x], { dims: perm.map((p) => x.dims[p] ?? 1), attributes: { perm } });
  }

  /** Swaps the last two axes. */
  matrixTranspose(x: Value): Value {
    const rank = x.dims.length;
    return this.transpose(x, [...range(0, rank - 2), rank - 1, rank - 2]);
  }

  matMul(a: Value, b: Value): Value {
    const batch = broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2));
    return this.op('MatMul', [a, b], { dims: [...batch, a.dims.at(-2) ?? 1, b.dims.at(-1) ?? 1] });
  }

  /** Same rank, 1 where it grows; Expand itself came with op set 8. */
  expand(x: Value, dims: readonly number[]): Value {
    if (sameDims(x.dims, dims)) return x;
    if (this.opset >= 8) return this.op('Expand', [x, this.ints(dims)], { dims });
    const full = this.reshape(x, [...Array<number>(dims.length - x.dims.length).fill(1), ...x.dims]);
    const repeats = dims.map((d, i) => (full.dims[i] === d ? 1 : d));
    return this.op('Tile', [full, this.ints(repeats)], { dims });
  }

  /** Sums what broadcasting had repeated: the adjoint of expanding `dims` to the dims of x. */
  sumTo(x: Value, dims: readonly number[]): Value {
    const grown = x.dims.length - dims.length;
    const axes = x.dims.flatMap((d, i) => (i < grown || (dims[i - grown] === 1 && d !== 1) ? [i] : []));
    return this.reshape(this.sum(x, axes), dims);
  }

  /** Reduced axes stay as 1. */
  sum(x: Value, axes: readonly number[]): Value {
    return this.#reduce('ReduceSum', x, { axes, since: 13 });
  }

  mean(x: Value, axes: readonly number[]): Value {
    return this.#reduce('ReduceMean', x, { axes, since: 18 });
  }

  prod(x: Value, axes: readonly number[]): Value {
    return this.#reduce('ReduceProd', x, { axes, since: 18 });
  }

  slice(x: Value, { axes, starts, ends, steps = axes.map(() => 1) }: Cut): Value {
    const dims = x.dims.map((d, i) => {
      const k = axes.indexOf(i);
      return k < 0 ? d : Math.ceil(((ends[k] ?? d) - (starts[k] ?? 0)) / (steps[k] ?? 1));
    });
    if (sameDims(dims, x.dims)) return x;
    if (this.opset < 10 && steps.every((s) => s === 1))
      return this.op('Slice', [x], { dims, attributes: { axes, starts, ends } });
    if (this.opset < 10)
      return axes.reduce((v, a, k) => {
        const kept = range(0, dims[a] ?? 0).map((i) => (starts[k] ?? 0) + i * (steps[k] ?? 1));
        return this.gather(v, kept, a);
      }, x);
    return this.op('Slice', [x, ...[starts, ends, axes, steps].map((v) => this.ints(v))], { dims });
  }

  /** Zeros before and after, one count an axis; negative counts cut off. */
  pad(x: Value, before: readonly number[], after: readonly number[]): Value {
    if ([...before, ...after].every((p) => p === 0)) return x;
    const dims = x.dims.map((d, i) => d + (before[i] ?? 0) + (after[i] ?? 0));
    const pads = [...before, ...after];
    const padded =
      this.opset >= 11
        ? this.op('Pad', [x, this.ints(pads)], { dims })
        : this.op('Pad', [x], { dims, attributes: { pads } });
    const axes = range(0, dims.length).filter((i) => before[i] || after[i]);
    const [axis = 0] = axes;
    if (axes.length === 1) this.#placed.set(padded.name, { x, axis, at: before[axis] ?? 0 });
    return padded;
  }

  /** What `pad` made along one axis. */
  readonly #placed = new Map<string, Placed>();

  #sideBySide(values: readonly Value[]): Value | undefined {
    const placed = values.flatMap(({ name }) => this.#placed.get(name) ?? []);
    const axis = placed[0]?.axis ?? 0;
    if (placed.length < values.length || placed.some((p) => p.axis !== axis)) return undefined;
    const sorted = placed.toSorted((a, b) => a.at - b.at);
    let end = 0;
    for (const { x, at } of sorted) {
      if (at !== end) return undefined;
      end += x.dims[axis] ?? 0;
    }
    if (end !== values[0]?.dims[axis]) return undefined;
    return this.concat(
      sorted.map(({ x }) => x),
      axis,
    );
  }

  concat(parts: readonly Value[], axis: number): Value {
    const [first] = parts;
    if (!first || parts.length === 1) return first ?? this.ints([]);
    const dims = first.dims.map((d, i) => (i === axis ? parts.reduce((n, p) => n + (p.dims[i] ?? 0), 0) : d));
    return this.op('Concat', parts, { dims, attributes: { axis } });
  }

  /** The entries at constant places along one axis. */
  gather(x: Value, places: readonly number[], axis: number): Value {
    const dims = x.dims.map((d, i) => (i === axis ? places.length : d));
    return this.op('Gather', [x, this.ints(places)], { dims, attributes: { axis } });
  }

  /** Turned round along the axes. Folded by the runtime when x is a weight. */
  flip(x: Value, axes: readonly number[]): Value {
    return axes
      .filter((a) => x.dims[a] !== 1)
      .reduce((v, a) => this.gather(v, range(0, x.dims[a] ?? 1).toReversed(), a), x);
  }

  /** A fixed matrix [to, from] times x along one axis. */
  alongAxis(
    x: Value,
    axis: number,
    { matrix, to }: { readonly matrix: readonly number[]; readonly to: number },
  ): Value {
    const from = x.dims[axis] ?? 1;
    const [before, after] = [x.dims.slice(0, axis), x.dims.slice(axis + 1)];
    const left = this.constant(x.type, [to, from], matrix);
    const folded = this.reshape(x, [size(before), from, size(after)]);
    return this.reshape(this.matMul(left, folded), [...before, to, ...after]);
  }

  #binary(opType: string, a: Operand, b: Operand, type?: DataType): Value {
    const like = typeof a !== 'number' ? a.type : typeof b !== 'number' ? b.type : DataType.FLOAT;
    const [p, q] = [a, b].map((v) => (typeof v === 'number' ? this.constant(like, [], [v]) : v)) as [
      Value,
      Value,
    ];
    return this.op(opType, [p, q], { dims: broadcast(p.dims, q.dims), type: type ?? like });
  }

  #reduce(opType: string, x: Value, { axes, since }: { axes: readonly number[]; since: number }): Value {
    if (axes.length === 0) return x;
    const dims = kept(x.dims, axes);
    return this.opset >= since
      ? this.op(opType, [x, this.ints(axes)], { dims })
      : this.op(opType, [x], { dims, attributes: { axes } });
  }
}
