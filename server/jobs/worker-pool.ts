import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ModelJob, WorkState } from '../contracts.ts';
import { withAllocator } from '../shared/allocator.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { FromWorker, type StoredObject, type ToWorker, type WorkResult } from './protocol.ts';

/** Runs one job. Throws the worker's fault; resolves to undefined when the work was called off. */
export interface Runner {
  run(job: ModelJob, hooks: RunHooks): Promise<WorkResult | undefined>;
  stop(): Promise<void>;
}

export interface RunHooks {
  /** A state begins; false calls the work off. */
  readonly onState: (state: WorkState) => Promise<boolean>;
  /** These are about to be stored; false calls the work off. */
  readonly onObjects: (objects: readonly StoredObject[]) => Promise<boolean>;
  /** Calls the work off at once, unless objects are being stored: a set that was begun is completed. */
  readonly signal: AbortSignal;
}

export interface PoolOptions {
  /** The script of the worker process, which obeys protocol.ts. */
  readonly script: URL;
  /** One job may take this long, ms. */
  readonly timeoutMs: number;
  /** Resident memory of one process that runs a model, MiB, looked at each second where /proc exists. */
  readonly memoryMb: (modelId: string) => number;
}

const LOOK_MS = 1_000;

/**
 * V8's young generation, MiB: three times as much stays resident once it was full. With 8 a process that reads radiographs holds 80 to 100 MB less than by
 * V8's own choice, one that reads large series 280, and neither takes longer (0.97 and 0.99 of the time, side by side).
 */
const FLAGS = ['--max-semi-space-size=8'];

/**
 * Worker processes that stay between jobs and are replaced when they die, so that a crash of a codec, of a model or of
 * memory costs one try of one job. Throws WORKER_DIED, WORKER_TIMEOUT and what the worker reports.
 */
export function createWorkerPool({ script, timeoutMs, memoryMb }: PoolOptions): Runner {
  const idle = new Set<ChildProcess>();
  const all = new Set<ChildProcess>();

  let stopped = false;

  const take = (): ChildProcess => {
    if (stopped) throw died('the server stops');
    for (const child of idle) {
      idle.delete(child);
      return child;
    }
    // None of our own flags: under --watch the child would watch too, and tell its imports on our channel. Its standard output
    // joins our log.
    const { WATCH_REPORT_DEPENDENCIES: _, ...env } = process.env;
    const child = fork(fileURLToPath(script), {
      execArgv: FLAGS,
      env: withAllocator(env),
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    all.add(child);
    child.once('exit', () => {
      all.delete(child);
      idle.delete(child);
    });
    child.on('error', () => child.kill('SIGKILL'));
    return child;
  };

  const run = (job: ModelJob, { onState, onObjects, signal }: RunHooks): Promise<WorkResult | undefined> =>
    new Promise((resolve, reject) => {
      const child = take();
      const limit = memoryMb(job.model.id);
      let doing = 'starting';
      let storing = false;
      let settled = false;
      let order = Promise.resolve();

      const settle = (end: () => void, reuse: boolean): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        clearInterval(look);
        signal.removeEventListener('abort', onAbort);
        child.off('message', onMessage).off('exit', onExit);
        if (reuse && child.connected) idle.add(child);
        else child.kill('SIGKILL');
        end();
      };
      const fail = (fault: Fault): void => settle(() => reject(fault), false);
      const callOff = (): void => settle(() => resolve(undefined), false);
      const say = (message: ToWorker): void => {
        child.send(message, (error) => error && fail(died(`its channel is closed while ${doing}`)));
      };

      const receive = async (message: FromWorker): Promise<void> => {
        switch (message.type) {
          case 'state':
            doing = message.state;
            if (!(await onState(message.state))) callOff();
            return;
          case 'objects':
            if (!(await onObjects(message.objects))) return callOff();
            storing = true;
            return say({ type: 'go' });
          case 'done':
            return settle(() => resolve(message.result), true);
          case 'fault':
            return settle(() => reject(new Fault(message.code, message.detail)), true);
        }
      };
      const onMessage = (raw: unknown): void => {
        order = order
          .then(() => (settled ? undefined : receive(FromWorker.parse(raw))))
          .catch((error) => fail(asFault(error)));
      };
      const onExit = (code: number | null, by: string | null): void => {
        // What it said before it ended comes first.
        order = order.then(() => fail(died(`${by ? `signal ${by}` : `exit code ${code}`} while ${doing}`)));
      };
      const onAbort = (): void => {
        if (!storing) callOff();
      };

      const timer = setTimeout(
        () => fail(new Fault('WORKER_TIMEOUT', `${timeoutMs} ms have passed while ${doing}`)),
        timeoutMs,
      );
      const look = setInterval(() => {
        void residentMb(child.pid).then((used) => {
          if (used > limit)
            fail(died(`it used ${Math.round(used)} MB of memory while ${doing}, the limit is ${limit} MB`));
        });
      }, LOOK_MS);
      child.on('message', onMessage).on('exit', onExit);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) return callOff();
      say({ type: 'run', job });
    });

  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all(
      [...all].map(
        (child) =>
          new Promise<void>((gone) => {
            child.once('exit', () => gone());
            child.kill('SIGKILL');
          }),
      ),
    );
  };
  return { run, stop };
}

const died = (how: string): Fault => new Fault('WORKER_DIED', how);

/** MiB, 0 where it can't be known. */
async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
