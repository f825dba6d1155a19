import { TensorProto_DataLocation as Location } from 'onnx-buf';
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

function decodeRaw({ rawData, dataType }: TensorProto): readonly number[] | undefined {
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
