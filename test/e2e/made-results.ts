import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelMap, ModelJob, Prediction, Volume } from '../../server/contracts.ts';
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

const DICOMWEB = '/dicom-web';
const ENGINE: Engine = { runtime: onnxRuntime(), cacheFolder: join(tmpdir(), 'pellucid-test-gradients') };

/** The chest model's result on a radiograph, by the real stages, in the archive. */
export const explainChest = (archive: Origin, series: SeriesInArchive, createdAt?: string): Promise<void> =>
  make({ archive, series, modelId: 'chest-xr-pneumonia', createdAt }, (model, volume) =>
    infer(model, volume, { threads: 2 }),
  );

/**
 * A result on a head as if of the head model, in the archive. Its mask is drawn by hand, for the model takes minutes: structure n
 * is an ellipsoid at a place of its own.
 */
export const explainHead = (archive: Origin, series: SeriesInArchive): Promise<void> =>
  make({ archive, series, modelId: 'head-mr-structures' }, async (model, volume) =>
    ellipsoids(model, volume),
  );

interface Wanted {
  readonly archive: Origin;
  readonly series: SeriesInArchive;
  readonly modelId: string;
  readonly createdAt?: string | undefined;
}

async function make(
  { archive, series, modelId, createdAt = '2026-11-25T12:00:00.000Z' }: Wanted,
  predict: (model: Model, volume: Volume) => Promise<Prediction>,
): Promise<void> {
  const { ready } = await loadModels(`models:${kitPath('A_brain_mri', 'models')}`);
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
      origin: 'orthanc',
    },
    model: model.identity,
    why: 'test',
    createdAt,
  };
  const volume = await assembleVolume(await fetchSeries(archive, DICOMWEB, job.arrived));
  const prediction = await predict(model, volume);
  const explanation = await explain(model, { volume, prediction }, ENGINE);
  await store(archive, DICOMWEB, encode({ job, volume, prediction, explanation }));
}

function ellipsoids(model: Model, volume: Volume): Prediction {
  const { spec } = model;
  if (spec.kind !== 'segmentation') throw new Error('not a segmentation model');
  const { labels } = spec.output;
  const labelMap = drawEllipsoids(volume.shape, labels.length);
  return {
    model: model.identity,
    labelMap,
    findings: labels.map((label, i) => {
      const voxels = labelMap.data.reduce((n, value) => n + (value === i + 1 ? 1 : 0), 0);
      return { kind: 'segment', label, number: i + 1, voxels, volumeMm3: voxels * voxelMm3(volume) };
    }),
    taps: { margin: { dims: volume.shape, data: new Float32Array(labelMap.data.length).fill(0.5) } },
    parameters: { mask: 'drawn by hand' },
  };
}

const voxelMm3 = ({ PixelSpacing, geometry }: Volume): number =>
  (PixelSpacing ?? ['1', '1']).map(Number).reduce((a, b) => a * b, geometry?.spacingBetweenFrames ?? 1);

/** On a ring around the middle of each plane, each on its own tenth of the frames. */
function drawEllipsoids(shape: LabelMap['shape'], count: number): LabelMap & { readonly data: Uint8Array } {
  const [frames, rows, columns] = shape;
  const data = new Uint8Array(frames * rows * columns);
  for (let n = 0; n < count; n++) {
    const angle = (2 * Math.PI * n) / count;
    const [z, y, x] = [
      frames * (0.35 + (0.3 * n) / count),
      rows * (0.5 + 0.2 * Math.sin(angle)),
      columns * (0.5 + 0.2 * Math.cos(angle)),
    ];
    const [dz, dy, dx] = [frames * 0.05, rows * 0.05, columns * 0.035];
    for (let f = Math.ceil(z - dz); f <= z + dz; f++)
      for (let r = Math.ceil(y - dy); r <= y + dy; r++)
        for (let c = Math.ceil(x - dx); c <= x + dx; c++)
          if (((f - z) / dz) ** 2 + ((r - y) / dy) ** 2 + ((c - x) / dx) ** 2 <= 1)
            data[(f * rows + r) * columns + c] = n + 1;
  }
  return { shape, data };
}
