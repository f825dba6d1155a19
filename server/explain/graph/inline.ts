import { expandFused } from './expand.ts';
import { expandFunctions, functionOf } from './functions.ts';
import {
  type GraphProto,
  type ModelProto,
  makeNode,
  type NodeProto,
  opsetOf,
  parseModel,
  writeModel,
} from './onnx.ts';
import { type InputDims, probe } from './probe.ts';
import { dataReader } from './reads-data.ts';
import type { Runtime } from './runtime.ts';
import { ownNames, renameNodes } from './splice.ts';
import { viewGraph } from './view.ts';

interface Options {
  readonly inputDims: InputDims;
  readonly runtime: Runtime;
}

/**
 * The model with its local functions and fused operators written out, and each `If` whose condition follows from the shapes alone replaced by the
 * branch taken. A model with none keeps its bytes.
 */
export async function inline(model: Uint8Array, options: Options): Promise<Uint8Array> {
  const parsed = parseModel(model);
  const { graph } = parsed;
  const calls = graph.node.some((node) => functionOf(parsed, node));
  if (calls) graph.node = [...expandFunctions(parsed, graph.node)];
  if (calls) parsed.functions = [];
  const fused = expandFused({ graph, opset: opsetOf(parsed) });
  const bytes = calls || fused ? writeModel(parsed) : model;
  return decide(bytes, parsed, options);
}

/** One round for each level of nesting. */
async function decide(
  bytes: Uint8Array,
  model: ModelProto & { readonly graph: GraphProto },
  options: Options,
): Promise<Uint8Array> {
  const { graph } = model;
  const readsData = dataReader(viewGraph(model));
  const fixed = new Set(graph.node.filter((n) => n.opType === 'If' && !readsData(n.input[0] ?? '')));
  if (fixed.size === 0) return bytes;
  const conditions = [...new Set([...fixed].map((n) => n.input[0] ?? ''))];
  const { numbers } = await probe(bytes, viewGraph(model), { dims: [], numbers: conditions, ...options });
  graph.node = graph.node.flatMap((node) => {
    if (!fixed.has(node)) return [node];
    const taken = numbers.get(node.input[0] ?? '')?.[0] ? 'then_branch' : 'else_branch';
    const branch = node.attribute.find((a) => a.name === taken)?.g;
    return branch ? [...spliceBranch(graph, node, branch)] : [node];
  });
  return decide(writeModel(model), model, options);
}

/** The branch's nodes under names of their own; its weights move to the graph. */
function spliceBranch(graph: GraphProto, node: NodeProto, branch: GraphProto): readonly NodeProto[] {
  const inner = ownNames(branch);
  const rename = (name: string) => (inner.has(name) ? `${node.name || node.output[0]}/${name}` : name);
  for (const tensor of branch.initializer) {
    tensor.name = rename(tensor.name);
    graph.initializer.push(tensor);
  }
  const results = node.output.map((name, i) =>
    makeNode('Identity', [rename(branch.output[i]?.name ?? '')], { name: `${name}/taken`, output: [name] }),
  );
  return [...renameNodes(branch.node, rename), ...results];
}
