import {
  type LabelMap,
  NOT_COMPUTED,
  type Prediction,
  type SegmentFinding,
  type Tap,
  type Volume,
} from '../contracts.ts';
import type { Model } from '../models/load.ts';
import type { SegmentationSpec } from '../models/schema.ts';
import { invertAffine } from '../shared/affine.ts';
import { Fault } from '../shared/fault.ts';
import { type Conformed, conform, EDGE } from './conform.ts';
import { type Dims, keepLargestComponent } from './largest-component.ts';
import { type RunOptions, runOnnx } from './session.ts';

/** A part of the conformed grid: first voxel and size along i, j, k. */
interface Box {
  readonly start: Dims;
  readonly size: Dims;
}

/**
 * A stack of slices through a segmentation model: label map on the source grid, one finding a label, and as tap `margin`
 * [frame, row, column] the softmax probability of the best label over the second, 0..1, −1 outside the model's crop.
 */
export async function segment(
  model: Model & { readonly spec: SegmentationSpec },
  volume: Volume,
  options: RunOptions,
): Promise<Prediction> {
  const { input, output } = model.spec;
  const conformed = conform(volume);
  const box = cropBox(conformed.data, input);
  const taps = await runOnnx(model.onnxPath, {
    ...options,
    feeds: { [input.tensor]: { dims: [1, 1, ...box.size], data: cropped(conformed.data, box) } },
    fetches: [output.logits],
  });
  const { labels, margin } = decide(taps[output.logits] as Tap, box.size, output.labels.length + 1);
  const removed = output.largestComponent ? keepLargestComponent(labels, box.size) : 0;
  const labelMap: LabelMap = {
    shape: volume.shape,
    data: toSourceGrid(labels, new Uint8Array(volume.data.length), { volume, conformed, box }),
  };
  const marginMap = toSourceGrid(margin, new Float32Array(volume.data.length).fill(NOT_COMPUTED), {
    volume,
    conformed,
    box,
  });
  return {
    model: model.identity,
    findings: output.labels.map((label, i) => segmentFinding(label, i + 1, labelMap, volume)),
    labelMap,
    taps: { margin: { dims: volume.shape, data: marginMap } },
    parameters: {
      grid: 'conform 256x256x256, 1 mm',
      window: `${conformed.window.low}..${Number(conformed.window.high.toPrecision(6))}`,
      crop: `${box.size.join('x')} at ${box.start.join(',')}`,
      voxelsRemovedAsIslands: removed,
    },
  };
}

/** Bounding box of the voxels above the threshold, padded and kept inside the cube. */
function cropBox(data: Uint8Array, { cropThreshold, cropPadding }: SegmentationSpec['input']): Box {
  // Min-max to 0..1 in float32, as the model's own code does before it compares.
  const { low, high } = extremes(data);
  const limit = Math.fround(cropThreshold);
  const above = Array.from({ length: 256 }, (_, v) => Math.fround((v - low) / (high - low)) > limit);
  const first = [EDGE, EDGE, EDGE];
  const last = [-1, -1, -1];
  for (let i = 0, v = 0; i < EDGE; i++) {
    for (let j = 0; j < EDGE; j++) {
      for (let k = 0; k < EDGE; k++, v++) {
        if (!above[data[v] as number]) continue;
        [i, j, k].forEach((n, axis) => {
          if (n < (first[axis] as number)) first[axis] = n;
          if (n > (last[axis] as number)) last[axis] = n;
        });
      }
    }
  }
  if (last[0] === -1) throw new Fault('MODEL_INPUT_MISMATCH', 'no voxel is bright enough to be a head');
  const start = first.map((n) => Math.max(0, n - cropPadding)) as unknown as Dims;
  const size = last.map(
    (n, axis) => Math.min(EDGE - 1, n + cropPadding) - (start[axis] as number) + 1,
  ) as unknown as Dims;
  return { start, size };
}

