/** What runs a model: the caller gives it, so that explain/ knows no engine. */
export interface Runtime {
  /** Opens a model held in memory. Files that it keeps outside itself are the runtime's matter. */
  open(model: ModelBytes): Promise<OpenModel>;
}

/** In parts, a model is the bytes of one after the other: it is joined only while it is opened. */
export type ModelBytes = Uint8Array | readonly Uint8Array[];

export function join(model: ModelBytes): Uint8Array<ArrayBuffer> {
  const parts = model instanceof Uint8Array ? [model] : model;
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export interface OpenModel {
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

/** Row-major. float16 is kept as its 16 bits. */
export type Tensor =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'float64'; readonly dims: readonly number[]; readonly data: Float64Array }
  | { readonly type: 'float16'; readonly dims: readonly number[]; readonly data: Uint16Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'int32'; readonly dims: readonly number[]; readonly data: Int32Array }
  | { readonly type: 'int8'; readonly dims: readonly number[]; readonly data: Int8Array }
  | { readonly type: 'uint8'; readonly dims: readonly number[]; readonly data: Uint8Array }
  | { readonly type: 'bool'; readonly dims: readonly number[]; readonly data: Uint8Array };

/** The values as numbers; float16 is decoded. */
export const numbersOf = (tensor: Tensor): readonly number[] =>
  tensor.type === 'float16' ? Array.from(tensor.data, decodeHalf) : Array.from(tensor.data, Number);

/** IEEE 754 binary16. */
export function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** To the nearest binary16 (Math.f16round in bits); beyond its range, infinity. */
export function encodeHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | (((exponent + 15) << 10) + roundEven((size / 2 ** exponent - 1) * 1024));
}

const roundEven = (v: number): number => {
  const floor = Math.floor(v);
  const rest = v - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
};
