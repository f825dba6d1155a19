import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePieces } from '../../server/store/write-pieces.ts';

test.each([
  ['no piece', 0],
  ['as many pieces as a call takes', 1024],
  ['more', 2500],
])('%s: the file is what they make one after the other, whatever was in it', async (_, count) => {
  const pieces = Array.from({ length: count }, (_, i) => new Uint8Array(i % 3).fill(i));
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-test-'));
  const file = join(folder, 'file');
  await writePieces(file, [new Uint8Array(9_999)]);
  await writePieces(file, pieces);
  expect(readFileSync(file)).toEqual(Buffer.concat(pieces));
  rmSync(folder, { recursive: true });
});
