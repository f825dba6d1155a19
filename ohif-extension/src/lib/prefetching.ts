import { cornerstone } from '../host.ts';

const PREFETCH = 'prefetch';
/** What is fetched ahead waits no longer than this for masks that do not come, ms. */
const LONGEST_MS = 5_000;

/** Ends the pause that is on. */
let end: () => void = () => undefined;

/**
 * Has the host fetch no further images ahead of those that are looked at, so that its one thread is free for what is wanted now. Returns how to
 * let it go on; it does by itself after a while, and before another pause.
 */
export function pausePrefetching(): () => void {
  end();
  const pool = cornerstone()?.imageLoadPoolManager;
  if (!pool) return end;
  const usual = pool.getMaxSimultaneousRequests(PREFETCH);
  pool.setMaxSimultaneousRequests(PREFETCH, 0);
  let isOver = false;
  end = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(limit);
    pool.setMaxSimultaneousRequests(PREFETCH, usual);
    pool.startGrabbing();
  };
  const limit = setTimeout(end, LONGEST_MS);
  return end;
}
