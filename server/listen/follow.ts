import { asFault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';

export interface Listener {
  /** Looks now, not at the next poll. */
  wake(): void;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
}

const BACKOFF_MAX_MS = 30_000;

/**
 * Does `step` each `pollMs` and when woken. An archive that is down is asked ever more seldom, and the work goes on by itself. `step` is
 * told how to learn that it shall end.
 */
export function follow(pollMs: number, step: (isStopping: () => boolean) => Promise<void>): Listener {
  let faults = 0;
  let stopping = false;
  let woken = false;
  let interrupt = (): void => undefined;

  const loop = async (): Promise<void> => {
    while (!stopping) {
      woken = false;
      try {
        await step(() => stopping);
        if (faults > 0) log.info({ tries: faults }, 'archive followed again');
        faults = 0;
      } catch (error) {
        const { code, detail } = asFault(error);
        if (faults++ === 0) log.warn({ code, detail }, 'archive not followed; tried again');
      }
      if (!woken && !stopping) await pause(backoff(pollMs, faults), (end) => (interrupt = end));
    }
  };

  const running = loop();
  const wake = (): void => {
    woken = true;
    interrupt();
  };
  return {
    wake,
    stop: async () => {
      stopping = true;
      wake();
      await running;
    },
  };
}

/** Doubled with each fault, up to half a minute. */
export const backoff = (pollMs: number, faults: number): number =>
  Math.max(pollMs, Math.min(pollMs * 2 ** faults, BACKOFF_MAX_MS));

const pause = (ms: number, onStart: (end: () => void) => void): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    onStart(() => {
      clearTimeout(timer);
      done();
    });
  });
