import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { writePart10 } from '../server/dicom/write.ts';
import { withAllocator } from '../server/shared/allocator.ts';
import { call } from '../server/shared/http.ts';
import { startOrthanc } from '../test/helpers/orthanc.ts';
import { compareDecoders } from './retrieve/compare-decoders.ts';
import { medianOf } from './retrieve/median.ts';

/**
 * A CT series of 300 slices of 512² pixels from a real Orthanc on this machine: reading the socket dry is the limit, our
 * Volume the product, in a process that is started as our workers are and gives memory back as they do. Then compressed series
 * against pydicom.
 */
const FRAMES = 300;
const EDGE = 512;
const PIXEL_BYTES = FRAMES * EDGE * EDGE * 2;
const ROUNDS = 9;

interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

console.log(`${FRAMES} × ${EDGE}² CT from Orthanc, ${cpus().length} cores, medians of ${ROUNDS} in turns`);
const orthanc = await startOrthanc({ config: { MaximumStorageSize: 0 } });
try {
  for (let f = 0; f < FRAMES; f++) {
    const stored = await call({ url: orthanc.url }, '/instances', { method: 'POST', body: slice(f) });
    if (stored.status !== 200) throw new Error(await stored.body.text());
    await stored.body.dump();
  }
  const ways = measured<Record<'bare' | 'client' | 'volume', readonly Taken[]>>(FRAMES, ROUNDS);
  const limit = medianOf(ways.bare.map((t) => t.wall));
  const show = (what: string, taken: readonly Taken[]): void => {
    const wall = medianOf(taken.map((t) => t.wall));
    const rate = `${(PIXEL_BYTES / wall / 1000).toFixed(0)} MB/s`.padStart(9);
    const cpu = `${medianOf(taken.map((t) => t.cpu)).toFixed(0)} ms of CPU`.padStart(15);
    console.log(`${what.padEnd(34)} ${rate} ${cpu} ${(limit / wall).toFixed(2)}`);
  };
  show('socket read dry, nothing else', ways.bare);
  show('answer of an HTTP client read dry', ways.client);
  show('Volume, first of its process', ways.volume.slice(0, 1));
  show('Volume, of all', ways.volume);
  const client = medianOf(ways.client.map((t) => t.wall));
  const volume = medianOf(ways.volume.map((t) => t.wall));
  console.log(`Volume against the HTTP client     ${(client / volume).toFixed(2)} (aim: at least 0.8)`);

  const [idle, peak] = [measured<{ peak: number }>(0, 0).peak, measured<{ peak: number }>(FRAMES, 0).peak];
  const times = (bytes: number): string => `${(bytes / PIXEL_BYTES).toFixed(2)} × the pixel data`;
  console.log(`memory that it takes               ${times(peak - idle)} (aim: at most 2.5)`);
  console.log(`memory of its process              ${times(peak)}`);
} finally {
  await orthanc.remove();
}
await compareDecoders();

function measured<T>(frames: number, rounds: number): T {
  const script = fileURLToPath(new URL('./retrieve/socket.ts', import.meta.url));
  const args = [script, orthanc.url, String(frames), String(rounds)];
  return JSON.parse(execFileSync(process.execPath, args, { env: withAllocator(process.env) }).toString());
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
