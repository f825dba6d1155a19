import { DataType, makeNode, parseModel, valueInfo, writeModel } from './graph/onnx.ts';
import { viewGraph } from './graph/view.ts';
import { neededFor, readsOf } from './needed.ts';

export interface Tail {
  readonly bytes: Uint8Array;
  /** The input that takes the layer's value, float32. */
  readonly input: string;
  /** Inputs of the model that the tail reads as well: there is a way round the layer. */
  readonly alsoReads: readonly string[];
}

interface Cut {
  /** The output. */
  readonly of: string;
  readonly layer: string;
  /** Of the layer, with its batch axis. */
  readonly dims: readonly number[];
}

/**
 * The part of a model behind a layer: the layer's value becomes an input, and only what `of` needs is kept. The model must
 * have its functions and fused operators written out.
 */
export function tailOf(model: Uint8Array, { of, layer, dims }: Cut): Tail {
  const parsed = parseModel(model);
  const { graph } = parsed;
  const { types, inputs } = viewGraph(parsed);
  const nodes = neededFor(graph.node, of, layer);
  const needed = new Set([of, ...nodes.flatMap(readsOf)]);
  const alsoReads = inputs.map(({ name }) => name).filter((name) => needed.has(name));
  const cast = makeNode('Cast', [INPUT], {
    output: [layer],
    name: INPUT,
    attributes: { to: types.get(layer) ?? DataType.FLOAT },
  });
  graph.node = [cast, ...nodes];
  graph.initializer = graph.initializer.filter(({ name }) => needed.has(name));
  graph.input = [
    ...graph.input.filter(({ name }) => needed.has(name)),
    valueInfo(INPUT, DataType.FLOAT, dims),
  ];
  graph.output = graph.output.filter(({ name }) => name === of);
  graph.valueInfo = [];
  return { bytes: writeModel(parsed), input: INPUT, alsoReads };
}

const INPUT = 'pellucid/layer';
