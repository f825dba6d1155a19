import { execFileSync } from 'node:child_process';

/** As npm 11 writes it. */
const answer = (vulnerabilities: object, counts: object) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: { vulnerabilities: counts } });
const high = { evil: { name: 'evil', severity: 'high' }, meh: { name: 'meh', severity: 'moderate' } };

test.each([
  ['nothing is known', answer({}, { total: 0 }), { asked: true, named: [] }],
  [
    'something is, that is high',
    answer(high, { high: 1, moderate: 1 }),
    { asked: true, named: ['evil (high)'] },
  ],
  [
    'a mirror does not answer that',
    '{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":"","detail":""}}',
    { asked: false, why: '405 Method Not Allowed' },
  ],
  ['there is no network', '', { asked: false, why: 'npm audit gave no answer' }],
])('%s', (_, output, wanted) => {
  // A script for any Node, beside the tests' own way of reading modules.
  const said = execFileSync('node', [
    '--input-type=module',
    '--eval',
    `import { judge } from './scripts/audit.mjs'; console.log(JSON.stringify(judge(${JSON.stringify(output)})))`,
  ]);
  expect(JSON.parse(said.toString())).toMatchObject(wanted);
});
