import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelJob, OptionalKind, Prediction, Volume } from '../../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { encode } from '../../server/encode/index.ts';
import type { Engine } from '../../server/explain/engine.ts';
import { explain } from '../../server/explain/explain.ts';
import { infer } from '../../server/infer/infer.ts';
import { loadModels, type Model } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { fetchSeries } from '../../server/retrieve/series.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import type { Origin } from '../../server/shared/http.ts';
import { store } from '../../server/store/index.ts';
import type { SeriesInArchive } from '../helpers/archive.ts';
import { kitPath } from '../helpers/kit.ts';
import { drawEllipsoids, ring } from './ellipsoids.ts';

const DICOMWEB = '/dicom-web';
const ENGINE: Engine = { runtime: onnxRuntime(), cacheFolder: join(tmpdir(), 'pellucid-test-gradients') };

/** When it was made, and what is written beside what always is. */
interface Made {
  readonly createdAt?: string;
  readonly also?: readonly OptionalKind[];
}

/** The chest model's result on a radiograph, by the real stages, in the archive. */
export const explainChest = (archive: Origin, series: SeriesInArchive, made: Made = {}): Promise<void> =>
  make({ archive, series, modelId: 'chest-xr-pneumonia', ...made }, (model, volume) =>
    infer(model, volume, { threads: 2 }),
  );

/** The head model's result, by the real stages. */
export const explainHeadStructures = (archive: Origin, series: SeriesInArchive): Promise<void> =>
  make({ archive, series, modelId: 'head-mr-structures' }, (model, volume) =>
    infer(model, volume, { threads: 2 }),
  );

/**
 * A result on a head as if of the kit's head model, in the archive. Its mask is drawn by hand, for the model takes minutes: structure n
 * is an ellipsoid at a place of its own.
 */
export const explainHead = (archive: Origin, series: SeriesInArchive): Promise<void> =>
  make({ archive, series, modelId: 'head-mr-meshnet' }, async (model, volume) => ellipsoids(model, volume));

interface Wanted extends Made {
  readonly archive: Origin;
  readonly series: SeriesInArchive;
  readonly modelId: string;
}

async function make(
  { archive, series, modelId, createdAt = '2026-11-25T12:00:00.000Z', also }: Wanted,
  predict: (model: Model, volume: Volume) => Promise<Prediction>,
): Promise<void> {
  const { ready } = await loadModels(`models:test/fixtures/models:${kitPath('A_brain_mri', 'models')}`);
  const model = ready.find(({ identity }) => identity.id === modelId);
  if (!model) throw new Error(`no model ${modelId}`);
  const job: ModelJob = {
    analysisId: `${modelId} ${series.SeriesInstanceUID} ${createdAt}`,
    arrived: {
      StudyInstanceUID: StudyInstanceUID.parse(series.StudyInstanceUID),
      SeriesInstanceUID: SeriesInstanceUID.parse(series.SeriesInstanceUID),
      instanceCount: series.instanceCount,
      fingerprint: 'test',
      settledAt: createdAt,
    },
    model: model.identity,
    why: 'test',
    mode: 'clinical',
    createdAt,
  };
  const volume = await assembleVolume(await fetchSeries(archive, DICOMWEB, job.arrived));
  const prediction = await predict(model, volume);
  const explanation = await explain(model, { volume, prediction }, ENGINE);
  await store(archive, DICOMWEB, encode({ job, volume, prediction, explanation }, also));
}

function ellipsoids(model: Model, volume: Volume): Prediction {
  const { spec } = model;
  if (spec.kind !== 'segmentation') throw new Error('not a segmentation model');
  const { labels } = spec.output;
  const labelMap = drawEllipsoids(volume.shape, ring(labels.length));
  const voxelsOf = new Uint32Array(labels.length + 1);
  for (const value of labelMap.data) (voxelsOf[value] as number)++;
  return {
    model: model.identity,
    labelMap,
    findings: labels.map((label, i) => {
      const voxels = voxelsOf[i + 1] as number;
      return { kind: 'segment', label, number: i + 1, voxels, volumeMm3: voxels * voxelMm3(volume) };
    }),
    taps: { margin: { dims: volume.shape, data: ramp(volume) } },
    parameters: { mask: 'drawn by hand' },
  };
}

/** From 0 at the left edge of each slice to 1 at its right one. */
const ramp = ({ shape: [frames, rows, columns] }: Volume): Float32Array =>
  Float32Array.from({ length: frames * rows * columns }, (_, i) => (i % columns) / columns);

const voxelMm3 = ({ PixelSpacing, geometry }: Volume): number =>
  (PixelSpacing ?? ['1', '1']).map(Number).reduce((a, b) => a * b, geometry?.spacingBetweenFrames ?? 1);
