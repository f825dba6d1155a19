import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Whether a file is there, or a link to one. */
export const isFile = (path: string): Promise<boolean> => is(path, (found) => found.isFile());

/** Whether a folder is there, or a link to one. */
export const isFolder = (path: string): Promise<boolean> => is(path, (found) => found.isDirectory());

const is = (path: string, what: (found: Stats) => boolean): Promise<boolean> =>
  stat(path).then(what, () => false);
