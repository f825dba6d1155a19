import { growth, type Sample } from './growth.ts';

/** 2,000 studies, looked at each 2.8 of them as an hour's load is: 400 MB that rise by `leak` for each 100, and a saw-tooth of ±25 MB over `period` studies. */
function run({ leak, period, begin }: { leak: number; period: number; begin: number }): readonly Sample[] {
  return Array.from({ length: 720 }, (_, i) => {
    const done = Math.floor((i * 2_000) / 720);
    const phase = ((i * 2_000) / 720 / period + begin) % 1;
    return { done, rssMb: 400 + (leak * done) / 100 + 50 * phase - 25, files: 20 };
  });
}

const teeth = [7, 23, 60, 90].flatMap((period) => [0, 0.3, 0.7].map((begin) => ({ period, begin })));

test.each(teeth)(
  'a leak of 1.5 MB per 100 studies is found, none is not: teeth of $period studies that begin at $begin',
  ({ period, begin }) => {
    expect(growth(run({ leak: 1.5, period, begin }), 2_000).floorMbPer100).toBeGreaterThan(1);
    expect(Math.abs(growth(run({ leak: 0, period, begin }), 2_000).floorMbPer100)).toBeLessThan(0.5);
  },
);

test('one file that stays open for each 100 studies is found', () => {
  const leaking = run({ leak: 0, period: 30, begin: 0 }).map((sample) => ({
    ...sample,
    files: 20 + Math.floor(sample.done / 100),
  }));
  expect(growth(leaking, 2_000).filesPer100).toBeCloseTo(1, 1);
});

test('what was made once in the first half does not count', () => {
  const grown = run({ leak: 0, period: 30, begin: 0 }).map((sample) => ({
    ...sample,
    rssMb: sample.rssMb - Math.max(0, 200 - sample.done / 5),
  }));
  expect(growth(grown, 2_000).floorMbPer100).toBeCloseTo(0, 0);
});
