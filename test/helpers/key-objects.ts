import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where set-up installs highdicom; Debian has none. */
const PACKAGES = '.cache/python';

/** A Key Object Selection of these images, as highdicom writes it. */
export function keyObjectsByHighdicom(
  images: readonly Uint8Array[],
  {
    title = 'OfInterest',
    description = '',
  }: {
    /** A code of DCM, by its keyword in pydicom. */ readonly title?: string;
    readonly description?: string;
  } = {},
): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-key-objects-'));
  try {
    const files = images.map((bytes, i) => {
      const file = join(folder, `${i}.dcm`);
      writeFileSync(file, bytes);
      return file;
    });
    return execFileSync('python3', ['test/oracle/key_objects.py', title, description, ...files], {
      env: { ...process.env, PYTHONPATH: PACKAGES },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
