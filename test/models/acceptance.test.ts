import { type Acceptance, acceptanceWords, sameVersionRemark } from '../../server/models/acceptance.ts';

const accepted = (digest: string, version?: string): Acceptance => ({
  schema: 1,
  digest,
  ...(version === undefined ? {} : { version }),
  checkedAt: '2026-11-25T12:00:00.000Z',
  samples: 1,
  checks: [{ name: 'card', passed: true, measured: '1 line', wanted: 'a line' }],
});

test.each<[string, Acceptance | undefined, string | undefined]>([
  ['never checked before', undefined, undefined],
  ['the same files', accepted('b', '1.0.0'), undefined],
  ['another version', accepted('a', '0.9.0'), undefined],
  ['other files, of a version that was not said', accepted('a'), undefined],
  [
    'other files under the same version',
    accepted('a', '1.0.0'),
    'other files were accepted as 1.0.0 on 2026-11-25: where they have run, give these another version',
  ],
])('files that are checked again, %s', (_, before, remark) => {
  expect(sameVersionRemark(before, { version: '1.0.0', digest: 'b' })).toBe(remark);
});

test.each<[string, Acceptance | undefined, string | undefined, string]>([
  [
    'accepted',
    accepted('a', '1.0.0'),
    undefined,
    'Accepted on 2026-11-25: all 1 checks passed, measured on 1 image.',
  ],
  ['never checked', undefined, undefined, 'Not accepted: it was never checked: run pellucid model check.'],
  ['failed', accepted('a', '1.0.0'), 'it failed: gradient', 'Not accepted: it failed: gradient.'],
])('what a result says of a model that is %s', (_, acceptance, reason, words) => {
  expect(acceptanceWords(acceptance, reason)).toBe(words);
});
