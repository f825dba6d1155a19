import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * `npm run evaluate [name …]`: measures again what the pages say; everything without a name. `npm run evaluate -- --check [name]` ends with 1 where
 * a figure or a page is not what it was.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'chest-figures': ['evaluate/chest-figures.json', 'models/chest-xr-pneumonia/card.md'],
  'chest-held-out': ['evaluate/chest-held-out.json'],
  'chest-place': ['evaluate/chest-place.json'],
  'chest-checks': ['evaluate/chest-checks.json', 'docs/elements.md'],
  'head-structures': ['evaluate/head-structures.json', 'models/head-mr-structures/card.md'],
  'chest-explanations': ['evaluate/chest-explanations.json', 'docs/faithfulness.md'],
};

const words = process.argv.slice(2);
const check = words.includes('--check');
const [name, ...more] = words.filter((word) => word !== '--check');
if (name !== undefined && !KEPT[name]) {
  console.error(`There is no ${name}; say one of ${Object.keys(KEPT).join(', ')}, or none for all`);
  process.exit(1);
}
const changed: string[] = [];
const failed: string[] = [];
for (const each of name === undefined ? Object.keys(KEPT) : [name]) {
  const files = KEPT[each] ?? [];
  const before = files.map(textOf);
  const { status } = spawnSync('node', [`evaluate/${each}.ts`, ...more], { stdio: 'inherit' });
  if (status !== 0) failed.push(each);
  const others = files.filter((file, i) => textOf(file) !== before[i]);
  changed.push(...others);
  console.error(
    `${each}: ${status === 0 ? (others.length > 0 ? `changed ${others.join(', ')}` : 'as before') : 'FAILED'}`,
  );
}
process.exitCode = failed.length > 0 || (check && changed.length > 0) ? 1 : 0;

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
