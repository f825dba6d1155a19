import { checkBaselines, checkMethods, checkStability } from '../../../server/explain/checks/steady.ts';
import type { Subject } from '../../../server/explain/subject.ts';

/** The score is the value of the pixel at the top left. */
const corner: Subject = { dims: [1, 4, 4], score: async (inputs) => inputs.map(([v = 0]) => v) };

test('a decision that a shift by two pixels turns is remarked on', async () => {
  // Left of column 2 and above row 2 there is light: shifts to the left and up bring the dark to the corner.
  const light = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 && i < 8 ? 1 : 0));
  expect(await checkStability(corner, light, { score: 1, threshold: 0.5 })).toEqual({
    name: 'stability',
    state: 'remark',
    sentence: 'The decision turns under 2 of 7 small changes of the image.',
  });
  const even = new Float32Array(16).fill(0.9);
  expect(await checkStability(corner, even, { score: 0.9, threshold: 0.5 })).toMatchObject({
    state: 'passed',
    sentence: 'The decision is the same under 7 small changes of the image.',
  });
});

test.each([
  [1, 'passed', 'turns under 1 of 7'],
  [2, 'remark', 'turns under 2 of 7'],
  [3, 'remark', 'turns under 3 of 7'],
  [4, 'failed', 'turns under 4 of 7'],
  [7, 'failed', 'turns under 7 of 7'],
])('of seven small changes %s turn the decision: %s', async (turning, state, words) => {
  let run = 0;
  const scores: Subject = {
    dims: [1, 4, 4],
    score: async (inputs) => inputs.map(() => (run++ < turning ? 0 : 1)),
  };
  const check = await checkStability(scores, new Float32Array(16), { score: 1, threshold: 0.5 });
  expect(check).toMatchObject({ name: 'stability', state });
  expect(check.sentence).toContain(words);
});

test.each([
  [0.4, true, 'passed', 'The map agrees with'],
  [0.29, true, 'passed', 'agrees little'],
  [-0.1, true, 'passed', 'agrees little'],
  [-0.11, true, 'remark', 'does not agree'],
  [null, true, 'remark', 'shows nothing'],
  [-1, false, 'absent', 'no evidence'],
])('maps that agree by %s, of a positive finding: %s', (agreement, positive, state, words) => {
  const check = checkMethods(agreement, positive);
  expect(check).toMatchObject({ name: 'methods', state });
  expect(check.sentence).toContain(words);
});

test.each([
  [{ blurred: 1, 'greyed out': 0.1 }, true, 'passed', 'in either way'],
  [{ blurred: 1, 'greyed out': 0 }, true, 'passed', 'is blurred, but not'],
  [{ blurred: -1, 'greyed out': -2 }, true, 'remark', 'is blurred or greyed out.'],
  [undefined, true, 'absent', 'no evidence'],
  [{ blurred: -1 }, false, 'absent', 'no evidence'],
])('losses of %j, of a positive finding: %s', (lost, positive, state, words) => {
  const check = checkBaselines(lost, positive);
  expect(check).toMatchObject({ name: 'baselines', state });
  expect(check.sentence).toContain(words);
});
