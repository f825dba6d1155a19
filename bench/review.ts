import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../server/jobs/database.ts';
import { figures, selectionOf, tally } from '../server/review/figures/figures.ts';
import { moved } from '../server/review/figures/moved.ts';
import { BUILT_IN, openViews } from '../server/review/views.ts';
import { openWorklist } from '../server/review/worklist.ts';
import { startPostgres } from '../test/helpers/postgres.ts';
import { fill } from './review/fill.ts';

/** The worklist's first page and the figures over 100,000 results, on PostgreSQL and embedded; medians of seven. In brackets the CPU time: what a busy machine adds is not in it. */
const RESULTS = 100_000;
const RUNS = 7;
const NOW = new Date('2026-11-25T12:00:00Z');

const postgres = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'pellucid-bench-'));
try {
  await measure('PostgreSQL', { DATABASE_URL: postgres.url, DATA_DIR: folder });
  await measure('embedded (PGlite)', { DATABASE_URL: '', DATA_DIR: folder });
} finally {
  await postgres.remove();
  await rm(folder, { recursive: true });
}

async function measure(name: string, config: { DATABASE_URL: string; DATA_DIR: string }): Promise<void> {
  const { sql, close } = await openDatabase(config);
  // A minute or more in which nothing else is said.
  console.log(`\n${name}: making ${RESULTS.toLocaleString('en')} results…`);
  await fill(sql, RESULTS);
  // As its autovacuum does within minutes; the embedded one has none.
  if (config.DATABASE_URL) await sql.query('vacuum');
  const query = sql.query.bind(sql);
  const worklist = openWorklist(sql);
  const views = openViews(sql, worklist);
  const [needsMe] = BUILT_IN as [(typeof BUILT_IN)[number]];
  const selection = await selectionOf(query, { model: 'chest' }, NOW);
  const cases: Readonly<Record<string, () => Promise<unknown>>> = {
    'worklist, first page': () => worklist.page({ filter: {}, order: 'urgent', limit: 50 }, 'me'),
    'worklist, needs me first': () =>
      worklist.page({ filter: needsMe.filter, order: needsMe.order, limit: 50 }, 'me'),
    'worklist, second page': async () => {
      const { next } = await worklist.page({ filter: {}, order: 'urgent', limit: 50 }, 'me');
      await worklist.page({ filter: {}, order: 'urgent', limit: 50, ...(next ? { after: next } : {}) }, 'me');
    },
    'worklist, search': () =>
      worklist.page({ filter: { search: 'S-4711' }, order: 'newest', limit: 50 }, 'me'),
    'all views with their counts': () => views.list('me'),
    'worklist, flagged of one site': () =>
      worklist.page(
        { filter: { flagged: true, site: ['Site 1'], state: ['unread'] }, order: 'urgent', limit: 50 },
        'me',
      ),
    'worklist, near the threshold': () =>
      worklist.page({ filter: { nearThreshold: 0.1 }, order: 'near-threshold', limit: 50 }, 'me'),
    'worklist, values of filters': () => worklist.values(),
    'figure: drift and scores': () => moved(query, selection),
    'figure: agreement, its groups': () => tally(sql, selection, ['whole', 'counts', 'reasons']),
    'figure: weeks': () => tally(sql, selection, ['byWeek']),
    'figure: readers': () => tally(sql, selection, ['pairs']),
    'figure: times': () => tally(sql, selection, ['times']),
    'all figures at once': () => figures(sql, { model: 'chest' }, NOW),
  };
  console.log(`${name}, ms (median of ${RUNS}; in brackets the CPU time, the database's too)`);
  for (const [what, run] of Object.entries(cases)) {
    const took: number[] = [];
    const worked: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const [start, cpu, theirs] = [performance.now(), process.cpuUsage(), databaseMs()];
      await run();
      const { user, system } = process.cpuUsage(cpu);
      took.push(performance.now() - start);
      worked.push((user + system) / 1_000 + databaseMs() - theirs);
    }
    console.log(`${what.padEnd(32)} ${median(took).padStart(6)} (${median(worked)})`);
  }
  await close();
}

/** CPU time of all children and grandchildren that run, ms, by /proc: PostgreSQL's processes; with those of its workers that have ended. */
function databaseMs(): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
        const [, parent = 0] = fields;
        return [{ pid: Number(pid), parent, ticks: fields.slice(11, 15).reduce((a, b) => a + b, 0) }];
      } catch {
        return [];
      }
    });
  const ours = new Set([process.pid]);
  for (let grown = 0; grown !== ours.size; ) {
    grown = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  const theirs = all.filter(({ pid }) => pid !== process.pid && ours.has(pid));
  return theirs.reduce((total, { ticks }) => total + 10 * ticks, 0);
}

function median(times: readonly number[]): string {
  return ([...times].sort((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(0);
}
