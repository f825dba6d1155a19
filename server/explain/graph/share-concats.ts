import { clone } from '@bufbuild/protobuf';
import { type NodeProto, NodeProtoSchema } from './onnx.ts';

/**
 * Dense blocks join all that came before, again and again: [a, b], [a, b, c], … A join that begins like an earlier one is seen as
 * that one and the rest, so that gradients are added where the parts are joined already. The model's own nodes stay. The values
 * `apart` are not shared: a tap's own gradient counts only what was computed from the tap itself.
 */
export function shareConcats(nodes: readonly NodeProto[], apart: readonly string[]): readonly NodeProto[] {
  const joined = new Map<string, string>();
  return nodes.map((node) => {
    if (node.opType !== 'Concat') return node;
    const axis = String(node.attribute.find((a) => a.name === 'axis')?.i);
    const key = (inputs: readonly string[]) => JSON.stringify([axis, inputs]);
    const [output = ''] = node.output;
    if (!apart.includes(output)) joined.set(key(node.input), output);
    for (let n = node.input.length - 1; n > 1; n--) {
      const prefix = joined.get(key(node.input.slice(0, n)));
      if (prefix === undefined) continue;
      const seen = clone(NodeProtoSchema, node);
      seen.input = [prefix, ...node.input.slice(n)];
      return seen;
    }
    return node;
  });
}
