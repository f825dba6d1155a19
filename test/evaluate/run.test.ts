import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** `npm run evaluate` in a folder whose only evaluation counts 361 positives of the chest model, as its page says or not. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-evaluate-'));
  mkdirSync(join(folder, 'evaluate'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const evaluate = (kept: string, script: string, ...words: string[]) => {
  writeFileSync(join(folder, 'evaluate/chest-place.json'), kept);
  writeFileSync(join(folder, 'evaluate/chest-place.ts'), script);
  const { status, stderr } = spawnSync('node', [resolve('evaluate/run.ts'), ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, says: stderr.trim().split('\n').at(-1) };
};
const COUNTS = `require('node:fs').writeFileSync('evaluate/chest-place.json', '361');`;

test.each([
  ['as it was kept', '361', COUNTS, 0, 'chest-place: as before'],
  ['other than it was kept', '360', COUNTS, 1, 'chest-place: changed evaluate/chest-place.json'],
  ['off by another processor’s rounding', '361.00009', COUNTS, 0, 'chest-place: as before'],
  ['off by more', '361.0002', COUNTS, 1, 'chest-place: changed evaluate/chest-place.json'],
  ['of which there are more', '[361, 2]', COUNTS, 1, 'chest-place: changed evaluate/chest-place.json'],
  ['not measured', '361', 'process.exit(3);', 1, 'chest-place: FAILED'],
])('--check of a figure %s', (_, kept, script, status, says) => {
  expect(evaluate(kept, script, '--check', 'chest-place')).toEqual({ status, says });
});

test('without --check a new figure is kept, and no mistake', () => {
  expect(evaluate('360', COUNTS, 'chest-place').status).toBe(0);
});
