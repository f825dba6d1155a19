import { append, isOnnx, makeNode, type NodeProto, parseModel, valueInfo } from '../explain/graph/onnx.ts';
import { type GraphView, viewGraph } from '../explain/graph/view.ts';
import { size } from '../explain/subject.ts';
import { onnxRuntime } from '../onnx-runtime.ts';
import { Fault } from '../shared/fault.ts';
import { layoutDims } from '../shared/layout.ts';

/** What an ONNX file says of itself as a model of one image. */
export interface StudiedPicture {
  readonly opset: number;
  readonly input: {
    readonly name: string;
    readonly layout: 'NCHW' | 'NHWC';
    readonly channels: 1 | 3;
    /** Undefined where the file leaves them open. */
    readonly rows?: number;
    readonly columns?: number;
  };
  readonly outputs: readonly Output[];
}

/** Its dims are those of a run where the file leaves them open; undefined where neither tells. */
interface Output {
  readonly name: string;
  readonly dims?: readonly (number | undefined)[];
}

export interface StudiedScores {
  readonly name: string;
  /** How many scores. */
  readonly count: number;
  /** What ends the graph; null: the output is not yet a score. */
  readonly activation: 'Sigmoid' | 'Softmax' | null;
  /** The value that the scores are made of. */
  readonly logits: string;
}
export interface StudiedValues {
  readonly name: string;
  readonly count: number;
}
export interface StudiedBoxes {
  readonly boxes: string;
  readonly scores: string;
  readonly classes: number;
}

/** Throws MODEL_INPUT_MISMATCH for what is no model of one image. */
export async function studyPicture(bytes: Uint8Array): Promise<StudiedPicture> {
  const model = parseModel(bytes);
  const view = viewGraph(model);
  const input = inputOf(view, dimsOf(view.inputs));
  const said = dimsOf(model.graph.output);
  const told = (name: string): boolean => said.get(name)?.slice(1).every(Boolean) ?? false;
  const found = view.outputs.every(told)
    ? new Map<string, readonly number[]>()
    : await dimsOfRun(bytes, input);
  const outputs = view.outputs.map((name): Output => {
    const dims = found.get(name) ?? said.get(name);
    return { name, ...(dims ? { dims } : {}) };
  });
  return { opset: view.opset, input, outputs };
}

/** What it gives, as far as its outputs tell: boxes with scores, or numbers. */
export const kindOf = (picture: StudiedPicture): 'detection' | 'classification' =>
  boxesIn(picture) ? 'detection' : 'classification';

/** The list of numbers that a sigmoid or softmax ends, else the first. Throws MODEL_INPUT_MISMATCH without any. */
export function studyScores(bytes: Uint8Array, picture: StudiedPicture): StudiedScores {
  const view = viewGraph(parseModel(bytes));
  const lists = listsIn(picture).map(({ name, dims }) => ({
    name,
    count: dims?.[1] ?? 1,
    ...endOf(view, name),
  }));
  return lists.find(({ activation }) => activation) ?? (lists[0] as StudiedScores);
}

/** Throws MODEL_INPUT_MISMATCH without a list of numbers. */
export function studyValues(picture: StudiedPicture): StudiedValues {
  const [{ name, dims }] = listsIn(picture);
  return { name, count: dims?.[1] ?? 1 };
}

/** Throws MODEL_INPUT_MISMATCH without boxes and scores apart. */
export function studyBoxes(picture: StudiedPicture): StudiedBoxes {
  const found = boxesIn(picture);
  if (found) return found;
  throw new Fault(
    'MODEL_INPUT_MISMATCH',
    `a detection has boxes [1, n, 4] and scores [1, n, classes], this has ${listed(picture)}; where one output holds both, end the graph with a Transpose and a Split, before any suppression`,
  );
}

function boxesIn({ outputs }: StudiedPicture): StudiedBoxes | undefined {
  const three = outputs.filter(({ dims }) => dims?.length === 3);
  const fours = three.filter(({ dims }) => dims?.[2] === 4);
  const boxes = fours.find(({ name }) => /box/i.test(name)) ?? fours[0];
  const scores = three.find((o) => o !== boxes && o.dims?.[1] === boxes?.dims?.[1] && o.dims?.[2]);
  return boxes && scores && { boxes: boxes.name, scores: scores.name, classes: scores.dims?.[2] ?? 1 };
}

