import {
  CLOSE_CALL,
  type LabelMap,
  NOT_COMPUTED,
  type Prediction,
  type SegmentFinding,
  type Tap,
  type Volume,
} from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { SegmentationSpec } from '../models/schema.ts';
import { applyAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import { thicknessOf, voxelVolume } from '../shared/voxel.ts';
import type { Dims, Grid } from './grid.ts';
import { keepLargestComponent } from './largest-component.ts';
import { prepare } from './prepare.ts';
import { type RunOptions, withOnnx } from './session.ts';
import { padded, runTiles } from './tiles.ts';
import { toSourceGrid } from './to-source.ts';

/**
 * A stack of slices through a segmentation model: label map on the source grid, one finding a label, and as tap `margin`
 * [frame, row, column] the softmax probability of the best label over the second, 0..1, −1 outside the model's grid.
 */
export async function segment(
  model: Model & { readonly spec: SegmentationSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { rule, input, output } = model.spec;
  const prepared = prepare(volume, input);
  const grid = input.tiles ? padded(prepared.grid, input.tiles) : prepared.grid;
  const { shape, toSource } = grid;
  const { decided, said } = await decidedOf(model, grid, options);
  const { labels, margin } = decided;
  const removed = output.largestComponent ? keepLargestComponent(labels, shape) : 0;
  const calls = closeCalls(decided, output.labels.length + 1, insideOf(volume, grid));
  const labelMap: LabelMap = {
    shape: volume.shape,
    data: toSourceGrid({ shape, toSource, data: labels }, volume, {
      out: new Uint8Array(volume.data.length),
      interpolation: 'nearest',
    }),
  };
  // Each margin is that of the label at its voxel, so it is taken with it and not mixed with its neighbours'.
  const marginMap = toSourceGrid({ shape, toSource, data: margin }, volume, {
    out: new Float32Array(volume.data.length).fill(NOT_COMPUTED),
    interpolation: 'nearest',
  });
  return {
    model: model.identity,
    findings: output.labels.map((label, i) => {
      const finding = segmentFinding(label, i + 1, labelMap, volume);
      // The margin of a model that is a rule tells nothing.
      return rule === undefined ? { ...finding, ...intervalOf(finding, calls[i + 1] as Calls) } : finding;
    }),
    labelMap,
    taps: { margin: { dims: volume.shape, data: marginMap } },
    parameters: { ...prepared.said, ...said, voxelsRemovedAsIslands: removed },
  };
}

/** The model over the whole grid at once, or in tiles. */
async function decidedOf(
  { onnxPath, spec: { input, output } }: Model & { readonly spec: SegmentationSpec },
  grid: Grid,
  options: RunOptions,
): Promise<{ readonly decided: Decided; readonly said: Readonly<Record<string, string>> }> {
  const { tensor, tiles } = input;
  const channels = output.labels.length + 1;
  const decided = undecided(grid.shape);
  return withOnnx(onnxPath, options, async (forward) => {
    const run = async (tap: Tap): Promise<Tap> =>
      (await forward({ [tensor]: tap }, [output.logits]))[output.logits] as Tap;
    if (!tiles) {
      decide(decided, {
        from: 0,
        logits: await run({ dims: [1, 1, ...grid.shape], data: floats(grid.data) }),
        channels,
      });
      return { decided, said: {} };
    }
    const area = grid.shape[1] * grid.shape[2];
    const count = await runTiles(grid, { tiles, channels, run }, ({ from, logits }) =>
      decide(decided, { from: from * area, logits, channels }),
    );
    const { size, overlap, blend, by } = tiles;
    const how = `${count} of ${size.join('x')}, overlap ${overlap}, ${blend}, as ${by}`;
    return { decided, said: { tiles: how } };
  });
}

const floats = (data: Grid['data']): Float32Array =>
  data instanceof Float32Array ? data : new Float32Array(data);

/** For each voxel of the model's grid. */
interface Decided {
  readonly labels: Uint8Array;
  /** Probability of the label over that of the next. */
  readonly margin: Float32Array;
  /** The next label. */
  readonly next: Uint8Array;
}

function undecided([d, h, w]: Dims): Decided {
  const voxels = d * h * w;
  return {
    labels: new Uint8Array(voxels),
    next: new Uint8Array(voxels),
    margin: new Float32Array(voxels),
  };
}

/**
 * Best channel (the lowest of equals), the second, and the softmax margin between them, for each voxel of logits [1, c, …space], the
 * first of which is `from` in the grid.
 */
function decide(
  { labels, next, margin }: Decided,
  { from, logits, channels }: { readonly from: number; readonly logits: Tap; readonly channels: number },
): void {
  const { dims, data } = logits;
  const voxels = dims.slice(2).reduce((a, b) => a * b, 1);
  if (dims.length !== 5 || dims[1] !== channels || from + voxels > labels.length) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the logits are ${dims.join(' × ')}, model.yaml names ${channels} channels`,
    );
  }
  for (let v = 0; v < voxels; v++) {
    let best = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    let label = 0;
    let nextLabel = 0;
    for (let c = 0, at = v; c < channels; c++, at += voxels) {
      const x = data[at] as number;
      if (x > best) {
        second = best;
        nextLabel = label;
        best = x;
        label = c;
      } else if (x > second) {
        second = x;
        nextLabel = c;
      }
    }
    let sum = 0;
    for (let c = 0, at = v; c < channels; c++, at += voxels) sum += Math.exp((data[at] as number) - best);
    labels[from + v] = label;
    next[from + v] = nextLabel;
    margin[from + v] = (1 - Math.exp(second - best)) / sum;
  }
}

/** Whether a voxel of the model's grid lies in the source: what was padded around it is nobody's. */
function insideOf({ shape: [frames, rows, columns], geometry }: Volume, { shape, toSource }: Grid) {
  const [, nj, nk] = shape;
  const last = geometry?.frameAt?.[frames - 1] ?? frames - 1;
  const within = (at: number, most: number): boolean => at >= -0.5 && at < most + 0.5;
  return (v: number): boolean => {
    const k = v % nk;
    const j = Math.floor(v / nk) % nj;
    const [column, row, frame] = applyAffine(toSource, [Math.floor(v / (nj * nk)), j, k]);
    return within(column, columns - 1) && within(row, rows - 1) && within(frame, last);
  };
}

/** Voxels of one label on the model's grid. */
interface Calls {
  own: number;
  /** Its own that nearly went to another. */
  close: number;
  /** Others' that nearly came to it. */
  nearly: number;
}

function closeCalls(
  { labels, margin, next }: Decided,
  channels: number,
  isInside: (v: number) => boolean,
): readonly Calls[] {
  const calls = Array.from({ length: channels }, (): Calls => ({ own: 0, close: 0, nearly: 0 }));
  for (let v = 0; v < labels.length; v++) {
    const label = labels[v] as number;
    const isClose = (margin[v] as number) < CLOSE_CALL;
    // Most of a grid is plain background, and of that nothing is said.
    if ((label === 0 && !isClose) || !isInside(v)) continue;
    const own = calls[label] as Calls;
    own.own++;
    if (!isClose) continue;
    own.close++;
    // What was removed as an island is background now, and its next label may be that too.
    if (next[v] !== label) (calls[next[v] as number] as Calls).nearly++;
  }
  return calls;
}

/** The volume on the source's grid, less and more by the shares of close calls on the model's. */
const intervalOf = (
  { volumeMm3 }: SegmentFinding,
  { own, close, nearly }: Calls,
): Pick<SegmentFinding, 'volumeInterval'> =>
  own > 0 && volumeMm3 > 0
    ? { volumeInterval: [volumeMm3 * (1 - close / own), volumeMm3 * (1 + nearly / own)] }
    : {};

function segmentFinding(
  label: SegmentFinding['label'],
  number: number,
  map: LabelMap,
  volume: Volume,
): SegmentFinding {
  const { geometry } = volume;
  if (!geometry) throw new Fault('MODEL_REFUSES_SERIES', 'a volume needs patient geometry');
  const [frames, rows, columns] = map.shape;
  const area = rows * columns;
  let voxels = 0;
  let places = 0;
  for (let frame = 0; frame < frames; frame++) {
    let inFrame = 0;
    for (let i = frame * area; i < (frame + 1) * area; i++) if (map.data[i] === number) inFrame++;
    voxels += inFrame;
    places += inFrame * thicknessOf(geometry, frame);
  }
  return { kind: 'segment', label, number, voxels, volumeMm3: places * voxelVolume(geometry.affine) };
}
