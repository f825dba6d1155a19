import { appendFile, mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { unchanged } from '../../server/models/unchanged.ts';

let root: string;
let made: number;
let load: (folder: string) => Promise<number>;
const CHANGES: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  'a byte more': (folder) => appendFile(join(folder, 'model.yaml'), ' '),
  'the same bytes written again, with the old time': async (folder) => {
    const file = join(folder, 'model.yaml');
    const { atime, mtime } = await stat(file);
    await writeFile(file, 'id: a');
    await utimes(file, atime, mtime);
  },
  'a new file in a folder within': (folder) => writeFile(join(folder, 'reference', 'gallery.json'), ''),
  'a file gone': (folder) => rm(join(folder, 'reference', 'statistics.json')),
  'a file outside that comes': (folder) => writeFile(`${folder}.onnx`, 'x'),
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pellucid-unchanged-'));
  for (const name of [...Object.keys(CHANGES), 'same']) {
    await mkdir(join(root, name, 'reference'), { recursive: true });
    await writeFile(join(root, name, 'model.yaml'), 'id: a');
    await writeFile(join(root, name, 'reference', 'statistics.json'), '{}');
  }
  // What was written just now is never kept.
  await wait(2_100);
});
afterAll(() => rm(root, { recursive: true }));

beforeEach(() => {
  made = 0;
  load = unchanged(async (folder) => ({ made: ++made, outside: [`${folder}.onnx`] }));
});

test('while nothing changes, what was made is given again', async () => {
  const folder = join(root, 'same');
  expect([await load(folder), await load(folder), await load(folder)]).toEqual([1, 1, 1]);
});

test.each(Object.entries(CHANGES))('made anew after %s', async (name, change) => {
  const folder = join(root, name);
  expect(await load(folder)).toBe(1);
  await change(folder);
  expect(await load(folder)).toBe(2);
  // It is too new to be kept.
  expect(await load(folder)).toBe(3);
});

test('what throws is tried again', async () => {
  const refused = unchanged(async () => {
    made++;
    throw new Error('wrong');
  });
  await expect(refused(join(root, 'same'))).rejects.toThrow('wrong');
  await expect(refused(join(root, 'same'))).rejects.toThrow('wrong');
  expect(made).toBe(2);
});
