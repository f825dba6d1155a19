import { Fault } from '../../shared/fault.ts';
import { append, DataType, makeNode, valueInfo } from './onnx.ts';
import { size } from './ops.ts';
import { numbersOf, type Runtime, type Tensor } from './runtime.ts';
import type { GraphView } from './view.ts';

export type InputDims = Readonly<Record<string, readonly number[]>>;

export interface Probed {
  readonly dims: ReadonlyMap<string, readonly number[]>;
  readonly numbers: ReadonlyMap<string, readonly number[]>;
}

/** Of one input: 2 GiB of float32. */
const MOST_VALUES = 2 ** 29;

interface Questions {
  /** Values whose dims are wanted. */
  readonly dims: readonly string[];
  /** Values whose numbers are wanted. */
  readonly numbers: readonly string[];
  readonly inputDims: InputDims;
}

/**
 * Runs the model once on zeros and reads the dims of its values: a Shape node each is appended. Nothing else knows them for
 * certain.
 */
export async function probe(
  model: Uint8Array,
  view: GraphView,
  { dims, numbers, inputDims, runtime }: Questions & { readonly runtime: Runtime },
): Promise<Probed> {
  const asked = [
    ...dims.map((name, i) => ({ name, op: 'Shape', output: `pellucid/dims/${i}`, type: DataType.INT64 })),
    ...numbers.map((name, i) => ({
      name,
      op: 'Identity',
      output: `pellucid/numbers/${i}`,
      type: view.types.get(name) ?? DataType.FLOAT,
    })),
  ];
  const more = append(new Uint8Array(), {
    node: asked.map(({ name, op, output }) => makeNode(op, [name], { name: output, output: [output] })),
    output: asked.map(({ output, type }) => valueInfo(output, type)),
  });
  const open = await runtime.open([model, more]);
  try {
    const feeds = Object.fromEntries(view.inputs.map(({ name }) => [name, zeros(view, name, inputDims)]));
    const found = await open.run(
      feeds,
      asked.map(({ output }) => output),
    );
    const read = (op: string) =>
      new Map(asked.filter((q) => q.op === op).map((q) => [q.name, numbersOf(found[q.output] as Tensor)]));
    return { dims: read('Shape'), numbers: read('Identity') };
  } finally {
    await open.close();
  }
}

function zeros(view: GraphView, name: string, inputDims: InputDims): Tensor {
  const dims = inputDims[name] ?? declaredDims(view, name);
  const count = size(dims);
  if (!(count > 0 && count <= MOST_VALUES))
    throw new Fault('MODEL_INPUT_MISMATCH', `input ${name} cannot be of ${dims.join(' × ')}`);
  switch (view.types.get(name)) {
    case DataType.FLOAT:
      return { type: 'float32', dims, data: new Float32Array(count) };
    case DataType.DOUBLE:
      return { type: 'float64', dims, data: new Float64Array(count) };
    case DataType.FLOAT16:
      return { type: 'float16', dims, data: new Uint16Array(count) };
    case DataType.INT64:
      return { type: 'int64', dims, data: new BigInt64Array(count) };
    case DataType.INT32:
      return { type: 'int32', dims, data: new Int32Array(count) };
    case DataType.UINT8:
      return { type: 'uint8', dims, data: new Uint8Array(count) };
    case DataType.BOOL:
      return { type: 'bool', dims, data: new Uint8Array(count) };
    default:
      throw new Fault('MODEL_INPUT_MISMATCH', `input ${name} is of a type that is not fed`);
  }
}

/** The dims that the model itself fixes. */
function declaredDims({ inputs }: GraphView, name: string): readonly number[] {
  const type = inputs.find((i) => i.name === name)?.type?.value;
  const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
  return (dims ?? [{ value: { case: undefined } }]).map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value);
    throw new Fault('MODEL_INPUT_MISMATCH', `the dims of input ${name} are open: say which`);
  });
}
