import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFiles } from './validators.ts';

/** Where set-up installs highdicom; Debian has none. */
const PACKAGES = '.cache/python';

/** Of a series, as highdicom writes them: masks at the box of the marked CT, masks elsewhere, the report that refers to both; and masks in shares. */
export function twoSegmentationsByHighdicom(images: readonly Uint8Array[]): {
  readonly reported: readonly Uint8Array[];
  readonly fractional: Uint8Array;
} {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-segmentations-'));
  try {
    inFiles(images, (files) =>
      execFileSync('python3', ['test/oracle/two_segmentations.py', folder, ...files], {
        env: { ...process.env, PYTHONPATH: PACKAGES },
      }),
    );
    const written = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.dcm`)));
    return { reported: ['1', '2', '3'].map(written), fractional: written('fractional') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
