import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SeriesArrived } from '../../server/contracts.ts';
import type { Arrival } from './jobs-server.ts';
import { readyDatabase } from './ready-database.ts';

/** What the tests read of GET /api/analyses. */
export interface Seen {
  readonly id: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly modelId: string | null;
  readonly mode: string | null;
  readonly shadow: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly fault: { readonly code: string; readonly detail: string; readonly action: string } | null;
  readonly attempts: number;
  readonly timings: Readonly<Record<string, number>>;
  readonly findings: readonly unknown[];
  readonly objects: readonly { readonly SOPInstanceUID: string; readonly SeriesInstanceUID: string }[];
}

export interface Said {
  readonly type: string;
  readonly id?: string;
  readonly state?: string;
  readonly port?: number;
  readonly arrived?: SeriesArrived;
}

export interface JobsProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything that it said until now. */
  readonly said: readonly Said[];
  /** Its log until now. */
  log(): string;
  arrive(arrival: Arrival): Promise<void>;
  list(query?: string): Promise<readonly Seen[]>;
  /** The first message that fits, also of the past. */
  until(fits: (said: Said) => boolean): Promise<Said>;
  /** All analyses, once `count` are there and none is at work. */
  settled(count: number): Promise<readonly Seen[]>;
  kill9(): Promise<void>;
  /** Resolves to the exit code. */
  stop(): Promise<number | null>;
}

const FINAL = ['done', 'failed', 'skipped', 'superseded', 'cancelled'];
const LIMIT_MS = 180_000;

/** Starts jobs-server.ts with this environment; resolves when it answers. */
export async function startJobs(env: Readonly<Record<string, string>>): Promise<JobsProcess> {
  const { DATA_DIR = '', DATABASE_URL = '' } = env;
  if (DATA_DIR && !DATABASE_URL) await readyDatabase(join(DATA_DIR, 'db'));
  const child = fork('test/helpers/jobs-server.ts', {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'info', START: 'all', ...env },
  });
  const said: Said[] = [];
  let log = '';
  child.on('message', (message: Said) => said.push(message));
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  const until: JobsProcess['until'] = async (fits) => {
    for (const end = Date.now() + LIMIT_MS; Date.now() < end; await wait(10)) {
      const found = said.find(fits);
      if (found) return found;
      if (child.exitCode !== null) break;
    }
    throw new Error(`not said in time: ${fits}\n${log}`);
  };
  const { port } = await until((s) => s.type === 'ready');
  const url = `http://127.0.0.1:${port}`;
  const list: JobsProcess['list'] = async (query = '') => {
    const answer = await fetch(`${url}/api/analyses${query}`);
    return ((await answer.json()) as { analyses: readonly Seen[] }).analyses;
  };
  return {
    url,
    pid: child.pid as number,
    said,
    log: () => log,
    list,
    until,
    arrive: async (arrival) => {
      const before = said.filter((s) => s.type === 'recorded').length;
      child.send(arrival);
      while (said.filter((s) => s.type === 'recorded').length === before) await wait(10);
    },
    settled: async (count) => {
      for (const end = Date.now() + LIMIT_MS; Date.now() < end; await wait(30)) {
        const analyses = await list();
        if (analyses.length >= count && analyses.every((a) => FINAL.includes(a.state))) return analyses;
      }
      throw new Error(`not settled: ${JSON.stringify(await list(), null, 1)}\n${log}`);
    },
    kill9: async () => void (await end(child, 'SIGKILL')),
    stop: () => end(child, 'SIGTERM'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}
