import { readFileSync } from 'node:fs';
import { asFault, FAULTS, Fault } from '../../server/shared/fault.ts';

test('docs/faults.md lists exactly the faults of the table', () => {
  const rows = Object.entries(FAULTS).map(
    ([code, f]) => `| ${code} | ${f.retry ? 'yes' : 'no'} | ${f.status} | ${f.action} |`,
  );
  const page = readFileSync('docs/faults.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| [A-Z_]+ \|/.test(line));
  expect(page).toEqual(rows);
});

test('whatever is thrown becomes a Fault, and a Fault stays itself', () => {
  const fault = new Fault('NOT_FOUND', 'nothing there');
  expect(asFault(fault)).toBe(fault);
  expect(asFault(new TypeError('x is undefined'))).toMatchObject({
    code: 'INTERNAL',
    detail: 'x is undefined',
  });
  expect(asFault('text')).toMatchObject({ code: 'INTERNAL', detail: 'text' });
});
