import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface Kept<T> {
  readonly outside: readonly string[];
  readonly stamp: string;
  readonly made: T;
}

/** A write within this time of a reading may bear the same time as what was read: the file systems' clocks are coarse. */
const COARSE_MS = 2_000;

/**
 * What was made of a folder, made anew only when one of its files, or of those outside that it depends on, came, went or was
 * written since. Packages are looked at for every series that arrives, and reading them takes a hundred times as long as this.
 * What was written in the last two seconds, and whatever throws, is not kept.
 */
export function unchanged<T>(
  make: (folder: string) => Promise<{ readonly made: T; readonly outside: readonly string[] }>,
): (folder: string) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  return async (folder) => {
    const before = kept.get(folder);
    if (before && (await stampOf(folder, before.outside)).stamp === before.stamp) return before.made;
    kept.delete(folder);
    const began = Date.now();
    const { made, outside } = await make(folder);
    const { stamp, newest } = await stampOf(folder, outside);
    if (newest + COARSE_MS < began) kept.set(folder, { outside, stamp, made });
    return made;
  };
}

/** Names, sizes and times of all files, a missing one as missing; and when the last was written, ms since the epoch. */
async function stampOf(
  folder: string,
  outside: readonly string[],
): Promise<{ readonly stamp: string; readonly newest: number }> {
  const inside = await readdir(folder, { recursive: true }).catch(() => []);
  const paths = [folder, ...inside.toSorted().map((name) => join(folder, name)), ...outside];
  const facts = await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return {
    stamp: paths
      .map((path, i) => {
        const fact = facts[i];
        return `${path} ${fact ? [fact.ino, fact.size, fact.mtimeNs, fact.ctimeNs].join(' ') : 'missing'}`;
      })
      .join('\n'),
    newest: facts.reduce((latest, fact) => Math.max(latest, Number(fact?.ctimeMs ?? 0)), 0),
  };
}
