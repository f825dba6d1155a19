import type { Installed } from '../../server/models/installed.ts';
import { parseRules } from '../../server/route/rules.ts';
import { tell, tellingLines } from '../../server/wiring/telling.ts';

const IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const series = (SeriesTime: string, over: object = {}) => ({
  Modality: ['CT'],
  SOPClassUID: [IMAGE],
  SeriesDate: ['20260101'],
  SeriesTime: [SeriesTime],
  NumberOfSeriesRelatedInstances: ['40'],
  ...over,
});
const model = (id: string, over: object = {}) =>
  ({
    identity: { id, version: '1.0.0', digest: id, name: id },
    spec: {
      accepts: {
        Modality: ['CT'],
        SOPClassUID: [IMAGE],
        BodyPartExamined: { oneOf: [], orAbsent: true },
        instances: { min: 10, max: 400 },
      },
    },
    mode: 'clinical',
    why: 'it was promoted',
    ...over,
  }) as unknown as Installed;

const RULES = `
schema: 1
rules:
  - name: newest-ct
    when: { Modality: { equals: CT } }
    run: [m, stopped, shadowed]
    study:
      quiet: 60 s
      deadline: 30 min
      expect: [{ SeriesTime: { range: { min: 100000 } } }]
      series: newest
`;
const told = (all: Readonly<Record<string, object>>, rules: string | undefined = RULES) =>
  tell(new Map(Object.entries(all)) as never, {
    study: '1.2',
    models: [
      model('m'),
      model('stopped', { mode: 'disabled', why: 'the operator disabled it' }),
      model('shadowed', { mode: 'shadow', why: 'it was not promoted yet' }),
    ],
    inForce: rules === '' ? undefined : parseRules(rules),
  });
const linesFor = (uid: string, ...args: Parameters<typeof told>): readonly string[] => {
  const found = told(...args).find(({ SeriesInstanceUID }) => SeriesInstanceUID === uid);
  return found ? tellingLines(found).map((line) => line.trim()) : [];
};
const WHY = 'rule newest-ct: Modality CT, BodyPartExamined absent (accepted), 40 images';

describe('a rule that takes one series of a study', () => {
  const both = { '1.2.1': series('090000'), '1.2.2': series('110000') };

  test('is told as it is done: one runs, and not by a stopped model; in shadow nothing is stored', () => {
    const lines = linesFor('1.2.2', both);
    expect(lines).toContain(`→ m@1.0.0 runs (normal): ${WHY}; the study is complete; the newest of 2 series`);
    expect(lines).toContain('– stopped@1.0.0 does not run: the operator disabled it');
    expect(lines).toContain(
      `→ shadowed@1.0.0 runs in shadow (normal): ${WHY}; the study is complete; the newest of 2 series; nothing of it is stored: it was not promoted yet`,
    );
  });

  test('and the other does not, with the reason', () => {
    expect(linesFor('1.2.1', both)).toContain(
      `– m@1.0.0 does not run: ${WHY}; of 2 series of the study the rule takes the newest, 1.2.2`,
    );
  });

  test('is said to wait, for what and for how long', () => {
    expect(linesFor('1.2.1', both)).toContain(
      'Chosen: m, normal, by newest-ct, which waits for the study: until nothing new came for 1 min and a series with SeriesTime at least 100000 came, at most 30 min; told here as if no more came.',
    );
  });

  test('what is expected and missing is said', () => {
    expect(
      linesFor(
        '1.2.1',
        { '1.2.1': series('090000') },
        RULES.replace('series:', 'atDeadline: skip\n      series:'),
      ),
    ).toContain(
      `– m@1.0.0 does not run: ${WHY}; at the deadline 1 of 1 expected series had not come: a series with SeriesTime at least 100000`,
    );
  });

  test('that waits on at its deadline, waits', () => {
    const rules = RULES.replace('series:', 'atDeadline: wait\n      series:');
    expect(linesFor('1.2.1', { '1.2.1': series('090000') }, rules)).toContain(
      `– m@1.0.0 does not run: ${WHY}; it waits: no series with SeriesTime at least 100000 has come`,
    );
  });
});

test('of one image nobody knows how many its series has: that is not judged, and said', () => {
  const { NumberOfSeriesRelatedInstances: _, ...image } = series('110000');
  const lines = linesFor('1.2.1', { '1.2.1': image }, '');
  expect(lines).toContain(
    '→ m@1.0.0 runs (normal): Modality CT, BodyPartExamined absent (accepted), images not counted',
  );
  expect(lines[1]).toMatch(/^One image does not say how many its series has/);
  // Of a series that is there it is judged.
  expect(
    linesFor('1.2.1', { '1.2.1': series('110000', { NumberOfSeriesRelatedInstances: ['1'] }) }, ''),
  ).toContain('– m@1.0.0 does not run: the series has 1 images, the model reads 10 to 400');
});

const COUNT = { NumberOfSeriesRelatedInstances: { range: { min: 20 } } };
test.each<[when: object, says: string, clause: string]>([
  [
    COUNT,
    'cannot be told of one file',
    '? NumberOfSeriesRelatedInstances is not known of one file, wanted at least 20',
  ],
  [{ Modality: { equals: 'CT' }, ...COUNT }, 'cannot be told of one file', '? all of'],
  [{ none: [COUNT] }, 'cannot be told of one file', '? none of'],
  [
    { NumberOfSeriesRelatedInstances: { exists: false } },
    'cannot be told of one file',
    '? NumberOfSeriesRelatedInstances',
  ],
  // Whatever the count is, the rest decides.
  [{ Modality: { equals: 'MR' }, ...COUNT }, 'does not match', '✗ all of'],
  [{ any: [COUNT, { Modality: { equals: 'CT' } }] }, 'matches', '✓ one of'],
  [{ none: [COUNT, { Modality: { equals: 'CT' } }] }, 'does not match', '✗ none of'],
])('of one file a rule with %j: %s', (when, says, clause) => {
  const { NumberOfSeriesRelatedInstances: _, ...image } = series('110000');
  const rules = JSON.stringify({ schema: 1, rules: [{ name: 'a', when, run: ['m'] }] });
  const lines = linesFor('1.2.1', { '1.2.1': image }, rules);
  expect(lines).toContain(`${says}: a`);
  expect(lines.some((line) => line.trim().startsWith(clause))).toBe(true);
  const unknown = 'Not known of one file: a. Try the whole study, or a folder of its files.';
  expect(lines.includes(unknown)).toBe(says.startsWith('cannot'));
  // Of a series that is there each is told.
  const whole = linesFor('1.2.1', { '1.2.1': series('110000') }, rules);
  expect(whole.some((line) => line.trim().startsWith('?') || line === unknown)).toBe(false);
});

test('where a series goes without identity, and by which rule', () => {
  const rules = JSON.stringify({
    schema: 1,
    rules: [{ name: 'a', when: { Modality: { equals: 'CT' } }, copy: { to: 'research', results: true } }],
  });
  expect(linesFor('1.2.1', { '1.2.1': series('110000') }, rules).at(-1)).toBe(
    '→ its images and results go to research without identity, by rule a',
  );
});
