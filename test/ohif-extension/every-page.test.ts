import type { DicomJson } from '../../ohif-extension/src/lib/dicom-json.ts';
import { everyPage } from '../../ohif-extension/src/lib/every-page.ts';
import { fewAtOnce } from '../../ohif-extension/src/lib/few-at-once.ts';

const series = (n: number): DicomJson => ({ '0020000E': { vr: 'UI', Value: [`1.2.${n}`] } });
const HELD = [1, 2, 3, 4, 5].map(series);
const refusing = (status: number) => Promise.reject(Object.assign(new Error('refused'), { status }));

type Ask = Parameters<typeof everyPage>[0];

const capped =
  (limit: number): Ask =>
  async ({ offset = '0' }) =>
    HELD.slice(Number(offset)).slice(0, limit);

test.each<[string, Ask, number]>([
  ['gives all at once', capped(5), 5],
  ['gives two at a time, and does not say so', capped(2), 5],
  ['holds nothing', async () => [], 0],
  ['does not know offset', async () => HELD.slice(0, 3), 3],
  ['refuses offset as not understood', ({ offset }) => (offset ? refusing(400) : capped(3)({})), 3],
])('an archive that %s', async (_, ask, count) => {
  expect(await everyPage(ask, 'SeriesInstanceUID')).toEqual(HELD.slice(0, count));
});

test('an archive that fails on the way: no part is taken for the whole', async () => {
  const ask: Ask = ({ offset }) => (offset ? refusing(503) : capped(3)({}));
  await expect(everyPage(ask, 'SeriesInstanceUID')).rejects.toThrow('refused');
});

test('what comes twice because something was stored meanwhile is taken once', async () => {
  const pages = [[1, 2], [2, 3], [3]].map((page) => page.map(series));
  expect(await everyPage(async () => pages.shift() ?? [], 'SeriesInstanceUID')).toEqual(HELD.slice(0, 3));
});

test('where the archive has said how many there are, no more is asked than brings them', async () => {
  const asked: unknown[] = [];
  const ask: Ask = (paging) => {
    asked.push(paging);
    return capped(3)(paging);
  };
  expect(await everyPage(ask, 'SeriesInstanceUID', 5)).toEqual(HELD);
  expect(asked).toEqual([{}, { offset: '3' }]);
  expect(await everyPage(capped(5), 'SeriesInstanceUID', 0)).toEqual(HELD);
});

test('two questions are on their way at a time, and the answers in the order of the questions; what fails ends it', async () => {
  let onTheirWay = 0;
  const asked: number[] = [];
  const ask = async (n: number) => {
    asked.push(n);
    onTheirWay++;
    expect(onTheirWay).toBeLessThanOrEqual(2);
    // The first takes longest.
    for (let i = 0; i < 5 - n; i++) await Promise.resolve();
    onTheirWay--;
    if (n === 9) throw new Error('refused');
    return n * n;
  };
  expect(await fewAtOnce([1, 2, 3, 4], ask)).toEqual([1, 4, 9, 16]);
  asked.length = 0;
  await expect(fewAtOnce([1, 9, 3, 4, 5, 6], ask)).rejects.toThrow('refused');
  await Promise.resolve();
  expect(asked.length).toBeLessThan(5);
});
