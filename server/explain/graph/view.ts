import { readTensor } from './constants.ts';
import {
  type DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  opsetOf,
  type TensorProto,
} from './onnx.ts';
import { inferTypes } from './types.ts';

/** What the compiler asks of a graph. */
export interface GraphView {
  readonly opset: number;
  /** In an order where each comes after what it reads, as ONNX demands. */
  readonly nodes: readonly NodeProto[];
  readonly types: ReadonlyMap<string, DataType>;
  /** What the caller must feed. */
  readonly inputs: GraphProto['input'];
  readonly outputs: readonly string[];
  /** Weights and constants. */
  readonly tensors: ReadonlyMap<string, TensorProto>;
  /** The numbers of a constant; undefined for what is computed or kept in another file. */
  numbers(name: string): readonly number[] | undefined;
}

export function viewGraph(model: ModelProto & { readonly graph: GraphProto }): GraphView {
  const { graph } = model;
  const tensors = new Map(graph.initializer.map((t) => [t.name, t]));
  for (const { opType, input, output, attribute } of graph.node) {
    const held = opType === 'Constant' ? attribute.find((a) => a.t)?.t : tensors.get(input[0] ?? '');
    if ((opType === 'Constant' || opType === 'Identity') && held) tensors.set(output[0] ?? '', held);
  }
  return {
    opset: opsetOf(model),
    nodes: graph.node,
    types: inferTypes(graph),
    inputs: graph.input.filter(({ name }) => !graph.initializer.some((t) => t.name === name)),
    outputs: graph.output.map(({ name }) => name),
    tensors,
    numbers: (name) => {
      const tensor = tensors.get(name);
      return tensor && readTensor(tensor);
    },
  };
}

/** For messages. */
export const describe = ({ opType, domain, name, output }: NodeProto): string =>
  `${domain && domain !== 'ai.onnx' ? `${domain}.` : ''}${opType} (node ${name || output[0]})`;
