import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** Milliseconds; CPU over all threads. */
const Cost = z.object({ wall: z.number(), cpu: z.number() });
export type Cost = z.infer<typeof Cost>;

const Ready = z.object({
  /** What it can be told to run. */
  jobs: z.array(z.string()),
  /** Why a job is not there. */
  notes: z.record(z.string(), z.string()),
  /** Largest resident memory, bytes, until its gradient was ready and had run once. */
  peak: z.number(),
});

export interface Child extends z.infer<typeof Ready> {
  run(job: string): Promise<Cost>;
  end(): Promise<void>;
}

/** A process that prints one line when it is ready, and one for each job whose name it is sent. */
export async function startChild(command: string, args: readonly string[]): Promise<Child> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(' ')} ended`);
    return JSON.parse(value);
  };
  return {
    ...Ready.parse(await next()),
    run: async (job) => {
      child.stdin.write(`${job}\n`);
      return Cost.parse(await next());
    },
    end: () => ended(child),
  };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('close', () => resolve());
    child.stdin?.end();
  });
}
