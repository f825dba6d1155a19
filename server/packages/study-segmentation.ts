import { parseModel } from '../explain/graph/onnx.ts';
import { type GraphView, viewGraph } from '../explain/graph/view.ts';
import { Fault } from '../shared/fault.ts';

/** What an ONNX file says of itself as a segmentation of volumes. */
export interface StudiedSegmentation {
  readonly opset: number;
  readonly input: string;
  readonly logits: string;
  /** With the background. */
  readonly classes: number;
}

/** Whether the model reads volumes: its first input has five axes. */
export const readsVolumes = (bytes: Uint8Array): boolean => inputDims(bytes)?.length === 5;

/** Dims of the first input; undefined for each that is left open. */
export function inputDims(bytes: Uint8Array): readonly (number | undefined)[] | undefined {
  const [input] = viewGraph(parseModel(bytes)).inputs;
  return input && dimsOf(input);
}

/** Throws MODEL_INPUT_MISMATCH for what is no segmentation of one volume into two classes or more. */
export function studySegmentation(bytes: Uint8Array): StudiedSegmentation {
  const model = parseModel(bytes);
  const { inputs, opset } = viewGraph(model);
  const [input] = inputs;
  const [batch, channels] = (input && dimsOf(input)) ?? [];
  if (!input || inputs.length !== 1 || (batch ?? 1) !== 1 || (channels ?? 1) !== 1)
    refuse('it must have one input [1, 1, slices, rows, columns]');
  const output = model.graph.output.find((o) => dimsOf(o)?.length === 5);
  const classes = output && dimsOf(output)?.[1];
  if (!output || classes === undefined)
    return refuse('no output says how many classes it has, [1, classes, slices, rows, columns]');
  if (classes < 2)
    refuse('it has one channel; export it with one for the background and one for each structure');
  return { opset, input: (input as { name: string }).name, logits: output.name, classes };
}

function refuse(why: string): never {
  throw new Fault('MODEL_INPUT_MISMATCH', `a segmentation of volumes is packaged here, and ${why}`);
}

/** Dims of a value; undefined for each that is left open. */
function dimsOf({ type }: GraphView['inputs'][number]): readonly (number | undefined)[] | undefined {
  const shape = type?.value.case === 'tensorType' ? type.value.value.shape : undefined;
  return shape?.dim.map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : undefined,
  );
}
