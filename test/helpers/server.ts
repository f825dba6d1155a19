import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AnalysisState } from '../../server/contracts.ts';
import { freePort } from '../../server/shared/free-port.ts';
import { readyDatabase } from './ready-database.ts';

/** What the tests read of GET /api/analyses. */
export interface AnalysisJson {
  readonly id: string;
  readonly SeriesInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly modelId: string | null;
  readonly modelVersion: string | null;
  readonly mode: string | null;
  readonly shadow: string | null;
  readonly state: AnalysisState;
  readonly reason: string | null;
  readonly fault: { readonly code: string; readonly detail: string; readonly action: string } | null;
  readonly attempts: number;
  readonly findings: readonly {
    readonly label: string;
    readonly volumeMl?: number;
    readonly score?: number;
  }[];
  readonly objects: readonly { readonly kind: string; readonly SOPInstanceUID: string }[];
}

export interface TestServer {
  readonly url: string;
  /** Everything that it wrote to its log until now. */
  log(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill9(): Promise<void>;
  analyses(): Promise<readonly AnalysisJson[]>;
  /** Resolves when the series has an analysis in a final state and none at work. */
  settled(SeriesInstanceUID: string, timeoutMs?: number): Promise<readonly AnalysisJson[]>;
}

const FINAL: readonly AnalysisState[] = ['done', 'failed', 'skipped', 'superseded', 'cancelled'];

/** The real server as a process of its own, with its data in `folder`; not started yet. */
export async function testServer(folder: string, env: Readonly<Record<string, string>>): Promise<TestServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let text = '';

  const start = async (): Promise<void> => {
    if (!env.DATABASE_URL) await readyDatabase(join(folder, 'server', 'db'));
    const started = spawn('node', ['server/main.ts'], {
      env: {
        ...process.env,
        PORT: String(port),
        DATA_DIR: join(folder, 'server'),
        POLL_MS: '200',
        SETTLE_MS: '1500',
        START: 'all',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk) => {
        text += chunk;
      });
    }
    for (let tries = 0; tries < 2_400; tries++) {
      if (started.exitCode !== null) throw new Error(`the server ended:\n${text}`);
      if (
        await fetch(`${url}/healthz`).then(
          (a) => a.ok,
          () => false,
        )
      )
        return;
      await wait(50);
    }
    throw new Error(`the server did not answer:\n${text}`);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const analyses = async (): Promise<readonly AnalysisJson[]> =>
    ((await (await fetch(`${url}/api/analyses?limit=500`)).json()) as { analyses: readonly AnalysisJson[] })
      .analyses;

  return {
    url,
    log: () => text,
    start,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
    analyses,
    settled: async (SeriesInstanceUID, timeoutMs = 120_000) => {
      for (const until = Date.now() + timeoutMs; Date.now() < until; await wait(100)) {
        const ours = (await analyses()).filter((a) => a.SeriesInstanceUID === SeriesInstanceUID);
        if (ours.length > 0 && ours.every((a) => FINAL.includes(a.state))) return ours;
      }
      throw new Error(
        `series ${SeriesInstanceUID} did not settle:\n${JSON.stringify(await analyses(), null, 1)}\n${text.slice(-4000)}`,
      );
    },
  };
}
