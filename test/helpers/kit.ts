import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Part10, readPart10 } from '../../server/dicom/read.ts';

/** The test kit of real models and images lies beside the checkout and is not part of it. */
const KIT = resolve('..', 'shared', 'data');

export const kitPath = (...parts: readonly string[]): string => join(KIT, ...parts);
export const kitBytes = (...parts: readonly string[]): Uint8Array =>
  new Uint8Array(readFileSync(kitPath(...parts)));
export const kitJson = (...parts: readonly string[]): unknown =>
  JSON.parse(readFileSync(kitPath(...parts), 'utf8'));

/** All DICOM files of a folder of the kit, parsed. */
export const kitSeries = (...parts: readonly string[]): readonly Part10[] =>
  readdirSync(kitPath(...parts))
    .filter((name) => name.endsWith('.dcm'))
    .map((name) => readPart10(kitBytes(...parts, name)));

/**
 * `describe` for tests on the kit. Without it they fail in CI; elsewhere one line says loudly that they did not run.
 */
export function describeWithKit(name: string, tests: () => void): void {
  if (existsSync(KIT) || process.env.CI) {
    describe(name, tests);
    return;
  }
  describe(`${name}: NOT RUN, the test kit ../shared/data is missing`, () => {
    test('says so', () => {
      process.stderr.write(`\n*** NOT RUN: ${name} (the test kit ../shared/data is missing) ***\n`);
      expect(existsSync(KIT)).toBe(false);
    });
  });
}
