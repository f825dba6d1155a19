import { execFileSync } from 'node:child_process';
import { inFiles } from './validators.ts';

/** Where set-up installs highdicom; Debian has none. */
const PACKAGES = '.cache/python';

interface Said {
  /** A code of DCM, by its keyword in pydicom. */
  readonly title?: string;
  readonly description?: string;
}

/** A Key Object Selection of these images, as highdicom writes it. */
export const keyObjectsByHighdicom = (
  images: readonly Uint8Array[],
  { title = 'OfInterest', description = '' }: Said = {},
): Uint8Array =>
  inFiles(images, (files) =>
    execFileSync('python3', ['test/oracle/key_objects.py', title, description, ...files], {
      env: { ...process.env, PYTHONPATH: PACKAGES },
    }),
  );
