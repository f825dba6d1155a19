import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readPart10, seriesReader } from '../../server/dicom/read.ts';
import { decodeFrame, THREADS } from '../../server/retrieve/decode-pool.ts';
import { InFlight } from '../../server/retrieve/in-flight.ts';
import { pixelFormat } from '../../server/retrieve/pixel-format.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';

/**
 * Ours, for bench/retrieve.ts: a line `FOLDER PLUGIN MODE` comes, a line of JSON goes. `decode`: frames that are in memory to
 * stored pixels; `whole`: files to one Volume in units. As pydicom_decode.py does it.
 */
interface Answer {
  readonly wall: number;
  readonly cpu: number;
  /** Over the Volume, float32. */
  readonly sha256?: string;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [folder = '', , mode] = line.split(' ');
  const files = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  console.log(JSON.stringify(mode === 'decode' ? await decode(files) : await whole(files)));
}
process.exit();

async function decode(files: readonly string[]): Promise<Answer> {
  const instances = files.map((file) => readPart10(readFileSync(file)));
  return timed(async () => {
    const inFlight = new InFlight(2 * THREADS);
    for (const instance of instances) {
      const [frame] = instance.pixels as [Uint8Array];
      const { TransferSyntaxUID } = instance;
      await inFlight.add(
        decodeFrame({ TransferSyntaxUID, frame, format: pixelFormat(instance) }).then(() => undefined),
      );
    }
    await inFlight.done();
  });
}

async function whole(files: readonly string[]): Promise<Answer> {
  let data: Float32Array = new Float32Array();
  const taken = await timed(async () => {
    const readInstance = seriesReader();
    const read = async function* () {
      for (const file of files) yield readInstance(readFileSync(file));
    };
    ({ data } = await assembleVolume(read(), files.length));
  });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { ...taken, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function timed(work: () => Promise<void>): Promise<Answer> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}
