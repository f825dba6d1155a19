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
import { Fault } from '../shared/fault.ts';
import { thicknessOf, voxelVolume } from '../shared/voxel.ts';
import { type Calls, closeCalls, insideOf, intervalOf } from './close-calls.ts';
import { type Decided, decide, undecided } from './decide.ts';
import type { Grid } from './grid.ts';
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
  const extents = extentsOf(labelMap, volume, output.labels.length);
  return {
    model: model.identity,
    findings: output.labels.map((label, i) => {
      const finding: SegmentFinding = {
        kind: 'segment',
        label,
        number: i + 1,
        ...(extents[i + 1] as Extent),
      };
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

/** What there is of each label, 0 to `most`. */
function extentsOf({ shape, data }: LabelMap, { geometry }: Volume, most: number): readonly Extent[] {
  if (!geometry) throw new Fault('MODEL_REFUSES_SERIES', 'a volume needs patient geometry');
  const [frames, rows, columns] = shape;
  const extents = Array.from({ length: most + 1 }, () => ({ voxels: 0, places: 0 }));
  const inFrame = new Int32Array(256);
  for (let frame = 0, at = 0; frame < frames; frame++) {
    inFrame.fill(0);
    for (const end = at + rows * columns; at < end; at++) {
      const label = data[at] as number;
      inFrame[label] = (inFrame[label] as number) + 1;
    }
    const thickness = thicknessOf(geometry, frame);
    extents.forEach((extent, label) => {
      extent.voxels += inFrame[label] as number;
      extent.places += (inFrame[label] as number) * thickness;
    });
  }
  const volume = voxelVolume(geometry.affine);
  return extents.map(({ voxels, places }) => ({ voxels, volumeMm3: places * volume }));
}

type Extent = Pick<SegmentFinding, 'voxels' | 'volumeMm3'>;
