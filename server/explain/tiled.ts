import { Fault } from '../shared/fault.ts';
import { labelsOf } from './classes.ts';
import { type CompiledGradient, compileGradient } from './graph/compile.ts';
import { inline } from './graph/inline.ts';
import { parseModel } from './graph/onnx.ts';
import type { OpenModel, Runtime, Tensor } from './graph/runtime.ts';
import { type GraphView, viewGraph } from './graph/view.ts';
import { CLASS, LABELS, likeliest, oneClass } from './heads.ts';
import { type ReceptiveField, receptiveField } from './receptive-field.ts';
import { channelOf } from './segmentation-target.ts';
import { type Differentiable, size } from './subject.ts';
import { edgeWithin, tileCost } from './tile-cost.ts';
import { addTo, cut, rows, type Tile, type Tiling, tilesOf } from './tiles.ts';

export interface TilingOptions {
  readonly runtime: Runtime;
  /** Dims of the whole input, [1, c, …space]. */
  readonly inputDims: readonly number[];
  /** The output [1, c, …space]; the first when left out. */
  readonly of?: string;
  /** Edge of the boxes that are run, in places; left out, the largest that `memory` allows, but with a core. */
  readonly edge?: number;
  /** Bytes that a gradient in one box may take, beside weights and whole arrays; 2.2 GiB unless said. */
  readonly memory?: number;
  /** Places that each place reads around itself, where the maker says so; computed from the graph when left out. */
  readonly halo?: number;
  /** Told before each box. */
  readonly progress?: (done: number, of: number) => void;
}

export interface TiledTarget {
  readonly label: number;
  /** Over the space: the places whose values of the class are added up. */
  readonly region: Uint8Array;
}

/** A segmentation model, box by box: what is computed is what the whole volume at once would give, to rounding. */
export interface TiledModel {
  readonly field: ReceptiveField;
  readonly tiling: Tiling;
  /** Bytes that a gradient in one box is expected to take. */
  readonly expected: number;
  /** The likeliest class of each place, as `labelsOf` of the whole output. */
  labels(input: Float32Array): Promise<Uint16Array>;
  /** The sum of one class's values over a region, as a subject of all methods that need no layer. */
  subject(target: TiledTarget): TiledSubject;
}

export interface TiledSubject extends Differentiable {
  close(): Promise<void>;
}

/**
 * Throws MODEL_NOT_TILEABLE, naming the operator, for models whose output at a place depends on more than a neighbourhood of it;
 * REQUEST_INVALID for boxes smaller than that.
 */
