import { inStudy, isInShare } from '../../server/models/canary.ts';
import type { Installed, Mode } from '../../server/models/installed.ts';

const STUDIES = Array.from({ length: 10_000 }, (_, i) => `1.2.826.0.1.3680043.9.${1_000 + 37 * i}`);
const version = (version: string, mode: Mode, share?: number, id = 'm'): Installed =>
  ({ identity: { id, version }, mode, why: mode, ...(share ? { share } : {}) }) as Installed;
const answering = (models: readonly Installed[], study: string): readonly string[] =>
  inStudy(models, study).flatMap(({ mode, identity }) => (mode === 'clinical' ? [identity.version] : []));

test.each([1, 10, 50, 99])(
  'of 10,000 studies a share of %i in 100 is answered by the new version',
  (share) => {
    const models = [version('1.0.0', 'clinical'), version('2.0.0', 'canary', share)];
    const answers = STUDIES.map((study) => answering(models, study));
    // Each study by one, and only one.
    expect(answers.filter(({ length }) => length !== 1)).toEqual([]);
    const count = answers.filter(([by]) => by === '2.0.0').length;
    const p = share / 100;
    // Five standard deviations of a binomial: one run in three million would be outside by chance, and these UIDs never change.
    const bound = 5 * Math.sqrt(STUDIES.length * p * (1 - p));
    expect(Math.abs(count - STUDIES.length * p)).toBeLessThan(bound);
  },
);

test('a study goes the same way whenever it is asked; with a larger share no study comes back', () => {
  for (const study of STUDIES.slice(0, 1_000)) {
    const [small, again, large] = [10, 10, 30].map((share) => isInShare('m@2.0.0', share, study));
    expect(again).toBe(small);
    if (small) expect(large).toBe(true);
  }
});

test('the next version is tried on other studies', () => {
  const tried = STUDIES.filter((study) => isInShare('m@2.0.0', 10, study));
  const again = tried.filter((study) => isInShare('m@3.0.0', 10, study));
  expect(again.length / tried.length).toBeLessThan(0.2);
});

const [inside = '', outside = ''] = [true, false].map((want) =>
  STUDIES.find((study) => isInShare('m@2.0.0', 10, study) === want),
);
const CANARY = version('2.0.0', 'canary', 10);

test.each<[string, readonly Installed[], string, readonly string[]]>([
  ['a study of the share', [version('1.0.0', 'clinical'), CANARY], inside, ['shadow', 'clinical']],
  ['any other study', [version('1.0.0', 'clinical'), CANARY], outside, ['clinical', 'shadow']],
  // The stop switch: what the stopped version would have answered, the other answers.
  [
    'a stopped new version',
    [version('1.0.0', 'clinical'), version('2.0.0', 'disabled')],
    inside,
    ['clinical', 'disabled'],
  ],
  ['a stopped old version', [version('1.0.0', 'disabled'), CANARY], outside, ['disabled', 'shadow']],
  [
    'a third version',
    [version('1.0.0', 'clinical'), CANARY, version('3.0.0', 'shadow')],
    inside,
    ['shadow', 'clinical', 'shadow'],
  ],
  ['another model', [version('1.0.0', 'clinical', undefined, 'n'), CANARY], inside, ['clinical', 'clinical']],
])('%s', (_, models, study, modes) => {
  expect(inStudy(models, study).map(({ mode }) => mode)).toEqual(modes);
});

test('it says why', () => {
  const why = (study: string) => inStudy([version('1.0.0', 'clinical'), CANARY], study).map((m) => m.why);
  expect(why(inside)).toEqual(Array(2).fill('this study is among the 10 in 100 that version 2.0.0 answers'));
  expect(why(outside)).toEqual(Array(2).fill('version 2.0.0 answers 10 in 100 studies, and not this one'));
});
