import type { Page } from 'playwright-core';
import { deriveUid } from '../../server/dicom/uid.ts';
import { type SeriesInArchive, sendBytes, storedBytes } from '../helpers/archive.ts';
import { twoSegmentationsByHighdicom } from '../helpers/two-segmentations.ts';
import { type Box, type Boxes, boxes } from './boxes.ts';
import { MARKED, sendMarked } from './made-markers.ts';
import { inList, screenshot, showImage, startViewerSite, turnTo, type ViewerSite } from './viewer-site.ts';

jest.setTimeout(180_000);

/** How far the edge of masks may lie from where it belongs, in pixels of the screen: they have an outline. */
const TOLERANCE = 4;

/** Masks are over what they are of and what they are said to be: the white box of the image tells where. */
describe('masks, where a study holds more than one series of images or of masks', () => {
  let site: ViewerSite;
  let page: Page;
  const archive = () => ({ url: site.orthanc.url });
  const open = (series: SeriesInArchive) =>
    turnTo(page, `/viewer?StudyInstanceUIDs=${series.StudyInstanceUID}`);
  beforeAll(async () => {
    site = await startViewerSite();
    page = await site.open('/');
  });
  afterAll(() => site?.close());

  test('of the second series: over that alone, said while the first is in view, and again each time it comes back', async () => {
    const name = 'two series';
    await sendMarked(archive(), { ...MARKED.CT, name, withoutResult: true });
    const box = { frames: [3, 6], rows: [60, 70], columns: [20, 40] } as const;
    await open(await sendMarked(archive(), { ...MARKED.CT, name, series: 'second', box }));
    const notice = page.getByText('The masks are of another series');
    await notice.waitFor();
    expect((await seen(page, ({ white }) => white === undefined)).colour).toBeUndefined();
    await page.getByRole('button', { name: 'Show that series' }).click();
    await notice.waitFor({ state: 'detached' });
    await isOverTheBox(page);
    await screenshot(page, 'masks-second-series');
    await inList(page, 1).dblclick();
    await notice.waitFor();
    await seen(page, ({ colour }) => colour === undefined);
    await inList(page, 2).dblclick();
    await notice.waitFor({ state: 'detached' });
    await isOverTheBox(page);
  });

  test('of two objects, each of one segment: a finding’s own are drawn, and no others', async () => {
    const name = 'two objects';
    const series = await sendMarked(archive(), { ...MARKED.CT, name, withoutResult: true });
    const images = Array.from({ length: series.instanceCount }, (_, i) =>
      storedBytes(archive(), deriveUid('image', name, '', String(i + 1))),
    );
    const { reported, fractional } = twoSegmentationsByHighdicom(await Promise.all(images));
    for (const bytes of [...reported, fractional]) await sendBytes(archive(), bytes);
    await open(series);
    const panel = page.getByTestId('pel-panel');
    await panel.getByRole('button', { name: 'At the box' }).click();
    await showImage(page, 11);
    const box = await isOverTheBox(page);
    await panel.getByRole('button', { name: 'Elsewhere' }).click();
    await showImage(page, 11);
    // By the box and its 16 × 12 pixels, whose corner is at column 70, row 30: at column 10, row 70 are those of 21 × 16.
    const [column, row] = [(box.right - box.left) / 16, (box.bottom - box.top) / 12];
    const left = box.left - 60 * column;
    const top = box.top + 40 * row;
    const expected = { left, top, right: left + 21 * column, bottom: top + 16 * row };
    const isThere = ({ colour }: Boxes) => colour !== undefined && isNear(colour, expected);
    expect(isNear((await seen(page, isThere)).white as Box, box)).toBe(true);
    await screenshot(page, 'masks-two-objects');

    const alone = page.getByTestId('pel-without-report');
    await alone.getByText('Masks: In shares').waitFor();
    await alone.getByRole('button', { name: 'Show over the image' }).click();
    await alone.getByText('This viewer cannot draw them.').waitFor();
    expect(await alone.getByRole('button', { name: 'Show over the image' }).count()).toBe(0);
  });
});

const isNear = (a: Box, b: Box): boolean =>
  (['left', 'top', 'right', 'bottom'] as const).every((side) => Math.abs(a[side] - b[side]) <= TOLERANCE);

/** The host’s smoothing leaves a line of it beside the masks. */
const isCovered = ({ white }: Boxes): boolean => white === undefined || white.right - white.left < 3;

/** The masks cover the white box, which is seen while they are hidden. Answers where it is. */
async function isOverTheBox(page: Page): Promise<Box> {
  await page.getByTestId('pel-finding').click();
  await page.keyboard.press('Enter');
  const { colour } = await seen(page, (now) => now.colour !== undefined && isCovered(now));
  await page.keyboard.down('h');
  const { white } = await seen(page, (now) => now.colour === undefined && now.white !== undefined);
  await page.keyboard.up('h');
  await seen(page, (now) => now.colour !== undefined);
  expect({ colour, white, isNear: isNear(colour as Box, white as Box) }).toMatchObject({ isNear: true });
  return white as Box;
}

/** What is coloured and what is white in the active viewport, once that is as wanted. */
async function seen(page: Page, isWanted: (now: Boxes) => boolean): Promise<Boxes> {
  const until = performance.now() + 30_000;
  for (;;) {
    const now = await boxes(page);
    if (isWanted(now)) return now;
    if (performance.now() > until) throw new Error(`seen is ${JSON.stringify(now)}`);
    await page.waitForTimeout(100);
  }
}
