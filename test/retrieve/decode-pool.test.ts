import { execFileSync } from 'node:child_process';
import { deflateRawSync } from 'node:zlib';
import { decodeFrame } from '../../server/retrieve/decode-pool.ts';
import type { PixelFormat } from '../../server/retrieve/pixel-format.ts';

const FORMAT: PixelFormat = {
  rows: 20,
  columns: 10,
  frames: 1,
  samples: 1,
  photometric: 'MONOCHROME2',
  planar: false,
  type: 'integer',
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  signed: false,
};
const TransferSyntaxUID = '1.2.840.10008.1.2.8.1';
const frameOf = (value: number): Uint8Array => deflateRawSync(new Uint8Array(200).fill(value));

test('each frame comes back as its own, also between frames that do not decode', async () => {
  const tasks = Array.from({ length: 60 }, (_, k) => ({
    TransferSyntaxUID,
    format: FORMAT,
    frame: k % 7 === 3 ? Uint8Array.of(0xff) : frameOf(k),
  }));
  const answers = await Promise.allSettled(tasks.map(decodeFrame));
  for (const [k, answer] of answers.entries()) {
    expect(answer).toMatchObject(
      k % 7 === 3
        ? { status: 'rejected', reason: { code: 'PIXELS_TRUNCATED' } }
        : { status: 'fulfilled', value: { bytes: new Uint8Array(200).fill(k), bits: 8 } },
    );
  }
});

test('the bytes of a frame may change as soon as it has been handed over', async () => {
  const frame = frameOf(9);
  const decoding = decodeFrame({ TransferSyntaxUID, format: FORMAT, frame });
  frame.fill(0);
  expect((await decoding).bytes).toEqual(new Uint8Array(200).fill(9));
});

test('a process ends although its threads wait for more', () => {
  const module = new URL('../../server/retrieve/decode-pool.ts', `file://${__filename}`).href;
  const script = `
    import { decodeFrame } from ${JSON.stringify(module)};
    const frame = Uint8Array.from(${JSON.stringify([...frameOf(4)])});
    const task = { TransferSyntaxUID: '${TransferSyntaxUID}', format: ${JSON.stringify(FORMAT)}, frame };
    console.log((await decodeFrame(task)).bytes[0]);`;
  const start = performance.now();
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 });
  expect(answer.toString()).toBe('4\n');
  expect(performance.now() - start).toBeLessThan(30_000);
});
