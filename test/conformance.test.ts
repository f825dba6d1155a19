import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `npm run conformance` has the whole matrix. */
test('the quick matrix: no validator and no other reader finds a problem', () => {
  const run = spawnSync(process.execPath, [join('conformance', 'run.ts'), '--quick'], { encoding: 'utf8' });
  if (run.stdout.includes('***')) process.stderr.write(`\n${run.stdout}\n`);
  expect(run.stdout).toContain(' objects, 0 problems.');
  expect(run.stdout).not.toContain('0 objects');
  expect(run.status).toBe(0);
}, 300_000);
