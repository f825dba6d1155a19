import { append, isOnnx, makeNode, type NodeProto, parseModel, valueInfo } from '../explain/graph/onnx.ts';
import { type GraphView, viewGraph } from '../explain/graph/view.ts';
import { Fault } from '../shared/fault.ts';

/** What an ONNX file says of itself as an image classifier. */
export interface Studied {
  readonly opset: number;
  readonly input: {
    readonly name: string;
    readonly layout: 'NCHW' | 'NHWC';
    readonly channels: 1 | 3;
    /** Undefined where the file leaves them open. */
    readonly rows?: number;
    readonly columns?: number;
  };
  readonly scores: {
    readonly name: string;
    /** How many scores, where the file says. */
    readonly count?: number;
    /** What ends the graph; null: the output is not yet a score. */
    readonly activation: 'Sigmoid' | 'Softmax' | null;
    /** The value that the scores are made of. */
    readonly logits: string;
  };
}

/** Throws MODEL_INPUT_MISMATCH for what is no classifier of one image. */
export function studyClassifier(bytes: Uint8Array): Studied {
  const model = parseModel(bytes);
  const view = viewGraph(model);
  const dims = dimsOf(model.graph.output);
  const name = view.outputs.find((output) => {
    const known = dims.get(output);
    return known === undefined || known.length === 2;
  });
  if (name === undefined)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `no output is a list of scores; there are ${view.outputs.join(', ')}`,
    );
  const count = dims.get(name)?.[1];
  return {
    opset: view.opset,
    input: inputOf(view, dimsOf(view.inputs)),
    scores: { name, ...(count ? { count } : {}), ...endOf(view, name) },
  };
}

/** The model with a sigmoid or softmax at its end, as the output `scores`. */
export function withActivation(
  bytes: Uint8Array,
  { scores }: Studied,
  activation: 'Sigmoid' | 'Softmax',
): { readonly bytes: Uint8Array; readonly scores: string } {
  const output = 'pellucid/scores';
  const type = viewGraph(parseModel(bytes)).types.get(scores.name);
  if (type === undefined)
    throw new Fault('MODEL_INPUT_MISMATCH', `nothing is known of the output ${scores.name}`);
  const attributes = activation === 'Softmax' ? { axis: 1 } : {};
  return {
    scores: output,
    bytes: append(bytes, {
      node: [makeNode(activation, [scores.name], { output: [output], attributes })],
      output: [valueInfo(output, type)],
    }),
  };
}

function inputOf(
  { inputs }: GraphView,
  dims: ReadonlyMap<string, readonly (number | undefined)[]>,
): Studied['input'] {
  const [input] = inputs;
  const known = input && dims.get(input.name);
  if (!input || inputs.length !== 1 || known?.length !== 4)
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `a classifier of images has one input of four dims; this has ${inputs.map((i) => `${i.name} [${dims.get(i.name)?.join(', ')}]`).join(' and ')}`,
    );
  const [, second, third, last] = known;
  const isChannels = (n: number | undefined): n is 1 | 3 => n === 1 || n === 3;
  if (isChannels(second)) return { name: input.name, layout: 'NCHW', channels: second, ...size(third, last) };
  if (isChannels(last)) return { name: input.name, layout: 'NHWC', channels: last, ...size(second, third) };
  throw new Fault('MODEL_INPUT_MISMATCH', `${input.name} has neither one nor three channels`);
}

const size = (rows: number | undefined, columns: number | undefined) => ({
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
function endOf(view: GraphView, output: string): Pick<Studied['scores'], 'activation' | 'logits'> {
  const makers = new Map(view.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let node: NodeProto | undefined = makers.get(output);
  while (node && node.opType === 'Identity') node = makers.get(node.input[0] ?? '');
  const input = node?.input[0];
  if (node && input && isOnnx(node.domain) && (node.opType === 'Sigmoid' || node.opType === 'Softmax'))
    return { activation: node.opType, logits: input };
  return { activation: null, logits: output };
}
