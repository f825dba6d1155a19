import { create } from '@bufbuild/protobuf';
import {
  DataType,
  makeNode,
  makeTensor,
  type NodeProto,
  NodeProtoSchema,
  parseModel,
  type TensorProto,
  valueInfo,
  writeModel,
} from './graph/onnx.ts';
import { viewGraph } from './graph/view.ts';
import { neededFor } from './needed.ts';

/** The value that holds the one class, [1, 1, …space]. */
export const CLASS = 'pellucid/class';
/** The value that holds the likeliest class of each place, int64 [1, …space]; the lowest of equals. */
export const LABELS = 'pellucid/labels';

/**
 * The model with one channel of an output as its only output. Where a convolution makes the output, only the channel's own filter
 * stays: a hundred classes cost no more than one.
 */
export function oneClass(
  model: Uint8Array,
  { of, channel }: { readonly of: string; readonly channel: number },
): Uint8Array {
  const { graph } = parseModel(model);
  const { tensors } = viewGraph(parseModel(model));
  const index = makeTensor('pellucid/channel', DataType.INT64, { dims: [1], values: [channel] });
  const pick = (from: string, axis: number, to: string) =>
    makeNode('Gather', [from, index.name], { output: [to], name: to, attributes: { axis } });
  const last = graph.node.find((node) => node.output.includes(of));
  const parameters = last?.input.slice(1).filter(Boolean) ?? [];
  const own = (name: string) => `${CLASS}/${name}`;
  if (last?.opType !== 'Conv' || isGrouped(last) || !parameters.every((name) => tensors.has(name)))
    return withOnly(model, {
      node: [pick(of, 1, CLASS)],
      tensor: index,
      output: CLASS,
      type: DataType.FLOAT,
    });
  const narrowed = create(NodeProtoSchema, {
    ...last,
    name: CLASS,
    input: last.input.map((name, i) => (i > 0 && name ? own(name) : name)),
    output: [CLASS],
  });
  return withOnly(model, {
    node: [...parameters.map((name) => pick(name, 0, own(name))), narrowed],
    tensor: index,
    output: CLASS,
    type: DataType.FLOAT,
  });
}

/** The model with the likeliest class of each place as its only output. */
export const likeliest = (model: Uint8Array, of: string): Uint8Array =>
  withOnly(model, {
    node: [
      makeNode('ArgMax', [of], { output: [LABELS], name: LABELS, attributes: { axis: 1, keepdims: 0 } }),
    ],
    output: LABELS,
    type: DataType.INT64,
  });

const isGrouped = ({ attribute }: NodeProto): boolean =>
  attribute.some((a) => a.name === 'group' && a.i !== 1n);

interface Head {
  readonly node: readonly NodeProto[];
  readonly tensor?: TensorProto;
  readonly output: string;
  readonly type: DataType;
}

function withOnly(model: Uint8Array, { node, tensor, output, type }: Head): Uint8Array {
  const parsed = parseModel(model);
  const { graph } = parsed;
  graph.node = [...neededFor([...graph.node, ...node], output)];
  if (tensor) graph.initializer.push(tensor);
  graph.output = [valueInfo(output, type)];
  graph.valueInfo = [];
  return writeModel(parsed);
}
