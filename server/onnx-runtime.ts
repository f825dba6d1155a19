import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Runtime, Tensor } from './explain/graph/runtime.ts';
import { asFault, Fault } from './shared/fault.ts';

/** ONNX Runtime as the engine of explanations. Throws MODEL_RUN_FAILED. */
export const onnxRuntime = ({ threads }: { readonly threads: number }): Runtime => ({
  open: async (model) => {
    const session = await InferenceSession.create(model, {
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    }).catch(failed);
    return {
      run: async (feeds, fetches) => {
        const tensors = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, toOrt(t)]));
        const results = await session.run(tensors, [...fetches]).catch(failed);
        return Object.fromEntries(fetches.map((name) => [name, fromOrt(results[name] as OrtTensor)]));
      },
      close: () => session.release(),
    };
  },
});

const failed = (cause: unknown): never => {
  throw new Fault('MODEL_RUN_FAILED', asFault(cause).detail, { cause });
};

const toOrt = ({ type, data, dims }: Tensor): OrtTensor =>
  new OrtTensor(type, data as OrtTensor.DataType, [...dims]);

/** float16 comes as Float16Array or as bits, by the version of Node. */
function fromOrt({ type, data, dims }: OrtTensor): Tensor {
  const view = data as Uint16Array;
  const isHalf = type === 'float16' && !(data instanceof Uint16Array);
  return {
    type,
    dims,
    data: isHalf ? new Uint16Array(view.buffer, view.byteOffset, view.length) : data,
  } as Tensor;
}
