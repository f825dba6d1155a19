import type { DicomJson } from '../../ohif-extension/src/lib/dicom-json.ts';
import { everyPage } from '../../ohif-extension/src/lib/every-page.ts';

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
