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
import { Fault } from '../shared/fault.ts';
import { thicknessOf, voxelVolume } from '../shared/voxel.ts';
import type { Dims, Grid } from './grid.ts';
import { keepLargestComponent } from './largest-component.ts';
import { prepare } from './prepare.ts';
import { type RunOptions, runOnnx } from './session.ts';
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
  const { grid, said } = prepare(volume, input);
  const { shape, toSource } = grid;
  const taps = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: { dims: [1, 1, ...shape], data: floats(grid.data) } },
    fetches: [output.logits],
  });
  const decided = decide(taps[output.logits] as Tap, shape, output.labels.length + 1);
  const { labels, margin } = decided;
  const removed = output.largestComponent ? keepLargestComponent(labels, shape) : 0;
  const calls = closeCalls(decided, output.labels.length + 1);
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
    parameters: { ...said, voxelsRemovedAsIslands: removed },
  };
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

/** Best channel (the lowest of equals), the second, and the softmax margin between them, for each voxel of logits [1, c, …size]. */
function decide(logits: Tap, size: Dims, channels: number): Decided {
  const voxels = size[0] * size[1] * size[2];
  if (logits.data.length !== channels * voxels) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the logits are ${logits.dims.join(' × ')}, model.yaml names ${channels} channels`,
    );
  }
  const labels = new Uint8Array(voxels);
  const next = new Uint8Array(voxels);
  const margin = new Float32Array(voxels);
  const { data } = logits;
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
    labels[v] = label;
    next[v] = nextLabel;
    margin[v] = (1 - Math.exp(second - best)) / sum;
  }
  return { labels, margin, next };
}

/** Voxels of one label on the model's grid. */
interface Calls {
  own: number;
  /** Its own that nearly went to another. */
  close: number;
  /** Others' that nearly came to it. */
  nearly: number;
}

function closeCalls({ labels, margin, next }: Decided, channels: number): readonly Calls[] {
  const calls = Array.from({ length: channels }, (): Calls => ({ own: 0, close: 0, nearly: 0 }));
  for (let v = 0; v < labels.length; v++) {
    const label = labels[v] as number;
    const own = calls[label] as Calls;
    own.own++;
    if ((margin[v] as number) >= CLOSE_CALL) continue;
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
