import { readAttributes } from './attributes.ts';
import { isOnnx, type NodeProto } from './onnx.ts';
import { dataReader } from './reads-data.ts';
import type { GraphView } from './view.ts';

/**
 * The value [1, c, …space] whose means over the space make up `of` by constant weights and a constant alone: global average
 * pooling and one linear unit, the head of which each place's share is exact (Zhou 2016). Undefined for any other head.
 */
export function findLinearHead(
  view: GraphView,
  of: string,
  dimsOf: (value: string) => readonly number[] | undefined,
): string | undefined {
  const readsData = dataReader(view);
  const makers = new Map(view.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  for (let value = of; ; ) {
    const node = makers.get(value);
    if (!node || !isOnnx(node.domain)) return undefined;
    const input = node.input[0] ?? '';
    if (averagesSpace(node, view, dimsOf(input))) return input;
    const moving = node.input.flatMap((name, i) => (readsData(name) ? [i] : []));
    const only = moving[0];
    if (moving.length !== 1 || only === undefined || !isAffine(node, only, value)) return undefined;
    value = node.input[only] as string;
  }
}

/** Is the node's first output an affine function of its input `i`, the others being constant? */
function isAffine({ opType, output }: NodeProto, i: number, value: string): boolean {
  if (value !== output[0]) return false;
  if (['MatMul', 'Add', 'Sub', 'Mul'].includes(opType)) return true;
  return i === 0 && AFFINE_IN_FIRST.has(opType);
}

const AFFINE_IN_FIRST = new Set([
  'Gemm',
  'Conv',
  'Div',
  'BatchNormalization',
  'Neg',
  'Identity',
  'Dropout',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
]);

function averagesSpace(node: NodeProto, view: GraphView, dims: readonly number[] | undefined): boolean {
  if (!dims || dims.length < 3 || dims[0] !== 1) return false;
  if (node.opType === 'GlobalAveragePool') return true;
  if (node.opType !== 'ReduceMean') return false;
  const axes = view.numbers(node.input[1] ?? '') ?? readAttributes(node).ints('axes', []);
  const wanted = dims.slice(2).map((_, i) => i + 2);
  const named = new Set(axes.map((a) => (a < 0 ? a + dims.length : a)));
  return named.size === wanted.length && wanted.every((a) => named.has(a));
}
