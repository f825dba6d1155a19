import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * `npm run evaluate [name …]`: measures again what the pages say; everything without a name. `npm run evaluate -- --check [name]` ends with 1 where
 * a page is not what it was, or a figure is off by more than another processor's rounding.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'chest-figures': ['evaluate/chest-figures.json', 'models/chest-xr-pneumonia/card.md'],
  'chest-held-out': ['evaluate/chest-held-out.json'],
  'chest-place': ['evaluate/chest-place.json'],
  'chest-checks': ['evaluate/chest-checks.json', 'docs/elements.md'],
  'head-structures': ['evaluate/head-structures.json', 'models/head-mr-structures/card.md'],
  'chest-explanations': ['evaluate/chest-explanations.json', 'docs/faithfulness.md'],
};

/** Scores, shares and correlations. */
const ROUNDING = 1e-4;

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
  const others = files.filter((file, i) => !isSame(file, before[i] ?? ''));
  changed.push(...others);
  console.error(
    `${each}: ${status === 0 ? (others.length > 0 ? `changed ${others.join(', ')}` : 'as before') : 'FAILED'}`,
  );
}
process.exitCode = failed.length > 0 || (check && changed.length > 0) ? 1 : 0;

/** A page to the letter, figures to `ROUNDING`. */
function isSame(file: string, before: string): boolean {
  const now = textOf(file);
  return now === before || (file.endsWith('.json') && isNear(JSON.parse(now), JSON.parse(before)));
}

function isNear(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= ROUNDING;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [ofA, ofB] = [Object.entries(a), Object.entries(b)];
  return (
    ofA.length === ofB.length && ofA.every(([key, value]) => key in b && isNear(value, Reflect.get(b, key)))
  );
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
