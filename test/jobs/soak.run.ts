import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startOrthanc } from '../helpers/orthanc.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { radiograph } from '../helpers/radiograph.ts';
import { testServer } from '../helpers/server.ts';
import { startWork } from '../helpers/work.ts';
import { growth, type Sample } from './growth.ts';

/**
 * By hand, an hour or so: `node test/jobs/soak.run.ts 2000 2000 samples.json` (studies, studies an hour, where all that was seen goes). A real
 * Orthanc, PostgreSQL, server and a process that works, with the real chest model. Prints how resident memory, open files and connections
 * grow over the second half, as growth.ts says; each hundred studies all processes of ours collect their garbage, so that each hundred has a low
 * point that says what is kept: a server that has little to do else goes without for a thousand studies. Above 1 MB or half a file for each 100 studies, or with a study that is not done, it ends with 1.
 */

const [studies = 2_000, perHour = 2_000] = process.argv.slice(2, 4).map(Number);
const samplesFile = process.argv[4];
const LIMITS = { mbPer100: 1, filesPer100: 0.5 };
const LOOK_MS = 5_000;
const COLLECT_EACH = 100;
/** V8 gives pages back a moment after it has collected. */
const GIVEN_BACK_MS = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'pellucid-soak-'));
const orthanc = await startOrthanc({ config: { StableAge: 1 } });
const postgres = await startPostgres();
// Whatever happens, nothing is left behind.
process.once('exit', () => void postgres.kill9());
const common = {
  ORTHANC_URL: orthanc.url,
  DATABASE_URL: postgres.url,
  LOG_LEVEL: 'warn',
  MODEL_PATH: 'models',
  NODE_OPTIONS: `--import ${pathToFileURL(resolve('test/helpers/collect-on-signal.mjs'))}`,
};
const server = await testServer(folder, { ...common, CONCURRENCY: '1' });
await server.start();
const work = await startWork({ ...common, DATA_DIR: join(folder, 'work') });
const samples = new Map<string, Sample[]>();
let done = 0;
let over = false;

const watching = (async () => {
  let collected = 0;
  while (!over) {
    done = await countDone();
    if (done >= collected + COLLECT_EACH) {
      collected = done;
      for (const [name, pid] of processes()) if (name !== 'Orthanc') process.kill(pid, 'SIGUSR2');
      await wait(GIVEN_BACK_MS);
    }
    for (const [name, pid] of processes()) {
      const found = look(pid);
      if (found) samples.set(name, [...(samples.get(name) ?? []), { done, ...found }]);
    }
    const connections = Number(
      execFileSync('psql', [postgres.url, '-Atc', 'select count(*) from pg_stat_activity'], {
        encoding: 'utf8',
      }),
    );
    samples.set('connections', [
      ...(samples.get('connections') ?? []),
      { done, rssMb: 0, files: connections },
    ]);
    process.stderr.write(`\r${done} of ${studies} studies `);
    await wait(LOOK_MS);
  }
})();

const began = Date.now();
for (let n = 1; n <= studies; n++) {
  const answer = await fetch(`${orthanc.url}/instances`, {
    method: 'POST',
    body: radiograph({ study: `1.2.${n}` }),
  });
  await answer.text();
  await wait(Math.max(0, began + (n * 3_600_000) / perHour - Date.now()));
}
for (let quiet = 0; done < studies && quiet < 600; quiet++) await wait(LOOK_MS);
over = true;
await watching;
if (samplesFile) writeFileSync(samplesFile, JSON.stringify([...samples]));
const rows = [...samples].map(([name, all]) => ({ name, ...growth(all, studies) }));
const flat = rows.every((row) => row.floorMbPer100 < LIMITS.mbPer100 && row.filesPer100 < LIMITS.filesPer100);
process.stdout.write(
  `\n${JSON.stringify({ studies, done, minutes: Math.round((Date.now() - began) / 60_000) })}\n`,
);
for (const row of rows) process.stdout.write(`${JSON.stringify(row, rounded)}\n`);
await work.stop();
await server.stop();
await orthanc.remove();
await postgres.remove();
rmSync(folder, { recursive: true, force: true });
process.exit(done === studies && flat ? 0 : 1);

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}

async function countDone(): Promise<number> {
  const out = execFileSync(
    'psql',
    [postgres.url, '-Atc', `select count(*) from pellucid.analysis where state in ('done', 'failed')`],
    { encoding: 'utf8' },
  );
  return Number(out);
}

/** Ours, their children and Orthanc, by what they are. */
function processes(): readonly (readonly [string, number])[] {
  const found: (readonly [string, number])[] = [];
  for (const pid of readdirSync('/proc').map(Number).filter(Boolean)) {
    const line = commandOf(pid);
    const parent = parentOf(pid);
    if (line.includes(orthanc.folder)) found.push(['Orthanc', pid]);
    if (line.includes('server/main.ts') && parent === process.pid) found.push(['server', pid]);
    if (pid === work.pid) found.push(['work', pid]);
    if (line.includes('server/worker.ts')) {
      if (parent === work.pid) found.push(['worker of work', pid]);
      else if (commandOf(parent).includes('server/main.ts') && parentOf(parent) === process.pid)
        found.push(['worker of server', pid]);
    }
  }
  return found;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function look(pid: number): { readonly rssMb: number; readonly files: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      rssMb: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024,
      files: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return undefined;
  }
}
