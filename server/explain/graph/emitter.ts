import { Fault } from '../../shared/fault.ts';
import {
  type Appendix,
  type Attributes,
  type DataType,
  isOnnx,
  makeNode,
  makeTensor,
  type NodeProto,
  type TensorProto,
} from './onnx.ts';

/** A tensor of the graph, whether of the model or emitted. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: DataType;
}

export interface Emission {
  /** Of the result. */
  readonly dims: readonly number[];
  /** Of the result; the first input's unless said. */
  readonly type?: DataType;
  readonly attributes?: Attributes;
  /** Which of the node's outputs is wanted; 0 unless said. */
  readonly output?: number;
}

/**
 * Collects nodes and constants to be appended to a model. The same operator on the same inputs is emitted once; `appendix`
 * leaves out what its results don't need.
 */
export class Emitter {
  readonly opset: number;
  /** For messages: the node that is being differentiated. */
  origin = '';
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];
  readonly #makers = new Map<string, NodeProto>();
  readonly #known = new Map<string, readonly string[]>();

  constructor(opset: number) {
    this.opset = opset;
  }

  /** Results that the model computes anyway are not computed again; nodes with attributes are not compared. */
  know(nodes: readonly NodeProto[]): void {
    for (const { opType, domain, input, output, attribute } of nodes) {
      if (isOnnx(domain) && attribute.length === 0)
        this.#known.set(JSON.stringify([opType, input, {}]), output);
    }
  }

  /** `null` stands for an optional input left out. */
  op(
    opType: string,
    inputs: readonly (Value | null)[],
    { dims, type, attributes = {}, output = 0 }: Emission,
  ): Value {
    const names = inputs.map((v) => v?.name ?? '');
    const key = JSON.stringify([opType, names, attributes], (_, v: unknown) =>
      typeof v === 'bigint' ? `${v}` : v,
    );
    const outputs = this.#known.get(key) ?? this.#emit(opType, names, attributes);
    this.#known.set(key, outputs);
    const result = type ?? inputs[0]?.type;
    const name = outputs[output];
    if (result === undefined || name === undefined)
      throw new Fault('INTERNAL', `${opType} has no such output`);
    return { name, dims, type: result };
  }

  constant(type: DataType, dims: readonly number[], values: readonly number[]): Value {
    const key = values.length > 4096 ? '' : JSON.stringify([type, dims, values.map(String)]);
    const known = this.#known.get(key)?.[0];
    const name = known ?? this.#name('constant');
    if (known === undefined) {
      this.#constants.push(makeTensor(name, type, { dims, values }));
      if (key) this.#known.set(key, [name]);
    }
    return { name, dims, type };
  }

  /** The value under a name of the caller's choosing. */
  alias(value: Value, name: string): void {
    this.#nodes.push(makeNode('Identity', [value.name], { name: `${PREFIX}${name}`, output: [name] }));
  }

  /** The node that makes a value, if it was emitted here. */
  maker(value: Value): NodeProto | undefined {
    return this.#makers.get(value.name);
  }

  /** What the named results need, in order. */
  appendix(results: readonly string[]): Required<Pick<Appendix, 'node' | 'initializer'>> {
    const needed = new Set(results);
    const node: NodeProto[] = [];
    for (const n of this.#nodes.toReversed()) {
      if (!n.output.some((name) => needed.has(name))) continue;
      for (const name of n.input) needed.add(name);
      node.push(n);
    }
    return { node: node.reverse(), initializer: this.#constants.filter(({ name }) => needed.has(name)) };
  }

  #emit(opType: string, inputs: readonly string[], attributes: Attributes): readonly string[] {
    const count = OUTPUTS[opType] ?? 1;
    const output = Array.from({ length: count }, () => this.#name(opType));
    const docString = this.origin ? `gradient of ${this.origin}` : '';
    const node = makeNode(opType, inputs, { name: `${output[0]}`, output, attributes, docString });
    this.#nodes.push(node);
    for (const name of output) this.#makers.set(name, node);
    return output;
  }

  #name(what: string): string {
    return `${PREFIX}${what}/${this.#serial++}`;
  }
  #serial = 0;
}

/** No exporter names a value so. */
const PREFIX = 'pellucid/';
/** Emitted operators whose second result is used. */
const OUTPUTS: Readonly<Record<string, number>> = { MaxPool: 2 };
