import { linear, shareRange, ticks } from '../../review-console/src/charts/scale.ts';
import { viewerAt } from '../../review-console/src/lib/api.ts';
import { filterLines, saidOf, withFilter } from '../../review-console/src/lib/filters.ts';
import { addressOf, type Route, routeOf } from '../../review-console/src/lib/route.ts';
import { moved, nameOf, nextWindow } from '../../review-console/src/lib/window.ts';
import { clock, duration, perCent, plain, waits, weekNumber } from '../../review-console/src/lib/words.ts';
import { Window } from '../../server/review/contract/case.ts';

test('the viewer is opened at the image that is looked at', () => {
  const picture = { SOPInstanceUID: '1.2.3.4', SeriesInstanceUID: '1.2.3', rows: 1, columns: 1, name: 'x' };
  const from = '/ai-reading?StudyInstanceUIDs=1.2&initialSOPInstanceUID=9';
  expect(viewerAt(from, picture)).toBe(
    '/ai-reading?StudyInstanceUIDs=1.2&initialSOPInstanceUID=1.2.3.4&initialSeriesInstanceUID=1.2.3',
  );
  expect(viewerAt(from, undefined)).toBe(from);
});

test('the windows of a CT come one after the other, and end with what the image asks for', () => {
  const walked = [undefined];
  for (let at = nextWindow(undefined); at; at = nextWindow(at)) walked.push(at as never);
  expect(walked.map(nameOf)).toEqual(['own', 'softTissue', 'lung', 'liver', 'bone', 'brain']);
  expect(nextWindow({ centre: 1, width: 2 })).toBeUndefined();
  expect(nameOf({ centre: 1, width: 2 })).toBeUndefined();
});

test.each([
  [
    { centre: 40, width: 400 },
    { wider: 0, darker: 0.5 },
    { centre: 240, width: 400 },
  ],
  [
    { centre: 40, width: 400 },
    { wider: Math.log(2), darker: 0 },
    { centre: 40, width: 800 },
  ],
  [
    { centre: 0.5, width: 1 },
    { wider: -Math.log(4), darker: -0.25 },
    { centre: 0.25, width: 0.25 },
  ],
  // Never beyond what the server takes.
  [
    { centre: 999_999, width: 2e6 },
    { wider: 1, darker: 1 },
    { centre: 1e6, width: 2e6 },
  ],
  [
    { centre: 0, width: 1e-6 },
    { wider: -9, darker: 0 },
    { centre: 0, width: 1e-6 },
  ],
])('the window %j moved by %j is %j', (window, by, then) => {
  expect(moved(window, by)).toEqual(then);
  expect(Window.parse(then)).toEqual(then);
});

const ID = '0123456789abcdef0123456789abcdef';

test.each<[Route]>([
  [{ page: 'worklist' }],
  [{ page: 'worklist', view: 'needs-me' }],
  [{ page: 'worklist', own: { order: 'newest', filter: { site: ['Nörd & Co'], scoreFrom: 0.1 } } }],
  [{ page: 'case', analysis: ID }],
  [{ page: 'figures', query: { model: 'm', from: '2026-01-01T00:00:00.000Z' } }],
])('an address leads back to its page: %j', (route) => {
  const { pathname, search } = new URL(addressOf(route), 'http://a.test');
  expect(routeOf(pathname, search)).toEqual(route);
});

test.each([
  ['/review/', '', { page: 'worklist' }],
  ['/review', '?f=%5B%22cut', { page: 'worklist' }],
  ['/review', '?f=%5B1%2C2%5D', { page: 'worklist' }],
  ['/review/cases/NOT-ONE', '', { page: 'unknown' }],
  ['/review/elsewhere', '', { page: 'unknown' }],
])('an address made by hand, %s%s', (path, search, route) => {
  expect(routeOf(path, search)).toEqual(route);
});

test.each([
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.75, 1, 5, [0.75, 0.8, 0.85, 0.9, 0.95, 1]],
  [0, 0.1, 5, [0, 0.02, 0.04, 0.06, 0.08, 0.1]],
  [0, 0, 5, [0]],
])('ticks from %s to %s', (from, to, count, expected) => {
  expect(ticks(from, to, count)).toEqual(expected);
});

test.each([
  [0.889, 0.921, [0.85, 0.95]],
  [0.82, 0.98, [0.8, 1]],
  [0, 0.01, [0, 0.05]],
  [0.1, 0.9, [0, 1]],
  [1, 1, [0.95, 1]],
])('the axis around %s to %s', (low, high, range) => {
  expect(shareRange(low, high)).toEqual(range);
});

test('a scale is a line through its ends', () => {
  const x = linear([0, 2], [10, 30]);
  expect([x(0), x(1), x(2)]).toEqual([10, 20, 30]);
});

/** ISO 8601: the week of the year's first Thursday is the first. */
test.each([
  ['2026-11-23', 48],
  ['2025-12-29', 1],
  ['2020-12-28', 53],
  ['2027-01-04', 1],
])('the week of Monday %s is %i', (monday, week) => {
  expect(weekNumber(monday)).toBe(week);
});

test('numbers and times as readers see them', () => {
  expect([
    waits('2026-11-24T10:00:00Z', Date.parse('2026-11-24T10:35:00Z')),
    clock(41_500),
    clock(725_000),
  ]).toEqual(['35 min', '0:41', '12:05']);
  expect([duration(14), duration(600), duration(7200), duration(400_000)]).toEqual([
    '14 s',
    '10 min',
    '2.0 h',
    '5 d',
  ]);
  expect([perCent(0.90576), plain('pixelSpacing'), plain('chest-pneumonia')]).toEqual([
    '90.6',
    'Pixel spacing',
    'Chest pneumonia',
  ]);
});

test('each filter says what it is set to, and what filters nothing is not there', () => {
  const lines = filterLines(undefined, []);
  const now = Date.parse('2026-11-24T00:00:00Z');
  const filter = withFilter(
    {},
    {
      state: ['unread', 'differ'],
      positive: false,
      scoreFrom: 0.2,
      nearThreshold: 0.1,
      sex: [],
      site: undefined,
      from: '2026-11-10T00:00:00Z',
    },
  );
  expect(Object.keys(filter)).toEqual(['state', 'positive', 'scoreFrom', 'nearThreshold', 'from']);
  const said = lines.flatMap((line) => {
    const words = saidOf(line, filter, now);
    return words ? [[line.id, words]] : [];
  });
  expect(said).toEqual([
    ['state', 'Unread, Readers differ'],
    ['positive', 'Negative'],
    ['score', '0.20–'],
    ['near', '± 0.10'],
    ['date', 'Last 14 days'],
  ]);
});
