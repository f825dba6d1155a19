import { probe } from './graph/probe.ts';
import type { Runtime } from './graph/runtime.ts';
import type { GraphView } from './graph/view.ts';
import { neededFor } from './needed.ts';
import { size } from './subject.ts';

/** Memory that a box takes while it is run, in bytes for each of its places. */
export interface TileCost {
  /** The largest step of the model: what it reads and makes at once. */
  readonly forward: number;
  /**
   * Most values of the model, for the way back reads them. The runtime fuses some: peaks on MeshNets were 0.64 to 0.78 of their
   * sum, so 0.8 of it is expected.
   */
  readonly gradient: number;
  /** Dims of the output on the small input. */
  readonly outputDims: readonly number[];
}

interface Question {
  readonly input: string;
  readonly of: string;
  /** Of a small input, [1, c, …space]. */
  readonly inputDims: readonly number[];
  readonly runtime: Runtime;
}

/** From the sizes of the model's values on a small input. Float32 throughout; weights, the same for every box, are left out. */
export async function tileCost(
  model: Uint8Array,
  view: GraphView,
  { input, of, inputDims, runtime }: Question,
): Promise<TileCost> {
  const nodes = neededFor(view.nodes, of).filter(({ opType }) => opType !== 'Constant');
  const { dims } = await probe(model, view, {
    dims: nodes.flatMap(({ output }) => output.filter(Boolean)),
    numbers: [],
    inputDims: { [input]: inputDims },
    runtime,
  });
  const places = size(inputDims.slice(2));
  const bytesOf = (name: string): number =>
    name === input ? 4 * (inputDims[1] as number) : (4 * size(dims.get(name) ?? [0])) / places;
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + bytesOf(name), 0);
  return {
    forward: Math.max(...nodes.map((node) => sum([...node.input, ...node.output]))),
    // One class alone goes the way back, with its seed.
    gradient:
      0.8 * (sum([input, ...nodes.flatMap(({ output }) => output).filter((name) => name !== of)]) + 8),
    outputDims: dims.get(of) ?? [],
  };
}

/** The edge of a cube of places that takes so many bytes. */
export const edgeWithin = (bytes: number, bytesAPlace: number, rank: number): number =>
  Math.floor((bytes / bytesAPlace) ** (1 / rank) + 1e-9);
