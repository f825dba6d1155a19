import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema } from 'onnx-buf';
import { compileGradient } from '../../../server/explain/graph/compile.ts';
import {
  type Attributes,
  DataType,
  makeNode,
  makeTensor,
  type NodeProto,
  valueInfo,
  writeModel,
} from '../../../server/explain/graph/onnx.ts';
import { numbersOf, type Tensor } from '../../../server/explain/graph/runtime.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { gaussian, seededRandom } from '../../../server/shared/random.ts';

export interface Input {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

export interface Weights extends Input {
  readonly type?: DataType;
}

export interface ModelSpec {
  readonly opset: number;
  readonly type: DataType;
  readonly inputs: readonly Input[];
  readonly weights?: readonly Weights[];
  readonly nodes: readonly NodeProto[];
  readonly outputs: readonly string[];
}

export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Attributes = {},
): NodeProto => makeNode(opType, input, { name: `${opType} of the test, ${output[0]}`, output, attributes });

export const buildModel = ({ opset, type, inputs, weights = [], nodes, outputs }: ModelSpec): Uint8Array =>
  writeModel(
    create(ModelProtoSchema, {
      irVersion: opset < 9 ? 3n : 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })],
      graph: create(GraphProtoSchema, {
        name: 'test',
        node: [...nodes],
        input: [
          ...inputs.map(({ name, dims }) => valueInfo(name, type, dims)),
          ...(opset < 9 ? weights.map((w) => valueInfo(w.name, w.type ?? type, w.dims)) : []),
        ],
        initializer: weights.map((w) => makeTensor(w.name, w.type ?? type, w)),
        output: outputs.map((name) => valueInfo(name, type)),
      }),
    }),
  );

export interface Check {
  readonly input: string;
  /** The slope of ⟨u, f(x + tv)⟩ at t = 0 by runs of the model itself: central differences of fourth order. */
  readonly measured: number;
  /** ⟨vjp(u), v⟩ by the compiled gradient. */
  readonly compiled: number;
}

/** Both sides of the identity that defines a gradient, for fixed random u and v, one input after the other. */
export async function checkGradient(
  model: Uint8Array,
  { inputs, of, type }: { readonly inputs: readonly Input[]; readonly of: string; readonly type: DataType },
): Promise<readonly Check[]> {
  const feed = (values: Readonly<Record<string, readonly number[]>> = {}) =>
    Object.fromEntries(inputs.map((x) => [x.name, tensor(type, x.dims, values[x.name] ?? x.values)]));
  const compiled = await compileGradient(
    model,
    {
      of,
      wrt: inputs.map((x) => x.name),
      inputDims: Object.fromEntries(inputs.map((x) => [x.name, x.dims])),
    },
    onnxRuntime(),
  );
  const random = seededRandom(3);
  const u = normals(
    random,
    compiled.seed.dims.reduce((a, b) => a * b, 1),
  );
  const forward = await onnxRuntime().open(model);
  const backward = await onnxRuntime().open(compiled.bytes);
  try {
    const gradients = await backward.run(
      { ...feed(), [compiled.seed.name]: tensor(type, compiled.seed.dims, u) },
      Object.values(compiled.gradients),
    );
    const value = async (name: string, values: readonly number[]): Promise<number> =>
      dot(u, numbersOf((await forward.run(feed({ [name]: values }), [of]))[of] as Tensor));
    const epsilon = type === DataType.DOUBLE ? 1e-4 : 1e-2;
    const checks: Check[] = [];
    for (const { name, values } of inputs) {
      const v = normals(random, values.length);
      const moved = (by: number) =>
        value(
          name,
          values.map((x, i) => x + by * (v[i] as number)),
        );
      const near = (await moved(epsilon)) - (await moved(-epsilon));
      const far = (await moved(2 * epsilon)) - (await moved(-2 * epsilon));
      const gradient = numbersOf(gradients[compiled.gradients[name] as string] as Tensor);
      checks.push({
        input: name,
        measured: (8 * near - far) / (12 * epsilon),
        compiled: dot(gradient, v),
      });
    }
    return checks;
  } finally {
    await forward.close();
    await backward.close();
  }
}

export const tensor = (type: DataType, dims: readonly number[], values: readonly number[]): Tensor =>
  type === DataType.DOUBLE
    ? { type: 'float64', dims, data: Float64Array.from(values) }
    : { type: 'float32', dims, data: Float32Array.from(values) };

const normals = (random: () => number, n: number): readonly number[] =>
  Array.from({ length: n }, () => Math.max(-2, Math.min(2, gaussian(random))));

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
