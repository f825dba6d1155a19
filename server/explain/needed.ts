import type { NodeProto } from './graph/onnx.ts';

/** The nodes that a value needs, in their order; `stop`, where given, is taken as known. */
export function neededFor(nodes: readonly NodeProto[], of: string, stop?: string): readonly NodeProto[] {
  const wanted = new Set([of]);
  const needed: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => name !== stop && wanted.has(name))) continue;
    for (const name of readsOf(node)) wanted.add(name);
    needed.push(node);
  }
  return needed.reverse();
}

/** Inputs, and what the graphs that a node holds read from outside. */
export const readsOf = (node: NodeProto): readonly string[] => [
  ...node.input,
  ...node.attribute.flatMap(({ g }) => g?.node.flatMap(readsOf) ?? []),
];
