import { renderToStaticMarkup } from 'react-dom/server';
import { Superseded } from '../../ohif-extension/src/components/superseded.tsx';
import type { Finding, ModelFacts, Result } from '../../ohif-extension/src/lib/result.ts';
import { FINDING } from '../helpers/finding.ts';

const result = (findings: readonly Finding[], model: Partial<ModelFacts> = {}): Result => ({
  SOPInstanceUID: '1.9',
  SeriesInstanceUID: '1.8',
  StudyInstanceUID: '1',
  model: { name: 'Chest', version: '1.0.0', ...model },
  createdAt: '2026-11-24T10:11:00',
  verified: false,
  origin: 'explained',
  findings,
});
const named = (label: string, more: Partial<Finding>): Finding => ({
  ...FINDING,
  label,
  trackingUID: label,
  ...more,
});
const scored = (value: number, label = 'Pneumonia'): Finding =>
  named(label, { score: { value, calibrated: false }, present: value >= 0.5 });
const structures = (size: number): readonly Finding[] =>
  ['A', 'B', 'C', 'D', 'E'].map((label) => named(label, { volumeMl: size }));

function html(older: Result, newest: Result): string {
  return renderToStaticMarkup(<Superseded newest={newest} results={[older]} now="2026-11-25T00:00:00" />);
}
const lines = (older: Result, newest: Result): readonly (string | undefined)[] =>
  [...html(older, newest).matchAll(/<li>(.*?)<\/li>/g)].map(([, line]) => line);

test('an older result keeps its date, its version and its words', () => {
  const older = html(result([scored(0.83)]), result([scored(0.91)]));
  expect(older).toContain('24 Nov 2026 10:11, Chest 1.0.0: The model sees signs of pneumonia. 0.83<ul>');
  expect(renderToStaticMarkup(<Superseded newest={result([])} results={[]} now="" />)).toBe('');
});

test.each<[string, Result, Result, readonly string[]]>([
  [
    'nothing',
    result([scored(0.83)]),
    result([scored(0.83)]),
    ['The same in all that was reported of its findings.'],
  ],
  ['a score', result([scored(0.83)]), result([scored(0.91)]), ['Score: Pneumonia 0.83, now 0.91.']],
  [
    'a score by little: as many decimals as show it',
    result([scored(0.8312)]),
    result([scored(0.8334)]),
    ['Score: Pneumonia 0.8312, now 0.8334.'],
  ],
  [
    'a new version that no longer finds it',
    result([scored(0.83)]),
    result([scored(0.3)], { version: '1.1.0' }),
    ['Version 1.0.0, now 1.1.0. Scores on another scale.', 'No longer found: Pneumonia.'],
  ],
  [
    'a file that goes by the same number',
    result(structures(1), { digest: 'ab' }),
    result(structures(1), { digest: 'cd' }),
    ['Not known to be the same version.'],
  ],
  [
    'a version that was not said',
    result(structures(1), { version: '' }),
    result(structures(1)),
    ['Not known to be the same version.'],
  ],
  [
    'many: three are named',
    result(structures(2.75)),
    result(structures(2.61)),
    ['Volume: A 2.75 ml, now 2.61 ml; B 2.75 ml, now 2.61 ml; C 2.75 ml, now 2.61 ml; 2 more.'],
  ],
  [
    'a check, of one finding of two',
    result([scored(0.83), named('B', {})]),
    result([
      { ...scored(0.83), checks: [{ name: 'Contrast', state: 'failed', sentence: '' }] },
      named('B', {}),
    ]),
    ['Check failed only now: Contrast (Pneumonia).'],
  ],
  [
    'what another program measured',
    result([named('Nodule', { measurements: [{ name: 'Area', value: 4, unit: 'cm2' }] })]),
    result([named('Nodule', { measurements: [{ name: 'Area', value: 5, unit: 'cm2' }] })]),
    ['Value: Nodule, Area 4 cm², now 5 cm².'],
  ],
])('what changed is said in plain lines: %s', (_, older, newest, said) => {
  expect(lines(older, newest)).toEqual(said);
});
