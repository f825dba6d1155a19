import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  FunctionProtoSchema,
  GraphProtoSchema,
  TensorProto_DataLocation as Location,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
} from 'onnx-buf';
import { expandFused } from '../../server/explain/graph/expand.ts';
import { expandFunctions } from '../../server/explain/graph/functions.ts';
import {
  DataType,
  type GraphProto,
  makeNode,
  makeTensor,
  type NodeProto,
  parseModel,
  valueInfo,
} from '../../server/explain/graph/onnx.ts';
import { findPath } from '../../server/explain/graph/path.ts';
import { viewGraph } from '../../server/explain/graph/view.ts';
import { openSubject } from '../../server/explain/onnx-subject.ts';
import { NOT_DIFFERENTIABLE, RULES } from '../../server/explain/vjp/index.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { Fault } from '../../server/shared/fault.ts';

/** A convolution and a mean of a 4 × 4 image; each row of the table breaks one thing of it. */
const node = (opType: string, input: readonly string[], output: string, domain = ''): NodeProto =>
  makeNode(opType, input, { name: `${opType} ${output}`, output: [output], domain });
const good = (): ModelProto & { graph: GraphProto } => {
  const graph = create(GraphProtoSchema, {
    name: 'good',
    node: [
      node('Conv', ['x', 'w'], 'c'),
      node('Reshape', ['c', 'flat'], 'f'),
      node('ReduceMean', ['f'], 'y'),
    ],
    initializer: [
      makeTensor('w', DataType.FLOAT, { dims: [2, 1, 3, 3], values: Array.from({ length: 18 }, () => 0.5) }),
      makeTensor('flat', DataType.INT64, { dims: [2], values: [1, -1] }),
    ],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 4, 4])],
    output: [valueInfo('y', DataType.FLOAT)],
  });
  const opsetImport = ['', 'own'].map((domain) =>
    create(OperatorSetIdProtoSchema, { domain, version: domain ? 1n : 17n }),
  );
  return { ...create(ModelProtoSchema, { irVersion: 8n, opsetImport }), graph };
};
const bytesOf = (model: ModelProto): Uint8Array => toBinary(ModelProtoSchema, model);
const broken = (change: (graph: GraphProto, model: ModelProto) => void): Uint8Array => {
  const model = good();
  change(model.graph, model);
  return bytesOf(model);
};

/** Score and gradient of the 4 × 4 image of ones. */
async function explain(model: Uint8Array, inputDims = [1, 1, 4, 4]): Promise<readonly number[]> {
  const subject = await openSubject(model, { runtime: onnxRuntime(), inputDims, target: 0 });
  try {
    const { score, gradient } = await subject.gradient(new Float32Array(16).fill(1));
    return [score, ...gradient];
  } finally {
    await subject.close();
  }
}

test('the model that is broken below is sound', async () => {
  const [score, corner, edge] = await explain(bytesOf(good()));
  expect([score, corner, edge]).toEqual([4.5, 0.125, 0.25]);
});

const sound = bytesOf(good());
const weight = (graph: GraphProto) => graph.initializer[0] as GraphProto['initializer'][number];
const external = (entries: Readonly<Record<string, string>>) =>
  broken((graph) => {
    const w = weight(graph);
    w.rawData = new Uint8Array();
    w.dataLocation = Location.EXTERNAL;
    w.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  });
const fn = (name: string, body: readonly NodeProto[]) =>
  create(FunctionProtoSchema, {
    domain: 'own',
    name,
    input: ['a'],
    output: ['b'],
    node: [...body],
    opsetImport: good().opsetImport,
  });
/** `If` within `If`, as deep as is said. */
const nested = (depth: number): NodeProto => {
  let inner = node('Relu', ['x'], 'y0');
  for (let d = 1; d <= depth; d++) {
    const branch = create(GraphProtoSchema, {
      node: [inner],
      output: [valueInfo(`y${d - 1}`, DataType.FLOAT)],
    });
    inner = node('If', ['yes'], d === depth ? 'y' : `y${d}`);
    inner.attribute = ['then_branch', 'else_branch'].map((name) =>
      create(AttributeProtoSchema, {
        name,
        type: AttributeType.GRAPH,
        g:
          name === 'then_branch'
            ? branch
            : create(GraphProtoSchema, {
                node: [node('Relu', ['x'], 'e')],
                output: [valueInfo('e', DataType.FLOAT)],
              }),
      }),
    );
  }
  return inner;
};

