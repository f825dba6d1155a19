import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describeWithKit, kitPath } from '../helpers/kit.ts';

describeWithKit('damaged images', () => {
  test('500 of them, always the same: read or refused by a named fault, none hangs (test/oracle/fuzz.ts)', () => {
    const script = join(__dirname, '..', 'oracle', 'fuzz.ts');
    const answer = execFileSync(process.execPath, [script, kitPath('E_hostile'), '500', '4'], {
      timeout: 110_000,
    });
    const { runs, read, refused, peakMb } = JSON.parse(answer.toString());
    expect(runs).toBe(500);
    expect(read + refused).toBe(500);
    expect(read).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
    expect(peakMb).toBeLessThan(1000);
  }, 120_000);
});
