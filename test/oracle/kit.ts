import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Facts {
  readonly shape: readonly number[];
  /** Over float32, little endian, in the order of the file. */
  readonly sha256: string;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface Outcome {
  readonly file: string;
  /** Pixels in the order of the file, wherever they lie in the patient. */
  readonly pixels?: Facts;
  /** Why the file, as a series of its own, is no Volume; `DIED` and `HUNG` are what must never be. */
  readonly fault?: string;
  readonly detail?: string;
  readonly ms: number;
}

export interface Reading {
  readonly outcomes: readonly Outcome[];
  /** Largest resident memory of the process that read, MiB. */
  readonly peakMb: number;
}

/** Longest that a file may take. */
const PATIENCE_MS = 10_000;
const SKIPPED = /^LICENSE|\.json$/;

/** All files of a folder that may be images, by their path in it. */
export const imagesOf = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((f) => statSync(join(root, f)).isFile() && !SKIPPED.test(f.split('/').at(-1) as string))
    .sort();

/** What the product makes of each file, read in a process of its own that is started again when it dies or hangs. */
export async function readImages(root: string): Promise<Reading> {
  const files = imagesOf(root);
  const outcomes: Outcome[] = [];
  let peakMb = 0;
  while (outcomes.length < files.length) {
    const hung = await run(root, outcomes.length, (line) => {
      if ('peakMb' in line) peakMb = Math.max(peakMb, line.peakMb);
      else outcomes.push(line);
    });
    if (outcomes.length < files.length) {
      outcomes.push({ file: files[outcomes.length] as string, fault: hung ? 'HUNG' : 'DIED', ms: 0 });
    }
  }
  return { outcomes, peakMb };
}

/** Resolves at the end of the process: true when it had to be ended. */
function run(
  root: string,
  from: number,
  onLine: (line: Outcome | { peakMb: number }) => void,
): Promise<boolean> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'read-images.ts'), root, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let hung = false;
  const giveUp = (): void => {
    hung = child.kill('SIGKILL');
  };
  let timer = setTimeout(giveUp, 2 * PATIENCE_MS);
  createInterface(child.stdout).on('line', (line) => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, PATIENCE_MS);
    onLine(JSON.parse(line));
  });
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(timer);
      resolve(hung);
    });
  });
}
