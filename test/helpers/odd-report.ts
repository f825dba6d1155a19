import { execFileSync } from 'node:child_process';
import { inFiles } from './validators.ts';

/** Where set-up installs pydicom. */
const PACKAGES = '.cache/python';

/** A report of an image as no maker should write it, about a box in its pixel edges. */
export const oddReport = (image: Uint8Array, box: readonly [number, number, number, number]): Uint8Array =>
  inFiles([image], ([file = '']) =>
    execFileSync('python3', ['test/oracle/odd_report.py', file, ...box.map(String)], {
      env: { ...process.env, PYTHONPATH: PACKAGES },
    }),
  );
