import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Runtime, Tensor } from '../../server/explain/graph/runtime.ts';

/** ONNX Runtime on one thread. float16 travels as bits. */
export const ort = (options: InferenceSession.SessionOptions = {}): Runtime => ({
  open: async (model) => {
    const session = await InferenceSession.create(model, {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
      ...options,
    });
    return {
      run: async (feeds, fetches) => {
        const tensors = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, toOrt(t)]));
        const results = await session.run(tensors, [...fetches]);
        return Object.fromEntries(fetches.map((name) => [name, fromOrt(results[name] as OrtTensor)]));
      },
      close: () => session.release(),
    };
  },
});

/** The addon cannot read Node's Float16Array: it is handed the bits. */
function toOrt({ type, data, dims }: Tensor): OrtTensor {
  const made = new OrtTensor(type, data as OrtTensor.DataType, [...dims]);
  return type === 'float16' ? Object.defineProperty(made, 'data', { value: data }) : made;
}

const fromOrt = ({ type, data, dims }: OrtTensor): Tensor => {
  const bits =
    type === 'float16' && ArrayBuffer.isView(data)
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : data;
  return { type, dims, data: bits } as Tensor;
};
