import { makeNode, type NodeProto } from './onnx.ts';

/**
 * x · σ(x), which exporters write as two nodes, is seen as one: its derivative takes fewer passes over the data. A sigmoid in
 * `apart` is left as it is.
 */
export function seeSwish(nodes: readonly NodeProto[], apart: readonly string[]): readonly NodeProto[] {
  const sigmoids = new Map(
    nodes.filter(({ opType }) => opType === 'Sigmoid').map(({ input, output }) => [output[0], input[0]]),
  );
  return nodes.map((node) => {
    const [a = '', b = ''] = node.input;
    const gate = sigmoids.get(b) === a ? b : a;
    const x = gate === b ? a : b;
    if (node.opType !== 'Mul' || sigmoids.get(gate) !== x || apart.includes(gate)) return node;
    return makeNode('Swish', [x], { name: node.name, output: node.output });
  });
}
