import { type Acceptance, sameVersionRemark } from '../../server/models/acceptance.ts';

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
