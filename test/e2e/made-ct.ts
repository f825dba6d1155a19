import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelSpec, SegmentFinding, Volume } from '../../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { encode } from '../../server/encode/index.ts';
import type { ExplanationMap } from '../../server/explanation.ts';
import { fetchSeries } from '../../server/retrieve/series.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import type { Origin } from '../../server/shared/http.ts';
import { store } from '../../server/store/index.ts';
import { brainCase, withSides } from '../encode/fixtures.ts';
import { type SeriesInArchive, sendBytes, seriesOf } from '../helpers/archive.ts';
import { drawEllipsoids, type Ellipsoid } from './ellipsoids.ts';

const DICOMWEB = '/dicom-web';
/** What is left in the patient is right in the picture. */
const STRUCTURES: readonly (Ellipsoid & Pick<LabelSpec, 'label' | 'rgb'>)[] = [
  { label: 'Left lung', rgb: [230, 40, 40], centre: [0.5, 0.5, 0.68], radii: [0.4, 0.16, 0.1] },
  { label: 'Right lung', rgb: [40, 90, 230], centre: [0.5, 0.5, 0.32], radii: [0.4, 0.16, 0.1] },
  { label: 'Heart', rgb: [240, 200, 30], centre: [0.5, 0.42, 0.52], radii: [0.3, 0.07, 0.07] },
];
/** What the model looked for and did not find. */
const ABSENT = { label: 'Nodule', rgb: [160, 90, 200] } as const;
export const SOUGHT = [...STRUCTURES, ABSENT];

/** Every fifth slice of a folder, which is enough to look at; `change` makes other bytes of each. */
export async function sendThinned(
  archive: Origin,
  folder: string,
  change = (bytes: Uint8Array): Uint8Array => bytes,
): Promise<SeriesInArchive> {
  const files = readdirSync(folder)
    .toSorted()
    .filter((_, i) => i % 5 === 0);
  let series = '';
  for (const file of files)
    series = (await sendBytes(archive, change(readFileSync(join(folder, file))))).ParentSeries;
  return seriesOf(archive, series);
}

/** A result on a chest CT as if of a model, in the archive: three ellipsoids, a rectangle around one, a structure that is not there, and a map. */
export async function explainCt(archive: Origin, series: SeriesInArchive): Promise<void> {
  const made = withSides(brainCase({ segments: SOUGHT.length }));
  const arrived = {
    ...made.job.arrived,
    StudyInstanceUID: StudyInstanceUID.parse(series.StudyInstanceUID),
    SeriesInstanceUID: SeriesInstanceUID.parse(series.SeriesInstanceUID),
    instanceCount: series.instanceCount,
  };
  const volume = await assembleVolume(await fetchSeries(archive, DICOMWEB, arrived));
  const labelMap = drawEllipsoids(volume.shape, STRUCTURES);
  const findings = made.prediction.findings.map((finding, i) => {
    const { label, rgb } = SOUGHT[i] as (typeof SOUGHT)[number];
    const thousands = SOUGHT[i] === ABSENT ? 0 : i + 1;
    return {
      ...(finding as SegmentFinding),
      label: { ...finding.label, label, rgb },
      voxels: 1000 * thousands,
      volumeMm3: 5000 * thousands,
    };
  });
  const map = { ...(made.explanation.maps[0] as ExplanationMap), ...ramp(volume) };
  const heart = STRUCTURES.length - 1;
  const explanation = {
    ...made.explanation,
    findings: made.explanation.findings.map((f, i) => ({ ...f, regions: i === heart ? [box(volume)] : [] })),
    maps: [map],
  };
  const prediction = { ...made.prediction, findings, labelMap };
  const job = { ...made.job, analysisId: `ct ${series.SeriesInstanceUID}`, arrived };
  await store(archive, DICOMWEB, encode({ job, volume, prediction, explanation }));
}

/** Around the heart, in the middle of the series. */
const box = ({ shape: [frames, rows, columns] }: Volume) => ({
  name: 'Box',
  frame: frames >> 1,
  left: 0.44 * columns,
  right: 0.6 * columns,
  top: 0.34 * rows,
  bottom: 0.5 * rows,
  meaning: 'Around the heart.',
});

/** From 0 at the left edge of each slice to 1 at its right one. */
function ramp({ shape }: Volume): Pick<ExplanationMap, 'shape' | 'data'> {
  const [frames, rows, columns] = shape;
  const data = new Float32Array(frames * rows * columns);
  const line = Float32Array.from({ length: columns }, (_, c) => c / columns);
  for (let at = 0; at < data.length; at += columns) data.set(line, at);
  return { shape, data };
}
