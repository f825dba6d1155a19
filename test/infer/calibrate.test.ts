import { calibrate } from '../../server/infer/calibrate.ts';

const fittedOn = 'held out images';

test.each([
  [0.5, 3, 0.5],
  // logit 2 / 2 = 1
  [1 / (1 + Math.exp(-2)), 2, 1 / (1 + Math.exp(-1))],
  [1 / (1 + Math.exp(3)), 1.5, 1 / (1 + Math.exp(2))],
  [0, 2, 0],
  [1, 2, 1],
])('a score of %d at temperature %d (Guo 2017)', (score, temperature, probability) => {
  expect(calibrate(score, { method: 'temperature', temperature, fittedOn })).toBeCloseTo(probability, 12);
});

test.each([
  [0, 0.1],
  [0.2, 0.1],
  [0.4, 0.3],
  [0.6, 0.5],
  [0.7, 0.5],
  [1, 0.5],
])('a score of %d between knots is %d', (score, probability) => {
  const knots: [number, number][] = [
    [0.2, 0.1],
    [0.6, 0.5],
    [0.8, 0.5],
  ];
  expect(calibrate(score, { method: 'isotonic', knots, fittedOn })).toBeCloseTo(probability, 12);
});
