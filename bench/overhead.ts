import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writePart10 } from '../server/dicom/write.ts';
import { GREY } from '../test/helpers/grey.ts';
import { startOrthanc } from '../test/helpers/orthanc.ts';
import { radiograph } from '../test/helpers/radiograph.ts';
import { testServer } from '../test/helpers/server.ts';
import { medianOf } from './retrieve/median.ts';

/**
 * What the product itself takes: from the moment that Orthanc calls the series stable to the results that QIDO-RS lists, without the model
 * and its explanation. `OVERHEAD_RUNS` sets how often.
 */

const RUNS = Number(process.env.OVERHEAD_RUNS ?? 5);
const SLICES = 200;
const SIZE = 256;

const folder = mkdtempSync(join(tmpdir(), 'pellucid-bench-overhead-'));
const orthanc = await startOrthanc({ config: { StableAge: 1 } });
const server = await testServer(folder, { ORTHANC_URL: orthanc.url, POLL_MS: '200', MODEL_PATH: 'models' });
await server.start();

await measure('a radiograph', 1_000, (study) => [radiograph({ study })]);
await measure(`a CT of ${SLICES} slices of ${SIZE} × ${SIZE}`, 3_000, slices);
await server.stop();
await orthanc.remove();
rmSync(folder, { recursive: true, force: true });

async function measure(
  what: string,
  limitMs: number,
  made: (study: string) => readonly Buffer[],
): Promise<void> {
  const overheads: number[] = [];
  const quiet: number[] = [];
  const parts: Record<string, number[]> = {};
  // The first starts the process that works.
  for (let run = 0; run <= RUNS; run++) {
    const study = `1.2.${limitMs}.${run + 1}`;
    for (const body of made(study))
      await (await fetch(`${orthanc.url}/instances`, { method: 'POST', body })).text();
    const stored = Date.now();
    const [stable, visible] = await Promise.all([untilStable(study), untilListed(study)]);
    const [analysis] = (await server.settled(`${study}.1`)) as unknown as readonly {
      readonly state: string;
      readonly timings: Readonly<Record<string, number>>;
    }[];
    if (analysis?.state !== 'done') throw new Error(`${study}: ${JSON.stringify(analysis)}`);
    if (run === 0) continue;
    const { inferring = 0, explaining = 0 } = analysis.timings;
    quiet.push(stable - stored);
    overheads.push(visible - stable - inferring - explaining);
    for (const [state, ms] of Object.entries(analysis.timings)) parts[state] = [...(parts[state] ?? []), ms];
  }
  const stages = Object.entries(parts).map(([state, ms]) => `${state} ${medianOf(ms).toFixed(0)}`);
  console.log(
    `${what}: ${medianOf(overheads).toFixed(0)} ms in the median, ${Math.max(...overheads).toFixed(0)} at most (limit ${limitMs}), after ${medianOf(quiet).toFixed(0)} ms of quiet that Orthanc waits; in each state, ms: ${stages.join(', ')}`,
  );
}

/** When Orthanc first calls the series stable, looked at each 20 ms; ms since the epoch. With a StableAge of 1 s that is after one to two. */
async function untilStable(study: string): Promise<number> {
  const query = JSON.stringify({ Level: 'Series', Query: { StudyInstanceUID: study }, Expand: true });
  for (;;) {
    const answer = await fetch(`${orthanc.url}/tools/find`, { method: 'POST', body: query });
    const [series] = (await answer.json()) as readonly { readonly IsStable: boolean }[];
    if (series?.IsStable) return Date.now();
    await wait(20);
  }
}

/** When the archive first lists all results of a study, looked at each 20 ms; ms since the epoch. */
async function untilListed(study: string): Promise<number> {
  for (;;) {
    const { analyses } = (await (
      await fetch(`${server.url}/api/analyses?StudyInstanceUID=${study}`)
    ).json()) as {
      readonly analyses: readonly { readonly state: string; readonly objects: readonly unknown[] }[];
    };
    const [analysis] = analyses;
    if (analysis?.state === 'failed') throw new Error(server.log().slice(-2_000));
    if (analysis && analysis.objects.length > 0) {
      const answer = await fetch(`${orthanc.url}/dicom-web/studies/${study}/instances`);
      const listed = answer.status === 200 ? ((await answer.json()) as readonly unknown[]).length : 0;
      const sources = listed - analysis.objects.length;
      if (sources === 1 || sources === SLICES) return Date.now();
    }
    await wait(20);
  }
}

/** Slices of a cylinder of water in air: what a model of the trunk accepts. */
function slices(study: string): readonly Buffer[] {
  return Array.from({ length: SLICES }, (_, z) =>
    Buffer.from(
      writePart10({
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        SOPInstanceUID: `${study}.1.${z + 1}`,
        StudyInstanceUID: study,
        SeriesInstanceUID: `${study}.1`,
        FrameOfReferenceUID: `${study}.9`,
        PatientID: 'TEST-1',
        Modality: 'CT',
        BodyPartExamined: 'CHEST',
        SeriesDescription: 'CHEST',
        InstanceNumber: z + 1,
        ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
        ImagePositionPatient: [-125, -125, 2 * z],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        PixelSpacing: [1, 1],
        SliceThickness: 2,
        RescaleIntercept: -1024,
        RescaleSlope: 1,
        RescaleType: 'HU',
        Rows: SIZE,
        Columns: SIZE,
        ...GREY,
        PixelData: Uint16Array.from({ length: SIZE * SIZE }, (_, i) =>
          Math.hypot((i % SIZE) - SIZE / 2, Math.floor(i / SIZE) - SIZE / 2) < SIZE / 3 ? 1064 : 24,
        ),
      }),
    ),
  );
}
