import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** What shapes an empty database: another of these, another database. */
const MADE_BY = [
  'node_modules/@electric-sql/pglite/package.json',
  'node_modules/pg-boss/package.json',
  'server/jobs/database.ts',
  'server/jobs/migrations.ts',
  'server/jobs/migrations-review.ts',
];
const CACHE = join('.cache', 'empty-database');

/**
 * An embedded database with the product's tables and no rows, in `folder` where there is none yet: a copy, because to make one takes ten
 * times as long as to start on it. It was made by the product's own first start.
 */
export async function readyDatabase(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const kept = join(CACHE, digestOf(MADE_BY));
  if (!existsSync(kept)) await make(kept);
  mkdirSync(dirname(folder), { recursive: true });
  cpSync(kept, folder, { recursive: true });
}

async function make(kept: string): Promise<void> {
  // Of earlier code: 39 MB each.
  const others = existsSync(CACHE) ? readdirSync(CACHE).filter((name) => !name.includes('.')) : [];
  for (const name of others) rmSync(join(CACHE, name), { recursive: true, force: true });
  const beside = `${kept}.${process.pid}`;
  await promisify(execFile)('node', ['test/helpers/ready-database-process.ts', beside]);
  try {
    renameSync(join(beside, 'db'), kept);
  } catch (error) {
    // Another test file was first.
    if (!existsSync(kept)) throw error;
  }
  rmSync(beside, { recursive: true });
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
