import { TensorProto_DataLocation as Location } from 'onnx-buf';
import { Fault } from '../../shared/fault.ts';
import { DataType, type TensorProto } from './onnx.ts';
import { decodeHalf } from './runtime.ts';

/** The numbers of a tensor in the model; undefined when they lie in a file beside it. */
export function readTensor(tensor: TensorProto): readonly number[] | undefined {
  if (tensor.dataLocation === Location.EXTERNAL) return undefined;
  if (tensor.rawData.length) return decodeRaw(tensor);
  const halves = tensor.dataType === DataType.FLOAT16;
  const typed = [tensor.floatData, tensor.doubleData, tensor.int32Data].find((data) => data.length);
  if (typed) return halves ? typed.map(decodeHalf) : typed;
  return [...tensor.int64Data, ...tensor.uint64Data].map(Number);
}

/** Throws MODEL_FILE_INVALID for part of a number. */
function decodeRaw({ name, rawData, dataType }: TensorProto): readonly number[] | undefined {
  if (rawData.length % (BYTES[dataType] ?? 1) !== 0)
    throw new Fault('MODEL_FILE_INVALID', `the constant ${name} ends within a number`);
  const { buffer } = new Uint8Array(rawData);
  switch (dataType) {
    case DataType.FLOAT:
      return Array.from(new Float32Array(buffer));
    case DataType.DOUBLE:
      return Array.from(new Float64Array(buffer));
    case DataType.FLOAT16:
      return Array.from(new Uint16Array(buffer), decodeHalf);
    case DataType.BFLOAT16:
      return Array.from(new Float32Array(Uint32Array.from(new Uint16Array(buffer), (h) => h << 16).buffer));
    case DataType.INT64:
      return Array.from(new BigInt64Array(buffer), Number);
    case DataType.INT32:
      return Array.from(new Int32Array(buffer));
    case DataType.INT8:
      return Array.from(new Int8Array(buffer));
    case DataType.UINT8:
    case DataType.BOOL:
      return Array.from(rawData);
    default:
      return undefined;
  }
}

const BYTES: Readonly<Record<number, number | undefined>> = {
  [DataType.FLOAT]: 4,
  [DataType.DOUBLE]: 8,
  [DataType.FLOAT16]: 2,
  [DataType.BFLOAT16]: 2,
  [DataType.INT64]: 8,
  [DataType.INT32]: 4,
};
