import type { Page } from 'playwright-core';
import { deriveUid } from '../../server/dicom/uid.ts';
import { sendBytes, storedBytes } from '../helpers/archive.ts';
import { oddReport } from '../helpers/odd-report.ts';
import { boxes } from './boxes.ts';
import { MARKED, sendMarked } from './made-markers.ts';
import { screenshot, startViewerSite, turnTo, type ViewerSite } from './viewer-site.ts';

jest.setTimeout(180_000);

/** Pixels of the screen. */
const TOLERANCE = 1.5;

describe('a report of another maker that is odd', () => {
  let site: ViewerSite;
  let page: Page;
  beforeAll(async () => {
    site = await startViewerSite();
    const archive = { url: site.orthanc.url };
    const name = 'odd report';
    const { StudyInstanceUID } = await sendMarked(archive, { ...MARKED.CR, name, withoutResult: true });
    const image = await storedBytes(archive, deriveUid('image', name, '', '1'));
    await sendBytes(archive, oddReport(image, [360, 160, 380, 180]));
    page = await site.open('/');
    await turnTo(page, `/viewer?StudyInstanceUIDs=${StudyInstanceUID}`);
    await page.getByTestId('pel-finding').waitFor();
  });
  afterAll(() => site?.close());

  const panel = () => page.getByTestId('pel-panel');
  const choose = async (label: string) => {
    await panel().getByRole('button', { name: label }).click();
    await page.getByTestId('pel-finding').getByText(label).waitFor();
  };
  const measured = () =>
    panel()
      .locator('.pel-pair')
      .evaluateAll((rows) => rows.map((row) => row.textContent));

  test('that it names another patient is said', async () => {
    await panel().getByText('This report names another patient').waitFor();
  });

  test('numbers of one name: all are there, what has no value too, and none stays when the next finding is chosen', async () => {
    await choose('Twice');
    expect(await measured()).toEqual(['Length11 mm', 'Length12 mm', 'Width–']);
    await choose('Once');
    expect(await measured()).toEqual(['Length77 mm']);
  });

  test('the line that a length was measured along is drawn, as a line, from corner to corner of the box', async () => {
    await choose('Twice');
    const line = page.locator('.pel-regions path.line');
    await line.waitFor({ state: 'attached' });
    const path = (await line.getAttribute('d')) ?? '';
    expect(path).toMatch(/^M[\d. ]+L[\d. ]+$/);
    const [left = 0, top = 0, right = 0, bottom = 0] = (path.match(/[\d.]+/g) ?? []).map(Number);
    const { white: box } = await boxes(page);
    if (!box) throw new Error('no white box is in view');
    for (const [is, was] of [
      [left, box.left],
      [top, box.top],
      [right, box.right],
      [bottom, box.bottom],
    ] as const)
      expect(Math.abs(is - was)).toBeLessThanOrEqual(TOLERANCE);
    await screenshot(page, 'odd-report');
  });

  test('a place with a number missing is not drawn elsewhere, and one on an image that is not there is said', async () => {
    await choose('Broken');
    await panel().getByText('Its place, or a part of it, cannot be drawn here.').waitFor();
    expect(await page.locator('.pel-regions path').count()).toBe(0);
    await choose('Not here');
    await panel().getByText('Its place, or a part of it, is on no image that is open here.').waitFor();
    expect(await page.locator('.pel-regions path').count()).toBe(0);
  });

  test('a long label leaves the values in the list, and the image, to be seen', async () => {
    await choose('A label of many words');
    const box = await panel().boundingBox();
    for (const value of await panel().locator('.pel-list .pel-num').all()) {
      const { x, width } = (await value.boundingBox()) ?? { x: 0, width: Number.NaN };
      expect(x + width).toBeLessThanOrEqual((box?.x ?? 0) + (box?.width ?? 0));
    }
    const tag = await page.locator('.pel-regions rect').boundingBox();
    expect(tag?.width).toBeLessThan(400);
  });
});
