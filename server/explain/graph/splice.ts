import { clone } from '@bufbuild/protobuf';
import { type GraphProto, GraphProtoSchema, type NodeProto, NodeProtoSchema } from './onnx.ts';

export type Rename = (name: string) => string;

/** Nodes with their values renamed, also inside the graphs that they hold. */
export const renameNodes = (nodes: readonly NodeProto[], rename: Rename): readonly NodeProto[] =>
  nodes.map((original) => {
    const node = clone(NodeProtoSchema, original);
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
    if (node.name) node.name = rename(node.name);
    for (const attribute of node.attribute) {
      if (attribute.g) attribute.g = renameGraph(attribute.g, rename);
      attribute.graphs = attribute.graphs.map((g) => renameGraph(g, rename));
    }
    return node;
  });

function renameGraph(original: GraphProto, rename: Rename): GraphProto {
  const graph = clone(GraphProtoSchema, original);
  for (const value of [...graph.input, ...graph.output, ...graph.initializer, ...graph.valueInfo])
    value.name = rename(value.name);
  graph.node = [...renameNodes(graph.node, rename)];
  return graph;
}

/** The names that a graph gives to its own values; all others come from outside. */
export const ownNames = ({
  node,
  initializer,
}: Pick<GraphProto, 'node' | 'initializer'>): ReadonlySet<string> =>
  new Set([...node.flatMap((n) => [...n.output, n.name]), ...initializer.map((t) => t.name)].filter(Boolean));
