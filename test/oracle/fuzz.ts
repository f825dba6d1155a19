import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readPart10 } from '../../server/dicom/read.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { Fault } from '../../server/shared/fault.ts';

/**
 * `node fuzz.ts FOLDER [RUNS] [SEED]`: files of a folder, each damaged in a few places, are read or refused by a named Fault within
 * ten seconds. Ends with 1 and the smallest damage that breaks it. A process of its own: it must survive all of them.
 */
const LARGEST = 100_000;
const PATIENCE_MS = 10_000;
/** Numbers that lengths, counts and offsets like least. */
const NASTY = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
];

const [, , root = '.', runs = '1000', seed = '1'] = process.argv;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((f) => statSync(join(root, f)).isFile() && statSync(join(root, f)).size <= LARGEST)
  .sort()
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(root, name))) }))
  .filter(({ bytes }) => Buffer.from(bytes.subarray(128, 132)).toString('latin1') === 'DICM');

interface Damage {
  readonly kind: 'set' | 'flip' | 'cut' | 'repeat' | 'end';
  /** Share of the file, 0..1; half of all damage falls on the header. */
  readonly place: number;
  readonly length: number;
  readonly value: number;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom(
    'set' as const,
    'set' as const,
    'flip' as const,
    'cut' as const,
    'repeat' as const,
    'end' as const,
  ),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 64 }),
  value: fc.oneof(fc.constantFrom(...NASTY), fc.nat(255)),
});

const tally = { read: 0, refused: 0, slowestMs: 0 };
let done = 0;

const check = fc.asyncProperty(
  fc.nat(files.length - 1),
  fc.boolean(),
  fc.array(damage, { minLength: 1, maxLength: 4 }),
  async (file, inHeader, damages) => {
    const { bytes } = files[file] as (typeof files)[number];
    const broken = damages.reduce<Uint8Array>((b, d) => inflict(b, d, inHeader ? 2000 : b.length), bytes);
    const start = performance.now();
    await attempt(broken);
    const ms = performance.now() - start;
    if (ms > PATIENCE_MS) throw new Error(`it took ${ms.toFixed(0)} ms`);
    tally.slowestMs = Math.max(tally.slowestMs, Math.round(ms));
    if (++done % 5000 === 0) process.stderr.write(`${done}\n`);
  },
);

try {
  await fc.assert(check, { numRuns: Number(runs), seed: Number(seed) });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ files: files.length, runs: done, ...tally, peakMb })}\n`);

/** Read with all its pixels finite in number, or refused by name; anything else is thrown on. */
async function attempt(bytes: Uint8Array): Promise<void> {
  try {
    const { shape, data, samples = 1 } = await assembleVolume([readPart10(bytes)]);
    if (data.length !== shape[0] * shape[1] * shape[2] * samples)
      throw new Error('the volume has another size than its shape');
    if (!data.every(Number.isFinite)) throw new Error('the volume holds what is no number');
    tally.read++;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    tally.refused++;
  }
}

function inflict(bytes: Uint8Array, { kind, place, length, value }: Damage, within: number): Uint8Array {
  const at = Math.floor(place * Math.min(within, bytes.length));
  const out = Uint8Array.from(bytes);
  switch (kind) {
    case 'set': {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(value >>> 0);
      out.set(word.subarray(0, Math.max(0, Math.min(value > 0xffff ? 4 : 2, out.length - at))), at);
      return out;
    }
    case 'flip':
      if (at < out.length) out[at] = (out[at] as number) ^ (1 << (value & 7));
      return out;
    case 'cut':
      return Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
    case 'repeat':
      return Buffer.concat([out.subarray(0, at + length), out.subarray(at)]);
    case 'end':
      return place < 0.5 ? out : out.subarray(0, at);
  }
}