export async function openTiled(model: Uint8Array, options: TilingOptions): Promise<TiledModel> {
  const { runtime, inputDims, halo, progress, memory = 2.2 * 2 ** 30 } = options;
  const [, channelsIn = 1, ...space] = inputDims;
  const rank = space.length;
  const input = openInput(viewGraph(parseModel(model)));
  const plain = await inline(model, {
    inputDims: { [input]: [1, channelsIn, ...space.map((n) => Math.min(n, 64))] },
    runtime,
  });
  const view = viewGraph(parseModel(plain));
  const of = options.of ?? (view.outputs[0] as string);
  if (!view.outputs.includes(of))
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the model has no output ${of}; it has ${view.outputs.join(', ')}`,
    );
  const computed = receptiveField(view, { input, of, rank });
  const around = halo === undefined ? undefined : space.map(() => halo);
  const field = around ? { ...computed, before: around, after: around } : computed;
  const small = computed.stride.map((s) => 8 * s);
  const cost = await tileCost(plain, view, { input, of, inputDims: [1, channelsIn, ...small], runtime });
  const [, channels = 0, ...grid] = cost.outputDims;
  if (grid.join() !== small.join())
    throw new Fault(
      'MODEL_NOT_TILEABLE',
      `${of} is ${grid.join(' × ')} for an input of ${small.join(' × ')}`,
    );
  const edge = options.edge ?? Math.max(leastEdge(field), edgeWithin(memory, cost.gradient, rank));
  const tiling = tilesOf(space, field, edge);
  const expected = cost.gradient * size(tiling.tile);
  // Without a way back a box may be larger.
  const wider = tilesOf(space, field, Math.max(edge, edgeWithin(expected, cost.forward, rank)));
  const told = { dims: inputDims.slice(1), input, ...(progress ? { progress } : {}) };
  return {
    field,
    tiling,
    expected,
    labels: (data) => labelsIn(plain, data, { boxes: { ...wider, ...told }, of, channels, runtime }),
    subject: ({ label, region }) => {
      if (region.length !== size(space) || !region.some(Boolean))
        throw new Fault('REQUEST_INVALID', 'the region is empty or not of the size of the input');
      const channel = channelOf(label, channels);
      return tiledSubject(oneClass(plain, { of, channel }), {
        boxes: { ...tiling, ...told },
        region,
        runtime,
      });
    },
  };
}

/** The one input's name; its size must be open. */
function openInput({ inputs }: GraphView): string {
  const [input] = inputs;
  if (!input || inputs.length > 1)
    throw new Fault('MODEL_INPUT_MISMATCH', `the model has ${inputs.length} inputs, one is explained`);
  const type = input.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim.slice(2) ?? []) : [];
  const fixed = dims.some(({ value }) => value.case === 'dimValue' && value.value > 0n);
  if (fixed)
    throw new Fault('MODEL_NOT_TILEABLE', `${input.name} has a fixed size; export the model with open sizes`);
  return input.name;
}

/** A core of eight strides. */
const leastEdge = ({ before, after, stride }: ReceptiveField): number =>
  Math.max(...before.map((n, axis) => n + (after[axis] as number) + 8 * (stride[axis] as number)));

interface Boxes extends Tiling {
  /** [c, …space] of the whole. */
  readonly dims: readonly number[];
  readonly input: string;
  readonly progress?: (done: number, of: number) => void;
}

/** One channel is a foreground: its values are put together and read as a whole. */
async function labelsIn(
  model: Uint8Array,
  data: Float32Array,
  { boxes, of, channels, runtime }: { boxes: Boxes; of: string; channels: number; runtime: Runtime },
): Promise<Uint16Array> {
  const space = boxes.dims.slice(1);
  const alone = channels === 1;
  const session = await runtime.open(alone ? oneClass(model, { of, channel: 0 }) : likeliest(model, of));
  const labels = new Uint16Array(size(space));
  const values = new Float32Array(alone ? labels.length : 0);
  try {
    for (const [done, tile] of boxes.tiles.entries()) {
      boxes.progress?.(done, boxes.tiles.length);
      const name = alone ? CLASS : LABELS;
      const found = (await session.run({ [boxes.input]: feed(data, boxes, tile) }, [name]))[name] as Tensor;
      eachOfCore(boxes, tile, (inSpace, inTile) => {
        if (alone) values[inSpace] = Number(found.data[inTile]);
        else labels[inSpace] = Number(found.data[inTile]);
      });
    }
  } finally {
    await session.close();
  }
  return alone ? labelsOf({ dims: [1, ...space], data: values }) : labels;
}

function tiledSubject(
  model: Uint8Array,
  { boxes, region, runtime }: { boxes: Boxes; region: Uint8Array; runtime: Runtime },
): TiledSubject {
  const { dims, input, tile: edge } = boxes;
  const tileDims = [1, dims[0] as number, ...edge];
  // Boxes without a place of the region in their core add nothing.
  const tiles = boxes.tiles.filter((tile) => maskOf(boxes, tile, region).some(Boolean));
  let forward: Promise<OpenModel> | undefined;
  let compiled: Promise<CompiledGradient> | undefined;
  let backward: Promise<OpenModel> | undefined;
  const sum = (values: Tensor | undefined, mask: Float32Array): number => {
    const total = mask.reduce((t, m, i) => (m ? t + Number(values?.data[i]) : t), 0);
    if (Number.isFinite(total)) return total;
    throw new Fault('MODEL_RUN_FAILED', `the score is ${total}: check weights and input`);
  };
  return {
    dims,
    score: async (inputs) => {
      forward ??= runtime.open(model);
      const session = await forward;
      const scores: number[] = [];
      for (const data of inputs) {
        let score = 0;
        for (const [done, tile] of tiles.entries()) {
          boxes.progress?.(done, tiles.length);
          const found = await session.run({ [input]: feed(data, boxes, tile) }, [CLASS]);
          score += sum(found[CLASS], maskOf(boxes, tile, region));
        }
        scores.push(score);
      }
      return scores;
    },
    gradient: async (data) => {
      compiled ??= compileGradient(
        model,
        { of: CLASS, wrt: [input], inputDims: { [input]: tileDims } },
        runtime,
      );
      const { parts, seed, gradients } = await compiled;
      if (seed.type !== 'float32')
        throw new Fault(
          'MODEL_INPUT_MISMATCH',
          `a model with ${seed.type} outputs is not explained in tiles`,
        );
      backward ??= runtime.open(parts);
      const session = await backward;
      const name = gradients[input] as string;
      const gradient = new Float32Array(size(dims));
      let score = 0;
      for (const [done, tile] of tiles.entries()) {
        boxes.progress?.(done, tiles.length);
        const mask = maskOf(boxes, tile, region);
        const found = await session.run(
          { [input]: feed(data, boxes, tile), [seed.name]: { type: 'float32', dims: seed.dims, data: mask } },
          [CLASS, name],
        );
        score += sum(found[CLASS], mask);
        addTo(gradient, dims, { start: tile.start, dims: edge, data: found[name]?.data as Float32Array });
      }
      return { score, gradient };
    },
    close: async () => {
      for (const session of [forward, backward]) await (await session)?.close();
    },
  };
}

const feed = (data: Float32Array, { dims, tile }: Boxes, { start }: Tile): Tensor => ({
  type: 'float32',
  dims: [1, dims[0] as number, ...tile],
  data: cut(data, dims, { start, dims: tile }),
});

/** 1 at the places of the region in the tile's core, [1, 1, …tile]. */
function maskOf(boxes: Boxes, tile: Tile, region: Uint8Array): Float32Array {
  const mask = new Float32Array(size(boxes.tile));
  eachOfCore(boxes, tile, (inSpace, inTile) => {
    if (region[inSpace]) mask[inTile] = 1;
  });
  return mask;
}

function eachOfCore(
  { dims, tile }: Boxes,
  { start, core: { from, to } }: Tile,
  visit: (inSpace: number, inTile: number) => void,
): void {
  const coreDims = to.map((n, axis) => n - (from[axis] as number));
  const inTile: number[] = [];
  const inside = from.map((n, axis) => n - (start[axis] as number));
  rows(tile, { start: inside, dims: coreDims }, (at) => inTile.push(at));
  let line = 0;
  rows(dims.slice(1), { start: from, dims: coreDims }, (at, _, length) => {
    const other = inTile[line++] as number;
    for (let i = 0; i < length; i++) visit(at + i, other + i);
  });
}
