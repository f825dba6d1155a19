import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DicomObject } from '../../server/contracts.ts';
import { encode } from '../../server/encode/index.ts';
import { readSpool, removeSpool, writeSpool } from '../../server/store/spool.ts';
import { brainCase } from '../encode/fixtures.ts';

const objects = encode(brainCase());
const summary = [{ label: 'Structure 1', volumeMl: 1.5 }];
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-spool-'));
  await writeSpool(folder, { objects, summary });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (of = 0): string => join(folder, `${(objects[of] as DicomObject).SOPInstanceUID}.dcm`);

test.each([
  ['in one piece', undefined],
  ['in pieces of 1,000 bytes, as what is above 2 GiB is read in pieces', 1_000],
  ['in pieces of one byte less than the file', statSize() - 1],
])('what was written is read again %s, byte for byte', async (_, pieceBytes) => {
  const read = await readSpool(folder, pieceBytes);
  expect(read?.summary).toEqual(summary);
  expect(read?.objects.map(({ parts: _parts, bytes: _bytes, ...facts }) => facts)).toEqual(
    objects.map(({ parts: _parts, bytes: _bytes, ...facts }) => facts),
  );
  read?.objects.forEach(({ parts, bytes }, i) => {
    expect(Buffer.compare(bytes, (objects[i] as DicomObject).bytes)).toBe(0);
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
    expect(parts.every((part) => part.length <= (pieceBytes ?? Number.POSITIVE_INFINITY))).toBe(true);
    expect(parts.length).toBe(pieceBytes === undefined ? 1 : Math.ceil(bytes.length / pieceBytes));
  });
});

test.each<[string, () => void]>([
  ['without a manifest', () => unlinkSync(join(folder, 'manifest.json'))],
  ['with half a manifest', () => truncateSync(join(folder, 'manifest.json'), 40)],
  ['without one of its files', () => unlinkSync(file(1))],
  ['with a file that was cut off', () => truncateSync(file(), statSync(file()).size - 1)],
  ['with a file that is too long', () => writeFileSync(file(), 'x', { flag: 'a' })],
  ['with a bit that fell over, in the second piece', () => flip(file(), 1_500)],
])('a spool %s is none: the work is done again', async (_, damage) => {
  damage();
  expect(await readSpool(folder, 1_000)).toBeUndefined();
});

test('what was removed is none, and removing it again is no fault', async () => {
  await removeSpool(folder);
  await removeSpool(folder);
  expect(await readSpool(folder)).toBeUndefined();
});

function statSize(): number {
  return (objects[0] as DicomObject).bytes.length;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(path, bytes);
}
