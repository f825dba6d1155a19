import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lines of dciodvfy that say `Error`: its exit code is unreliable (PS3.3 conformance of one object). */
export const errorsOf = (bytes: Uint8Array): readonly string[] =>
  inFiles([bytes], ([file = '']) => lines(spawnSync('dciodvfy', ['-new', file]).stderr, /^Error/));

/** What dcentvfy finds to disagree among objects of one study: patient, study, series, frame of reference. */
export const disagreementsOf = (objects: readonly Uint8Array[]): readonly string[] =>
  inFiles(objects, (files) => lines(spawnSync('dcentvfy', files).stderr, /^Error/));

/** The content tree of a report, one item a line. */
export const reportTree = (bytes: Uint8Array): string =>
  inFiles([bytes], ([file = '']) =>
    execFileSync('dsrdump', ['-q', '+Pc', '+Pl', file], { encoding: 'utf8' }),
  );

/** A report as HTML, as a reader without our panel would show it. */
export const reportHtml = (bytes: Uint8Array): string =>
  inFiles([bytes], ([file = '']) => execFileSync('dsr2html', ['-q', file], { encoding: 'utf8' }));

/** Runs with each object in a file of a folder of its own, which is gone after it. */
export function inFiles<T>(objects: readonly Uint8Array[], run: (files: readonly string[]) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-validate-'));
  try {
    const files = objects.map((bytes, i) => {
      const file = join(folder, `${i}.dcm`);
      writeFileSync(file, bytes);
      return file;
    });
    return run(files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const lines = (output: Buffer, pattern: RegExp): readonly string[] =>
  output
    .toString('utf8')
    .split('\n')
    .filter((line) => pattern.test(line));
