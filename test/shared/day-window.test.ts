import { nextWithin } from '../../server/shared/day-window.ts';

test.each([
  ['before the window', '19:00', '06:00', [2026, 10, 28, 12, 30], [2026, 10, 28, 19, 0]],
  ['in it, before midnight', '19:00', '06:00', [2026, 10, 28, 23, 0], [2026, 10, 28, 23, 0]],
  ['in it, after midnight', '19:00', '06:00', [2026, 10, 28, 5, 59], [2026, 10, 28, 5, 59]],
  ['at its end', '19:00', '06:00', [2026, 10, 28, 6, 0], [2026, 10, 28, 19, 0]],
  ['after it, on one day', '01:00', '05:00', [2026, 10, 28, 9, 0], [2026, 10, 29, 1, 0]],
  ['in it, on one day', '01:00', '05:00', [2026, 10, 28, 1, 0], [2026, 10, 28, 1, 0]],
] as const)('it is next within the hours: %s', (_, from, to, now, begin) => {
  const at = ([y, m, d, h, min]: readonly [number, number, number, number, number]) =>
    new Date(y, m, d, h, min);
  expect(nextWithin({ from, to }, at(now))).toEqual(at(begin));
});