test.each<[string, Uint8Array, string, string]>([
  ['an empty file', new Uint8Array(), 'MODEL_FILE_INVALID', 'holds no graph'],
  ['a file that is cut off', sound.subarray(0, sound.length / 2), 'MODEL_FILE_INVALID', 'no ONNX model'],
  [
    'noise',
    Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251),
    'MODEL_FILE_INVALID',
    'no ONNX model',
  ],
  ['text', new TextEncoder().encode('<html>404 Not Found</html>'), 'MODEL_FILE_INVALID', 'no ONNX model'],
  [
    'a field that says it is 4 GiB long',
    Uint8Array.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2]),
    'MODEL_FILE_INVALID',
    'no ONNX model',
  ],
  [
    'a weight that says it has 2⁴⁰ channels',
    broken((g) => {
      weight(g).dims[0] = 1n << 40n;
    }),
    'MODEL_FILE_INVALID',
    'bytes',
  ],
  [
    'a weight of negative size',
    broken((g) => {
      weight(g).dims[0] = -2n;
    }),
    'MODEL_FILE_INVALID',
    'dimensions',
  ],
  [
    'a weight that is too short',
    broken((g) => {
      weight(g).rawData = new Uint8Array(8);
    }),
    'MODEL_FILE_INVALID',
    'w',
  ],
  [
    'a constant that ends within a number',
    broken((g) => {
      const flat = g.initializer[1];
      if (flat) flat.rawData = flat.rawData.slice(0, 13);
    }),
    'MODEL_FILE_INVALID',
    'Tensor: flat',
  ],
  [
    'weights that are not numbers',
    broken((g) => {
      weight(g).rawData = new Uint8Array(new Float32Array(18).fill(Number.NaN).buffer);
    }),
    'MODEL_RUN_FAILED',
    'the score of y is NaN',
  ],
  [
    'infinite weights',
    broken((g) => {
      weight(g).rawData = new Uint8Array(new Float32Array(18).fill(Number.POSITIVE_INFINITY).buffer);
    }),
    'MODEL_RUN_FAILED',
    'the score of y is Infinity',
  ],
  [
    'an input of size zero',
    broken((g) => {
      g.input = [valueInfo('x', DataType.FLOAT, [1, 1, 0, 4])];
    }),
    'MODEL_RUN_FAILED',
    'invalid dimensions for input: x',
  ],
  [
    'nodes in a circle',
    broken((g) => {
      g.node = [node('Add', ['x', 'b'], 'a'), node('Relu', ['a'], 'b'), node('Relu', ['b'], 'y')];
    }),
    'MODEL_FILE_INVALID',
    'not acyclic',
  ],
  [
    'two nodes that make the same value',
    broken((g) => {
      g.node.push(node('Relu', ['x'], 'c'));
    }),
    'MODEL_FILE_INVALID',
    'Duplicate definition of name (c)',
  ],
  [
    'two weights of one name',
    broken((g) => {
      g.initializer.push(weight(g));
    }),
    'MODEL_FILE_INVALID',
    'two weights have the name w',
  ],
  [
    'a node that reads what nothing makes',
    broken((g) => {
      g.node[0] = node('Conv', ['x', 'elsewhere'], 'c');
    }),
    'MODEL_FILE_INVALID',
    'elsewhere',
  ],
  [
    'an output that nothing makes',
    broken((g) => {
      g.output = [valueInfo('score', DataType.FLOAT)];
    }),
    'MODEL_FILE_INVALID',
    'the output score, which nothing in it makes',
  ],
  [
    'an output of another type than it says',
    broken((g) => {
      g.output = [valueInfo('y', DataType.INT64)];
    }),
    'MODEL_FILE_INVALID',
    'Type Error',
  ],
  [
    'an operator that does not exist',
    broken((g) => {
      g.node[0] = node('Frobnicate', ['x', 'w'], 'c');
    }),
    'MODEL_FILE_INVALID',
    'No Op registered for Frobnicate',
  ],
  [
    'a node that makes a pebibyte',
    broken((g) => {
      const huge = { dims: [4], values: [2 ** 22, 2 ** 22, 4, 4] };
      g.initializer.push(makeTensor('huge', DataType.INT64, huge));
      g.node = [node('Expand', ['x', 'huge'], 'e'), node('ReduceMean', ['e'], 'y')];
    }),
    'MODEL_RUN_FAILED',
    'Failed to allocate memory',
  ],
  [
    'an operator set of the future',
    broken((_, m) => {
      if (m.opsetImport[0]) m.opsetImport[0].version = 9999n;
    }),
    'MODEL_FILE_INVALID',
    'ONNX Runtime only *guarantees* support for models',
  ],
  [
    'a local function that calls itself by another',
    broken((g, m) => {
      m.functions = [fn('F', [node('G', ['a'], 'b', 'own')]), fn('G', [node('F', ['a'], 'b', 'own')])];
      g.node = [node('F', ['x'], 'y', 'own')];
    }),
    'MODEL_FILE_INVALID',
    'own.F (node F y/G b/F b): the local function calls itself',
  ],
  [
    'local functions that double 30 times',
    broken((g, m) => {
      m.functions = Array.from({ length: 30 }, (_, i) => {
        const [op, domain] = i < 29 ? [`F${i + 1}`, 'own'] : ['Relu', ''];
        return fn(`F${i}`, [node(op, ['a'], 'm', domain), node(op, ['m'], 'b', domain)]);
      });
      g.node = [node('F0', ['x'], 'y', 'own')];
    }),
    'MODEL_FILE_INVALID',
    'the model has 10001 operators',
  ],
  [
    'a graph of 20 000 nodes',
    broken((g) => {
      g.node = Array.from({ length: 20_000 }, (_, i) =>
        node('Relu', [i ? `v${i}` : 'x'], i < 19_999 ? `v${i + 1}` : 'y'),
      );
    }),
    'MODEL_FILE_INVALID',
    'the model has 20000 operators',
  ],
  [
    'branches nested 200 deep',
    broken((g) => {
      g.initializer.push(makeTensor('yes', DataType.BOOL, { dims: [], values: [1] }));
      g.node = [nested(200)];
    }),
    'MODEL_FILE_INVALID',
    'no ONNX model',
  ],
  [
    'weights in a file that is not there',
    external({ location: 'missing.bin' }),
    'MODEL_FILE_INVALID',
    'does not exist',
  ],
  [
    'weights in a file above the model',
    external({ location: '../package.json' }),
    'MODEL_FILE_INVALID',
    'escapes',
  ],
  [
    'weights in a file by its absolute path',
    external({ location: '/etc/passwd' }),
    'MODEL_FILE_INVALID',
    'Absolute path',
  ],
  [
    'weights beyond the end of their file',
    external({ location: 'package.json', offset: '1000000', length: '72' }),
    'MODEL_FILE_INVALID',
    'out of bounds',
  ],
])('%s is refused, and named', async (_, model, code, words) => {
  const found = await explain(model).catch((error: unknown) => error);
  expect(found).toBeInstanceOf(Fault);
  expect(found).toMatchObject({ code, detail: expect.stringContaining(words) });
});

