import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

export interface TestWork {
  readonly pid: number;
  stop(): Promise<void>;
}

/** `pellucid work` as a process of its own; resolves when it works. */
export async function startWork(env: Readonly<Record<string, string>>): Promise<TestWork> {
  const child: ChildProcess = spawn('node', ['server/cli.ts', 'work'], {
    env: { ...process.env, ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log = `${log}${chunk}`.slice(-20_000);
  });
  for (let tries = 0; !log.includes('"working"'); tries++) {
    if (child.exitCode !== null || tries > 2_400) throw new Error(`no work:\n${log}`);
    await wait(50);
  }
  return {
    pid: child.pid as number,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
