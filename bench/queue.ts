import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Priority } from '../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../server/dicom/uid.ts';
import { type Jobs, openJobs, type Runner } from '../server/jobs/index.ts';
import { log } from '../server/shared/log.ts';
import { startOrthanc } from '../test/helpers/orthanc.ts';
import { startPostgres } from '../test/helpers/postgres.ts';
import { radiograph } from '../test/helpers/radiograph.ts';
import { testServer } from '../test/helpers/server.ts';
import { startWork } from '../test/helpers/work.ts';
import { medianOf } from './retrieve/median.ts';

/**
 * The queue on a real PostgreSQL: how many analyses it records and hands out in a second where the work itself takes no time, how long an
 * urgent study waits for a worker that is free behind 300 analyses of a backfill, and what a second process that works brings with a light
 * model on two cores. `QUEUE_JOBS` and `QUEUE_STUDIES` set the sizes.
 */

const JOBS = Number(process.env.QUEUE_JOBS ?? 2_000);
const STUDIES = Number(process.env.QUEUE_STUDIES ?? 24);
const LINES = 8;
/** Radiographs sent and not ended, for each process that works: more than come to rest in the quiet time. */
const WAITING = 6;
/** So long the model runs alone. */
const COMPUTING_MS = 10_000;
/** Analyses of each process that are not counted. */
const WARM = 4;

const folder = mkdtempSync(join(tmpdir(), 'pellucid-bench-queue-'));
const postgres = await startPostgres();
const config = {
  DATA_DIR: folder,
  DATABASE_URL: postgres.url,
  JOB_TIMEOUT_MS: 60_000,
  ORTHANC_URL: 'http://127.0.0.1:1',
};
const RESULT = { findings: [], context: { inputs: {} }, objects: [], timings: {} };

log.level = 'warn';
await rates();
await urgency();
if (STUDIES > 0) await workers();
await postgres.remove();
rmSync(folder, { recursive: true, force: true });

function decisions(count: number, name: string, priority: Priority) {
  return Array.from({ length: count }, (_, i) => ({
    model: { id: name, version: '1.0.0', digest: `${name} ${i}` },
    run: true,
    why: 'a bench',
    priority,
    shadow: 'a bench',
  }));
}

function arrive(jobs: Jobs, series: number, made: ReturnType<typeof decisions>) {
  return jobs.arrived(
    {
      StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
      SeriesInstanceUID: SeriesInstanceUID.parse(`1.2.3.${series}`),
      fingerprint: 'a',
      instanceCount: 1,
      settledAt: new Date().toISOString(),
    },
    made,
  );
}

/** A series with one model each, recorded by eight at once; then worked off by eight lines. */
async function rates(): Promise<void> {
  let ended = 0;
  const runner: Runner = {
    run: async () => {
      ended++;
      return RESULT;
    },
    stop: async () => undefined,
  };
  const jobs = await openJobs({ config, runner, concurrency: LINES });
  const alone = await queueAlone();
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: LINES }, async () => {
      while (next < JOBS) await arrive(jobs, 1_000 + next++, decisions(1, 'instant', 'normal'));
    }),
  );
  const recorded = performance.now();
  await jobs.start();
  while (ended < JOBS) await wait(5);
  const worked = performance.now();
  const rate = (from: number, to: number): string => ((1000 * JOBS) / (to - from)).toFixed(0);
  console.log(
    `the queue alone, one job at a time: ${alone.sent} a second sent, ${alone.worked} a second handed out to ${LINES} lines and completed (at least 500)`,
  );
  console.log(
    `${JOBS} analyses: ${rate(began, recorded)} a second recorded and queued, ${rate(recorded, worked)} a second worked off by ${LINES} lines, every state written`,
  );
  await jobs.stop();
}

/** What pg-boss does beneath the records, one job at a time: sent by eight at once, then handed to eight lines and completed. */
async function queueAlone(): Promise<{ readonly sent: string; readonly worked: string }> {
  const own = new PgBoss({ connectionString: postgres.url, schema: 'bench', useListenNotify: true });
  await own.start();
  await own.createQueue('bench', { policy: 'exclusive', notify: true });
  const rate = (from: number): string => ((1000 * JOBS) / (performance.now() - from)).toFixed(0);
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: LINES }, async () => {
      while (next < JOBS) await own.send('bench', {}, { singletonKey: String(next++) });
    }),
  );
  const sent = rate(began);
  let ended = 0;
  const working = performance.now();
  for (let line = 0; line < LINES; line++) {
    const id = await own.work('bench', { pollingIntervalSeconds: 1 }, async () => {
      ended++;
      own.notifyWorker(id);
    });
  }
  while (ended < JOBS) await wait(5);
  const worked = rate(working);
  await own.stop();
  return { sent, worked };
}

