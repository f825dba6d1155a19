import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OBJECT_KINDS, type ObjectKind } from '../server/contracts.ts';
import { readPart10, text } from '../server/dicom/read.ts';
import type { Case } from '../test/encode/fixtures.ts';
import { expectationOf } from './expect.ts';
import { objectsOf, ROWS } from './matrix.ts';

/**
 * `npm run conformance [-- --quick] [--keep FOLDER]`: writes every kind of result over every kind of source and shape, has dciodvfy, dcentvfy, dsrdump,
 * dsr2html, pydicom and highdicom read them, and prints the matrix. Ends with 1 where one finds a problem, or a tool is missing.
 */

interface Entry {
  readonly row: string;
  readonly kind: ObjectKind;
  readonly file: string;
  readonly expect: unknown;
}

const quick = process.argv.includes('--quick');
const kept = process.argv[process.argv.indexOf('--keep') + 1];
const folder =
  process.argv.includes('--keep') && kept ? kept : mkdtempSync(join(tmpdir(), 'pellucid-conformance-'));
mkdirSync(folder, { recursive: true });
const entries: Entry[] = [];
const known: Record<string, string[]> = {};
const problems = new Map<string, string[]>();
const missing: string[] = [];

const rows = ROWS.filter((row) => row.quick || !quick);
for (const row of rows) write(row.name, await row.make());
for (const entry of entries) validate(entry);
for (const row of rows) agree(row.name);
const versions = readByPython();
print();
if (!process.argv.includes('--keep')) rmSync(folder, { recursive: true });
process.exitCode = problems.size > 0 || missing.length > 0 ? 1 : 0;

function write(row: string, results: Case): void {
  const at = `${ROWS.findIndex((r) => r.name === row)}`;
  results.sources.forEach((bytes, i) => {
    writeFileSync(join(folder, `${at}-source-${i}.dcm`), bytes);
  });
  const objects = objectsOf(results);
  const counts = new Map<ObjectKind, number>();
  for (const { kind, bytes } of objects) {
    const index = counts.get(kind) ?? 0;
    counts.set(kind, index + 1);
    const file = `${at}-${kind}-${index}.dcm`;
    writeFileSync(join(folder, file), bytes);
    entries.push({
      row,
      kind,
      file,
      expect: expectationOf({ results, kind, index, folder, name: `${at}-${kind}-${index}` }),
    });
  }
  known[row] = [
    ...results.sources.map((bytes) => text(readPart10(bytes).dataset, 'SOPInstanceUID') ?? ''),
    ...objects.map((o) => o.SOPInstanceUID),
  ];
}

/** The object alone. dciodvfy of 2022 does not know label maps: highdicom and the structural checks read those. */
function validate({ kind, file }: Entry): void {
  const path = join(folder, file);
  if (kind !== 'LABELMAP')
    for (const line of linesOf(run('dciodvfy', ['-new', path]).stderr, /^Error/))
      note(file, `dciodvfy: ${line}`);
  if (kind !== 'SR' && kind !== 'KOS') return;
  for (const [tool, args] of [
    ['dsrdump', ['-q', '+Pc', path]],
    ['dsr2html', ['-q', path]],
  ] as const) {
    const { status, stderr } = run(tool, args);
    if (status !== 0) note(file, `${tool}: ${String(stderr).trim() || `exit ${status}`}`);
  }
}

/** Objects and sources of one study with each other. */
function agree(row: string): void {
  const own = entries.filter((e) => e.row === row);
  const prefix = own[0]?.file.split('-')[0];
  const sources = Array.from({ length: 99 }, (_, i) => `${prefix}-source-${i}.dcm`).filter((f) =>
    existsSync(join(folder, f)),
  );
  const files = [...sources, ...own.map((e) => e.file)].map((f) => join(folder, f));
  for (const line of linesOf(run('dcentvfy', files).stderr, /^Error/))
    note(own[0]?.file ?? row, `dcentvfy: ${line}`);
}

function readByPython(): string {
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ known, entries }));
  const here = fileURLToPath(new URL('.', import.meta.url));
  const PYTHONPATH = [join(here, '..', '.cache', 'python'), process.env.PYTHONPATH].filter(Boolean).join(':');
  const { status, stdout, stderr } = run('python3', [join(here, 'check.py'), folder], { PYTHONPATH });
  if (status !== 0) {
    missing.push(`pydicom (${String(stderr).trim().split('\n').at(-1)})`);
    return 'pydicom NOT RUN';
  }
  const answer = JSON.parse(String(stdout)) as {
    pydicom: string;
    highdicom: string | null;
    problems: Record<string, string[]>;
  };
  for (const [file, found] of Object.entries(answer.problems)) for (const line of found) note(file, line);
  if (answer.highdicom === null && !quick) missing.push('highdicom (pip install highdicom)');
  return `pydicom ${answer.pydicom}, highdicom ${answer.highdicom ?? '*** NOT RUN: not installed ***'}`;
}

function run(
  tool: string,
  args: readonly string[],
  env: Record<string, string> = {},
): SpawnSyncReturns<Buffer> {
  const done = spawnSync(tool, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  if (done.error && !missing.includes(tool)) missing.push(tool);
  return done;
}

function linesOf(output: Buffer | null, pattern: RegExp): readonly string[] {
  return String(output ?? '')
    .split('\n')
    .filter((line) => pattern.test(line));
}

function note(file: string, problem: string): void {
  problems.set(file, [...(problems.get(file) ?? []), problem]);
}

/** One line a row: how many objects of each kind were clean, or how many problems they have. */
function print(): void {
  const width = Math.max(...rows.map((r) => r.name.length)) + 2;
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(width) + cells.map((c) => c.padStart(9)).join('');
  console.log(line('', OBJECT_KINDS));
  for (const { name } of rows) {
    const cells = OBJECT_KINDS.map((kind) => {
      const own = entries.filter((e) => e.row === name && e.kind === kind);
      const bad = own.reduce((n, e) => n + (problems.get(e.file)?.length ?? 0), 0);
      if (own.length === 0) return '-';
      return bad === 0 ? 'ok' : `${bad} bad`;
    });
    console.log(line(name, cells));
  }
  for (const [file, found] of problems) {
    const entry = entries.find((e) => e.file === file);
    console.log(`\n${entry?.row}, ${entry?.kind}:`);
    for (const problem of found) console.log(`  ${problem}`);
  }
  const bad = [...problems.values()].flat().length;
  console.log(
    `\n${entries.length} objects, ${bad} problems. dciodvfy, dcentvfy, dsrdump, dsr2html, ${versions}.`,
  );
  for (const tool of missing)
    console.log(`*** NOT RUN: ${tool} is missing; npm run setup -- test installs it ***`);
}
