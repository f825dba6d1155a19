import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Runtime, Tensor } from './explain/graph/runtime.ts';
import { asFault, Fault } from './shared/fault.ts';

/** ONNX Runtime as the engine of explanations, on one thread unless told otherwise. Throws MODEL_RUN_FAILED. */
export const onnxRuntime = (options: InferenceSession.SessionOptions = {}): Runtime => ({
  open: async (model) => {
    const session = await InferenceSession.create(model, {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
      ...options,
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

/** The addon cannot read Node's Float16Array: it is handed the bits. */
function toOrt({ type, data, dims }: Tensor): OrtTensor {
  const made = new OrtTensor(type, data as OrtTensor.DataType, [...dims]);
  return type === 'float16' ? Object.defineProperty(made, 'data', { value: data }) : made;
}

function fromOrt({ type, data, dims }: OrtTensor): Tensor {
  const bits =
    type === 'float16' && ArrayBuffer.isView(data)
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : data;
  return { type, dims, data: bits } as Tensor;
}