/** The box as float32, min-max normalised over the whole cube. */
function cropped(data: Uint8Array, { start, size }: Box): Float32Array {
  const { low, high } = extremes(data);
  const [d0, d1, d2] = size;
  const out = new Float32Array(d0 * d1 * d2);
  let at = 0;
  for (let i = 0; i < d0; i++) {
    for (let j = 0; j < d1; j++) {
      const row = ((start[0] + i) * EDGE + start[1] + j) * EDGE + start[2];
      for (let k = 0; k < d2; k++) out[at++] = ((data[row + k] as number) - low) / (high - low);
    }
  }
  return out;
}

function extremes(data: Uint8Array): { low: number; high: number } {
  let low = 255;
  let high = 0;
  for (const v of data) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (high === low) throw new Fault('MODEL_INPUT_MISMATCH', 'every voxel of the series has the same value');
  return { low, high };
}

/** Best channel (the lowest of equals) and its softmax margin over the second, for each voxel of logits [1, c, …size]. */
function decide(logits: Tap, size: Dims, channels: number): { labels: Uint8Array; margin: Float32Array } {
  const voxels = size[0] * size[1] * size[2];
  if (logits.data.length !== channels * voxels) {
    throw new Fault(
      'MODEL_INPUT_MISMATCH',
      `the logits are ${logits.dims.join(' × ')}, model.yaml names ${channels} channels`,
    );
  }
  const labels = new Uint8Array(voxels);
  const margin = new Float32Array(voxels);
  const { data } = logits;
  for (let v = 0; v < voxels; v++) {
    let best = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    let label = 0;
    for (let c = 0, at = v; c < channels; c++, at += voxels) {
      const x = data[at] as number;
      if (x > best) {
        second = best;
        best = x;
        label = c;
      } else if (x > second) second = x;
    }
    let sum = 0;
    for (let c = 0, at = v; c < channels; c++, at += voxels) sum += Math.exp((data[at] as number) - best);
    labels[v] = label;
    margin[v] = (1 - Math.exp(second - best)) / sum;
  }
  return { labels, margin };
}

/** Halves go up even when rounding noise left them a little below: source and model grids often meet at halves. */
const HALF_UP = 0.5 + 1e-6;

interface Placement {
  readonly volume: Volume;
  readonly conformed: Conformed;
  readonly box: Box;
}

/** Takes for each source voxel the value of the nearest voxel of the box; voxels outside keep what `out` holds. */
function toSourceGrid<T extends Uint8Array | Float32Array>(
  values: T,
  out: T,
  { volume, conformed, box }: Placement,
): T {
  const [frames, rows, columns] = volume.shape;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = invertAffine(
    conformed.toSource,
  );
  const { start, size } = box;
  let at = 0;
  for (let z = 0; z < frames; z++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, at++) {
        const p = Math.floor(a * x + b * y + c * z + d + HALF_UP) - start[0];
        const q = Math.floor(e * x + f * y + g * z + h + HALF_UP) - start[1];
        const r = Math.floor(i * x + j * y + k * z + l + HALF_UP) - start[2];
        if (p < 0 || q < 0 || r < 0 || p >= size[0] || q >= size[1] || r >= size[2]) continue;
        out[at] = values[(p * size[1] + q) * size[2] + r] as number;
      }
    }
  }
  return out;
}

function segmentFinding(
  label: SegmentFinding['label'],
  number: number,
  map: LabelMap,
  volume: Volume,
): SegmentFinding {
  let voxels = 0;
  for (const v of map.data) if (v === number) voxels++;
  return { kind: 'segment', label, number, voxels, volumeMm3: voxels * voxelVolume(volume) };
}

/** Determinant of the affine's linear part, mm³. */
function voxelVolume({ geometry }: Volume): number {
  if (!geometry) throw new Fault('MODEL_INPUT_MISMATCH', 'a volume needs patient geometry');
  const [a = 0, b = 0, c = 0, , e = 0, f = 0, g = 0, , i = 0, j = 0, k = 0] = geometry.affine;
  return Math.abs(a * (f * k - g * j) - b * (e * k - g * i) + c * (e * j - f * i));
}
