import { execFileSync } from 'node:child_process';
import { writePart10 } from '../server/dicom/write.ts';
import { fetchSeries } from '../server/retrieve/series.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { call } from '../server/shared/http.ts';
import { startOrthanc } from '../test/helpers/orthanc.ts';

/**
 * A CT series of 300 slices of 512² pixels from a real Orthanc on this machine: reading the socket dry is the limit, our
 * Volume the product. Median of five, in one run.
 */
const FRAMES = 300;
const EDGE = 512;
const PIXEL_BYTES = FRAMES * EDGE * EDGE * 2;

const orthanc = await startOrthanc({ config: { MaximumStorageSize: 0 } });
try {
  const archive = { url: orthanc.url };
  for (let f = 0; f < FRAMES; f++) {
    const stored = await call(archive, '/instances', { method: 'POST', body: slice(f) });
    if (stored.status !== 200) throw new Error(await stored.body.text());
    await stored.body.dump();
  }
  const series = { StudyInstanceUID: '1.2.3', SeriesInstanceUID: '1.2.3.1', instanceCount: FRAMES };
  const drain = await median(async () => {
    const answer = await call(archive, `/dicom-web/studies/1.2.3/series/1.2.3.1`, {
      headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    });
    for await (const _ of answer.body);
  });
  const fetched = await median(async () => {
    for await (const _ of fetchSeries(archive, '/dicom-web', series));
  });
  const volume = await median(async () => {
    await assembleVolume(fetchSeries(archive, '/dicom-web', series), FRAMES);
  });
  const rate = (ms: number): string => `${(PIXEL_BYTES / ms / 1000).toFixed(0)} MB/s`;
  console.log(`socket read dry           ${rate(drain)}   1.00`);
  console.log(`parsed instances          ${rate(fetched)}   ${(drain / fetched).toFixed(2)}`);
  console.log(`Volume                    ${rate(volume)}   ${(drain / volume).toFixed(2)}`);
  const idle = peakOf('');
  const peak = peakOf(
    `await assembleVolume(fetchSeries({ url: '${orthanc.url}' }, '/dicom-web', series), ${FRAMES});`,
  );
  console.log(`memory that it takes      ${((peak - idle) / PIXEL_BYTES).toFixed(2)} × the pixel data`);
  console.log(`memory of its process     ${(peak / PIXEL_BYTES).toFixed(2)} × the pixel data`);
} finally {
  await orthanc.remove();
}

/** Largest resident memory, bytes, of a process that does only this; its own count would begin with ours. */
function peakOf(work: string): number {
  const module = (name: string): string =>
    JSON.stringify(new URL(`../server/retrieve/${name}.ts`, import.meta.url));
  const script = `
    import { fetchSeries } from ${module('series')};
    import { assembleVolume } from ${module('volume')};
    const series = { StudyInstanceUID: '1.2.3', SeriesInstanceUID: '1.2.3.1', instanceCount: ${FRAMES} };
    ${work}
    const { readFileSync } = await import('node:fs');
    console.log(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] * 1024);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString());
}

function slice(frame: number): Uint8Array {
  const pixels = new Uint16Array(EDGE * EDGE).map((_, i) => (i * 31 + frame * 17) % 4096);
  return writePart10({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    SOPInstanceUID: `1.2.3.1.${frame + 1}`,
    StudyInstanceUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.1',
    FrameOfReferenceUID: '1.2.3.9',
    Modality: 'CT',
    PatientID: 'BENCH',
    InstanceNumber: frame + 1,
    Rows: EDGE,
    Columns: EDGE,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    PixelSpacing: [0.7, 0.7],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    ImagePositionPatient: [-180, -180, frame],
    RescaleSlope: 1,
    RescaleIntercept: -1024,
    PixelData: new Uint8Array(pixels.buffer),
  });
}

async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[2] as number;
}
