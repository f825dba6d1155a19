import { enlarge } from './enlarge.ts';
import { type Attribution, size } from './subject.ts';

/** One value a place, on the attribution's own grid. */
export interface SpaceMap {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/**
 * An attribution with one value a place: channels of the input are added up, with their signs; SmoothGrad's, whose sign says
 * nothing of for or against, by magnitude. Maps of a layer are as they are. `inputDims` are [c, …space].
 */
export function overSpace({ method, dims, data }: Attribution, inputDims: readonly number[]): SpaceMap {
  if (dims.length < inputDims.length) return { dims, data };
  const space = dims.slice(1);
  const sum = new Float32Array(size(space));
  data.forEach((v, i) => {
    const at = i % sum.length;
    sum[at] = (sum[at] as number) + (method === 'smoothGrad' ? Math.abs(v) : v);
  });
  return { dims: space, data: sum };
}

/** The same on the input's own grid. */
export function overInput(attribution: Attribution, inputDims: readonly number[]): Float32Array {
  const { dims, data } = overSpace(attribution, inputDims);
  return enlarge(data, dims, inputDims.slice(1));
}
