import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { encode } from '../../server/encode/index.ts';
import type { ExplanationMap, Region } from '../../server/explanation.ts';
import { fetchSeries } from '../../server/retrieve/series.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import type { Origin } from '../../server/shared/http.ts';
import { store } from '../../server/store/index.ts';
import { chestCase } from '../encode/fixtures.ts';
import type { SeriesInArchive } from '../helpers/archive.ts';

const DICOMWEB = '/dicom-web';
const CELLS = 8;

/** A result on a cine of pictures as if of a model, in the archive: a finding with a rectangle on a frame of the middle, and a map of each frame. */
export async function explainCine(archive: Origin, series: SeriesInArchive): Promise<void> {
  const made = chestCase();
  const arrived = {
    ...made.job.arrived,
    StudyInstanceUID: StudyInstanceUID.parse(series.StudyInstanceUID),
    SeriesInstanceUID: SeriesInstanceUID.parse(series.SeriesInstanceUID),
    instanceCount: series.instanceCount,
  };
  const volume = await assembleVolume(await fetchSeries(archive, DICOMWEB, arrived));
  const [frames, rows, columns] = volume.shape;
  const region: Region = {
    name: 'Box',
    frame: frames >> 1,
    left: 0.4 * columns,
    right: 0.7 * columns,
    top: 0.4 * rows,
    bottom: 0.6 * rows,
    meaning: 'In the middle.',
  };
  const map: ExplanationMap = {
    ...(made.explanation.maps[0] as ExplanationMap),
    range: [0, 1],
    shape: [frames, CELLS, CELLS],
    data: Float32Array.from({ length: frames * CELLS * CELLS }, (_, i) => (i % CELLS) / (CELLS - 1)),
  };
  const explanation = {
    ...made.explanation,
    findings: made.explanation.findings.map((f) => ({ ...f, regions: [region] })),
    maps: [map],
  };
  const job = { ...made.job, analysisId: `cine ${series.SeriesInstanceUID}`, arrived };
  await store(archive, DICOMWEB, encode({ job, volume, prediction: made.prediction, explanation }));
}
