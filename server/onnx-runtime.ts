import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { join, type ModelBytes, type Runtime, type Tensor } from './explain/graph/runtime.ts';
import { asFault, Fault, type FaultCode } from './shared/fault.ts';

/** ONNX Runtime as the engine of explanations, on one thread unless told otherwise. Throws MODEL_FILE_INVALID, MODEL_RUN_FAILED. */
export const onnxRuntime = (options: InferenceSession.SessionOptions = {}): Runtime => ({
  open: async (model) => {
    const session = await create(model, { intraOpNumThreads: 1, logSeverityLevel: 3, ...options }).catch(
      failed('MODEL_FILE_INVALID'),
    );
    return {
      run: async (feeds, fetches) => {
        const tensors = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, toOrt(t)]));
        const results = await session.run(tensors, [...fetches]).catch(failed('MODEL_RUN_FAILED'));
        return Object.fromEntries(fetches.map((name) => [name, fromOrt(results[name] as OrtTensor)]));
      },
      close: () => session.release(),
    };
  },
});

/** The engine has a copy of its own: what was joined for it is given back at once, not when garbage is next collected. */
async function create(
  model: ModelBytes,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  if (model instanceof Uint8Array) return InferenceSession.create(model, options);
  const joined = join(model);
  try {
    return await InferenceSession.create(joined, options);
  } finally {
    joined.buffer.transfer(0);
  }
}

const failed =
  (code: FaultCode) =>
  (cause: unknown): never => {
    throw new Fault(code, asFault(cause).detail, { cause });
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
