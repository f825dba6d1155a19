import type { Prediction } from '../../../server/contracts.ts';
import {
  mustNotBeReliedOn,
  withoutGroundlessProbabilities,
} from '../../../server/explain/checks/reliance.ts';
import type { Explanation, StudyCheck } from '../../../server/explanation.ts';

const prediction = {
  findings: [
    { kind: 'classification', score: 0.7, probability: 0.6 },
    { kind: 'classification', score: 0.2, probability: 0.1 },
    { kind: 'segment', voxels: 5 },
  ],
} as unknown as Prediction;
const after = (check: Partial<StudyCheck>) =>
  withoutGroundlessProbabilities(prediction, {
    checks: [{ name: 'features', state: 'failed', sentence: '', ...check }],
  } as unknown as Explanation).findings.map((f) => ('probability' in f ? f.probability : undefined));

test.each<[string, Partial<StudyCheck>, (number | undefined)[]]>([
  ['an image unlike known ones: none', {}, [undefined, undefined, undefined]],
  ['a patient whom the model is not for: none', { name: 'age' }, [undefined, undefined, undefined]],
  [
    'one decision that does not hold: not that one',
    { name: 'stability', finding: 1 },
    [0.6, undefined, undefined],
  ],
  ['a picture with a border: each', { name: 'border' }, [0.6, 0.1, undefined]],
  ['a check that passed: each', { state: 'passed' }, [0.6, 0.1, undefined]],
  ['a check that could not be made: each', { state: 'absent' }, [0.6, 0.1, undefined]],
])('of %s has a probability', (_, check, probabilities) => {
  expect(after(check)).toEqual(probabilities);
  expect(prediction.findings[0]).toMatchObject({ probability: 0.6 });
});

test('only a failed check of the grounds forbids to rely on a result', () => {
  expect(mustNotBeReliedOn({ name: 'texture', state: 'failed', sentence: '' })).toBe(true);
  expect(mustNotBeReliedOn({ name: 'methods', state: 'failed', sentence: '' })).toBe(false);
});
