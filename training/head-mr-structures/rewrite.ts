import { readFileSync, writeFileSync } from 'node:fs';
import { readTensor } from '../../server/explain/graph/constants.ts';
import {
  type Attributes,
  DataType,
  makeNode,
  makeTensor,
  type NodeProto,
  parseModel,
  type TensorProto,
  writeModel,
} from '../../server/explain/graph/onnx.ts';

export interface Weights {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

export type Phase = readonly [number, number, number];

/** The eight voxels of a cell of two by two by two: even (0) or odd (1) along each axis. */
export const PHASES: readonly Phase[] = [0, 1].flatMap((a) =>
  [0, 1].flatMap((b) => [0, 1].map((c): Phase => [a, b, c])),
);

/** `node training/head-mr-structures/STEP.ts FROM TO`: an ONNX file, and how another is written of it. */
export function rewriting() {
  const [from, to] = process.argv.slice(2);
  if (!from || !to) throw new Error('say the ONNX file to read, and the one to write');
  const model = parseModel(new Uint8Array(readFileSync(from)));
  const { graph } = model;
  const nodes: NodeProto[] = [];
  const added: TensorProto[] = [];
  const tensor = (
    type: DataType,
    name: string,
    dims: readonly number[],
    values: readonly number[],
  ): string => {
    added.push(makeTensor(name, type, { dims, values }));
    return name;
  };
  return {
    old: graph.node,
    weights: (name: string): Weights => {
      const found = graph.initializer.find((t) => t.name === name);
      if (!found) throw new Error(`${from} has no weights ${name}`);
      return { dims: found.dims.map(Number), data: readTensor(found) as readonly number[] };
    },
    /** A node of one output, which has the node's name. */
    node: (op: string, inputs: readonly string[], name: string, attributes: Attributes = {}): string => {
      nodes.push(makeNode(op, inputs, { output: [name], name, attributes }));
      return name;
    },
    floats: (name: string, dims: readonly number[], values: readonly number[]): string =>
      tensor(DataType.FLOAT, name, dims, values),
    /** One whole number is a scalar. */
    whole: (name: string, values: number | readonly number[]): string =>
      typeof values === 'number'
        ? tensor(DataType.INT64, name, [], [values])
        : tensor(DataType.INT64, name, [values.length], values),
    /** Old nodes, and those written so far, in the order that they are run in. */
    add: (...kept: readonly NodeProto[]): void => void nodes.push(...kept),
    save: (): void => {
      const read = new Set(nodes.flatMap(({ input }) => input));
      const anew = new Set(added.map(({ name }) => name));
      graph.node = nodes;
      graph.initializer = [...graph.initializer.filter(({ name }) => !anew.has(name)), ...added].filter(
        ({ name }) => read.has(name),
      );
      writeFileSync(to, writeModel(model));
    },
  };
}