function listsIn(picture: StudiedPicture): readonly [Output, ...Output[]] {
  const [first, ...others] = picture.outputs.filter(({ dims }) => dims === undefined || dims.length === 2);
  if (first) return [first, ...others];
  throw new Fault(
    'MODEL_INPUT_MISMATCH',
    `no output is a list of numbers [1, n]; there are ${listed(picture)}`,
  );
}

const listed = ({ outputs }: StudiedPicture): string =>
  outputs.map(({ name, dims }) => `${name} [${dims?.map((d) => d ?? '?').join(', ') ?? '?'}]`).join(', ');

/** A picture of zeros through the model, 224 × 224 where it reads any size; nothing where it does not run. */
async function dimsOfRun(
  bytes: Uint8Array,
  { name, layout, channels, rows = 224, columns = 224 }: StudiedPicture['input'],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const dims = layoutDims(layout, [1, channels, rows, columns]);
  const { outputs } = viewGraph(parseModel(bytes));
  const session = await onnxRuntime().open(bytes);
  try {
    const zeros = { type: 'float32', dims, data: new Float32Array(size(dims)) } as const;
    const results = await session.run({ [name]: zeros }, outputs);
    return new Map(outputs.map((output) => [output, results[output]?.dims ?? []]));
  } catch (error) {
    if (error instanceof Fault && error.code === 'MODEL_RUN_FAILED') return new Map();
    throw error;
  } finally {
    await session.close();
  }
}

/** The model with a sigmoid or softmax at its end, as the output `scores`. */
export function withActivation(
  bytes: Uint8Array,
  scores: StudiedScores,
  activation: 'Sigmoid' | 'Softmax',
): { readonly bytes: Uint8Array; readonly name: string } {
  const output = 'pellucid/scores';
  const type = viewGraph(parseModel(bytes)).types.get(scores.name);
  if (type === undefined)
    throw new Fault('MODEL_INPUT_MISMATCH', `nothing is known of the output ${scores.name}`);
  const attributes = activation === 'Softmax' ? { axis: 1 } : {};
  return {
    name: output,
    bytes: append(bytes, {
      node: [makeNode(activation, [scores.name], { output: [output], attributes })],
      output: [valueInfo(output, type)],
    }),
  };
}

function inputOf(
  { inputs }: GraphView,
  dims: ReadonlyMap<string, readonly (number | undefined)[]>,
): StudiedPicture['input'] {
  const [input] = inputs;
  const known = input && dims.get(input.name);
  if (!input || inputs.length !== 1 || known?.length !== 4)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `a model of images has one input of four dims; this has ${inputs.map((i) => `${i.name} [${dims.get(i.name)?.join(', ')}]`).join(' and ')}`,
    );
  const [, second, third, last] = known;
  const isChannels = (n: number | undefined): n is 1 | 3 => n === 1 || n === 3;
  if (isChannels(second))
    return { name: input.name, layout: 'NCHW', channels: second, ...edges(third, last) };
  if (isChannels(last)) return { name: input.name, layout: 'NHWC', channels: last, ...edges(second, third) };
  throw new Fault('MODEL_INPUT_MISMATCH', `${input.name} has neither one nor three channels`);
}

const edges = (rows: number | undefined, columns: number | undefined) => ({
  ...(rows ? { rows } : {}),
  ...(columns ? { columns } : {}),
});

/** Dims of each value; undefined for those left open. */
const dimsOf = (values: GraphView['inputs']): ReadonlyMap<string, readonly (number | undefined)[]> =>
  new Map(
    values.flatMap(({ name, type }) => {
      const shape = type?.value.case === 'tensorType' ? type.value.value.shape : undefined;
      if (!shape) return [];
      const dims = shape.dim.map(({ value }) =>
        value.case === 'dimValue' && value.value > 0n ? Number(value.value) : undefined,
      );
      return [[name, dims] as const];
    }),
  );

/** Back over copies to the node that makes the scores. */
function endOf(view: GraphView, output: string): Pick<StudiedScores, 'activation' | 'logits'> {
  const makers = new Map(view.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let node: NodeProto | undefined = makers.get(output);
  while (node && node.opType === 'Identity') node = makers.get(node.input[0] ?? '');
  const input = node?.input[0];
  if (node && input && isOnnx(node.domain) && (node.opType === 'Sigmoid' || node.opType === 'Softmax'))
    return { activation: node.opType, logits: input };
  return { activation: null, logits: output };
}
