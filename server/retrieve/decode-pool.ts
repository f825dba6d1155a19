import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Fault, type FaultCode } from '../shared/fault.ts';
import type { Decoded } from './codec.ts';
import type { PixelFormat } from './pixel-format.ts';

/** One compressed frame. */
export interface Task {
  readonly TransferSyntaxUID: string;
  readonly frame: Uint8Array;
  readonly format: PixelFormat;
}

/** What a thread answers to task `id`. */
export type Answer = { readonly id: number } & (
  | { readonly decoded: Decoded }
  | { readonly code: FaultCode; readonly detail: string }
);

interface Waiting {
  resolve(decoded: Decoded): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  /** Ends it when nothing has come for a while. */
  ending?: NodeJS.Timeout;
}

/** More do not help: one thread reads and converts for all of them. */
export const THREADS = Math.min(4, availableParallelism());
/** A decoder that has just been compiled takes twice its time for the first frames. */
const IDLE_MS = 60_000;

const threads = new Set<Thread>();
let tasks = 0;

/**
 * Decodes a frame in the thread that has the least to do; the frame is copied before this returns. Throws PIXELS_TRUNCATED,
 * DICOM_UNREADABLE, TRANSFER_SYNTAX_UNSUPPORTED, and WORKER_DIED when the decoder takes its thread along.
 */
export function decodeFrame({ frame, ...task }: Task): Promise<Decoded> {
  const { worker, waiting, ending } = leastBusy();
  clearTimeout(ending);
  worker.ref();
  return new Promise((resolve, reject) => {
    const id = tasks++;
    waiting.set(id, { resolve, reject });
    const copy = new Uint8Array(frame);
    worker.postMessage({ ...task, id, frame: copy }, [copy.buffer]);
  });
}

/** A new one while all have work and there may be more. */
function leastBusy(): Thread {
  const [first] = [...threads].sort((a, b) => a.waiting.size - b.waiting.size);
  return first && (first.waiting.size === 0 || threads.size === THREADS) ? first : startThread();
}

function startThread(): Thread {
  // No flags of ours: a program given on the command line would be one of the thread too.
  const worker = new Worker(new URL('./decode-thread.ts', import.meta.url), { execArgv: [] });
  const thread: Thread = { worker, waiting: new Map() };
  threads.add(thread);
  worker.on('message', (answer: Answer) => {
    const task = thread.waiting.get(answer.id);
    thread.waiting.delete(answer.id);
    if ('decoded' in answer) task?.resolve(answer.decoded);
    else task?.reject(new Fault(answer.code, answer.detail));
    if (thread.waiting.size > 0) return;
    // It keeps no process alive while it has nothing to do.
    worker.unref();
    thread.ending = setTimeout(() => void worker.terminate(), IDLE_MS).unref();
  });
  let why = 'it ended';
  worker.on('error', (error) => {
    why = error.message;
  });
  worker.on('exit', () => {
    threads.delete(thread);
    for (const { reject } of thread.waiting.values()) {
      reject(new Fault('WORKER_DIED', `the thread of a decoder: ${why}`));
    }
  });
  return thread;
}
