import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Part10, readPart10 } from '../../server/dicom/read.ts';
import { pixelFormat, samplesRead } from '../../server/retrieve/pixel-format.ts';
import { frameReader } from '../../server/retrieve/pixels.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { asFault } from '../../server/shared/fault.ts';
import { type Facts, imagesOf, type Outcome } from './kit.ts';

/**
 * `node read-images.ts FOLDER [FROM]`: what the product makes of each file of a folder, from number FROM on, one JSON line a file
 * and one at the end. It is run as a process of its own, so that a decoder that dies is seen from outside.
 */

const [, , root = '.', from = '0'] = process.argv;
const files = imagesOf(root).slice(Number(from));
for (const file of files) {
  const start = performance.now();
  const facts = await outcome(new Uint8Array(readFileSync(join(root, file))));
  const ms = Math.round(performance.now() - start);
  process.stdout.write(`${JSON.stringify({ file, ...facts, ms })}\n`);
}
process.stdout.write(`${JSON.stringify({ peakMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`);

async function outcome(bytes: Uint8Array): Promise<Omit<Outcome, 'file' | 'ms'>> {
  let pixels: Facts | undefined;
  try {
    const instance = readPart10(bytes);
    pixels = await pixelsOf(instance);
    await assembleVolume([instance]);
    return { pixels };
  } catch (error) {
    const { code, detail } = asFault(error);
    return { ...(pixels ? { pixels } : {}), fault: code, detail };
  }
}

async function pixelsOf(instance: Part10): Promise<Facts> {
  const format = pixelFormat(instance);
  const read = frameReader(instance, format);
  const samples = samplesRead(format);
  const size = format.rows * format.columns * samples;
  const data = new Float32Array(size * format.frames);
  for (let f = 0; f < format.frames; f++) await read(f, () => data.subarray(f * size, (f + 1) * size));
  const grey = [format.frames, format.rows, format.columns];
  return { shape: samples === 1 ? grey : [...grey, samples], ...factsOf(data) };
}

function factsOf(data: Float32Array): Omit<Facts, 'shape'> {
  let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of data) {
    sum += v;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  const sha256 = createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
  return { sha256, mean: sum / data.length, min, max };
}