test.each([
  ['zero', [1, 1, 0, 4]],
  ['negative', [1, 1, -4, 4]],
  ['more than fits in memory', [1, 1, 2 ** 30, 2 ** 30]],
])('an input whose size is %s is refused before anything is made of it', async (_, inputDims) => {
  await expect(explain(sound, inputDims)).rejects.toMatchObject({
    code: 'MODEL_INPUT_MISMATCH',
    detail: `input x cannot be of ${inputDims.join(' × ')}`,
  });
});

/** All that happens before the runtime sees the model. */
function readWhole(bytes: Uint8Array): void {
  const model = parseModel(bytes);
  model.graph.node = [...expandFunctions(model, model.graph.node)];
  expandFused({ graph: model.graph, opset: 17 });
  const view = viewGraph(model);
  for (const name of view.tensors.keys()) view.numbers(name);
  findPath(view, { of: view.outputs[0] ?? '', wrt: ['x'] }, { rules: RULES, constant: NOT_DIFFERENTIABLE });
}

test('a constant that ends within a number is no list of numbers', () => {
  const cut = broken((g) => {
    const flat = g.initializer[1];
    if (flat) flat.rawData = flat.rawData.slice(0, 13);
  });
  expect(() => readWhole(cut)).toThrow('MODEL_FILE_INVALID: the constant flat ends within a number');
});

test('flipped bits, cuts and repeats: a model is read or refused by a fault, never by another error', () => {
  const place = fc.nat({ max: sound.length - 1 });
  const change = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: place, to: fc.nat({ max: 255 }) }),
    fc.record({ kind: fc.constant('cut' as const), at: place, to: place }),
    fc.record({ kind: fc.constant('repeat' as const), at: place, to: place }),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let bytes = Uint8Array.from(sound);
      for (const { kind, at, to } of changes) {
        const [from, end] = [Math.min(at, to), Math.max(at, to)];
        if (kind === 'set') bytes[at] = to;
        else {
          // Cut: what lies between goes. Repeat: it comes twice.
          const rest = bytes.subarray(kind === 'cut' ? end : from);
          bytes = Uint8Array.from(Buffer.concat([bytes.subarray(0, kind === 'cut' ? from : end), rest]));
        }
      }
      try {
        readWhole(bytes);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(Fault);
        expect((error as Fault).code).not.toBe('INTERNAL');
      }
    }),
    { seed: 11, numRuns: 1500 },
  );
  expect(refused).toBeGreaterThan(300);
  expect(refused).toBeLessThan(1500);
});