/** Ten times: one line works off a backfill of 50 ms each; an urgent one comes. From the moment that the line is free to its begin. */
async function urgency(): Promise<void> {
  const began = new Map<string, number>();
  let [lastEnd, ended] = [0, 0];
  const runner: Runner = {
    run: async ({ model }) => {
      began.set(model.digest, performance.now());
      await wait(50);
      lastEnd = performance.now();
      ended++;
      return RESULT;
    },
    stop: async () => undefined,
  };
  const jobs = await openJobs({ config, runner, concurrency: 1 });
  await arrive(jobs, 1, decisions(300, 'backfill', 'backfill'));
  await jobs.start();
  const delays: number[] = [];
  for (let n = 0; n < 10; n++) {
    const before = began.size;
    while (began.size === before) await wait(1);
    // The line is at work now, for 50 ms: it will be free when that ends.
    await arrive(jobs, 100 + n, decisions(1, `urgent${n}`, 'urgent'));
    const queued = performance.now();
    const atWork = ended;
    while (ended === atWork && !began.has(`urgent${n} 0`)) await wait(1);
    const free = Math.max(queued, lastEnd);
    while (!began.has(`urgent${n} 0`)) await wait(1);
    delays.push((began.get(`urgent${n} 0`) as number) - free);
  }
  console.log(
    `an urgent study behind a backfill of 300 begins ${medianOf(delays).toFixed(0)} ms after it came and the worker was free, at most ${Math.max(...delays).toFixed(0)} (limit 2000)`,
  );
  await jobs.stop();
}

/** Radiographs by one process and by two, each with one thread. */
async function workers(): Promise<void> {
  const alone = (await computing(2)) / (await computing(1));
  const one = await throughput(1);
  const two = await throughput(2);
  console.log(
    `radiographs a second: ${one.toFixed(2)} by one process that works, ${two.toFixed(2)} by two: ${(two / one).toFixed(2)} times (limit 1.7; the model alone, in processes that do nothing else, ${alone.toFixed(2)} times on this machine)`,
  );
}

/** What the machine itself gives, for its processors may share a core: runs of the model in a second by so many processes at once. */
async function computing(processes: number): Promise<number> {
  const children = Array.from({ length: processes }, () =>
    fork('bench/queue/compute.ts', ['models/chest-xr-pneumonia/model.onnx']),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const counts = children.map(async (child) => {
    const [runs] = await once(child, 'message');
    return Number(runs);
  });
  for (const child of children) child.send(COMPUTING_MS);
  return (await Promise.all(counts)).reduce((all, runs) => all + runs, 0) / (COMPUTING_MS / 1000);
}

/**
 * Analyses ended in a second, while as many radiographs wait as came in during the quiet time: one is sent for each that ends, so that
 * arrival has its part, and no process that works waits for it. What is made once, in each process, is made before.
 */
async function throughput(processes: number): Promise<number> {
  const orthanc = await startOrthanc({ config: { StableAge: 1 } });
  const own = await startPostgres();
  const common = {
    ORTHANC_URL: orthanc.url,
    DATABASE_URL: own.url,
    ORT_THREADS: '1',
    LOG_LEVEL: 'info',
    MODEL_PATH: 'models',
    POLL_MS: '1000',
  };
  const server = await testServer(join(folder, `server ${processes}`), { ...common, CONCURRENCY: '0' });
  await server.start();
  const work = await Promise.all(
    Array.from({ length: processes }, (_, i) =>
      startWork({ ...common, CONCURRENCY: '1', DATA_DIR: join(folder, `work ${processes} ${i}`) }),
    ),
  );
  const database = new Client({ connectionString: own.url });
  await database.connect();
  const count = STUDIES + WARM * processes;
  let [sent, ends]: [number, readonly number[]] = [0, []];
  while (ends.length < count) {
    while (sent < ends.length + WAITING * processes) await send(orthanc.url, 1 + sent++);
    await wait(200);
    ends = await endsOf(database);
  }
  await database.end();
  await Promise.all(work.map((w) => w.stop()));
  await server.stop();
  await orthanc.remove();
  await own.remove();
  const counted = ends.slice(WARM * processes - 1, count);
  return (counted.length - 1) / ((counted.at(-1) as number) - (counted[0] as number));
}

async function send(url: string, study: number): Promise<void> {
  const body = radiograph({ study: `1.2.${study}` });
  await (await fetch(`${url}/instances`, { method: 'POST', body })).text();
}

/** When each analysis that is done ended, in seconds, the first one first. */
async function endsOf(database: Client): Promise<readonly number[]> {
  const { rows } = await database.query<{ readonly at: string }>(
    `select extract(epoch from updated_at) as at from pellucid.analysis where state = 'done' order by updated_at`,
  );
  return rows.map(({ at }) => Number(at));
}
