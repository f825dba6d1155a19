import { startViewerSite, type ViewerSite } from '../e2e/viewer-site.ts';
import { sendBytes } from '../helpers/archive.ts';
import { HOSTILE, hostileImage, MARK, STUDY } from './guarded-site.ts';

jest.setTimeout(300_000);

/** A browser on the real viewer, with a study whose names and descriptions a browser would run. */
describe('what the archive calls a patient', () => {
  let site: ViewerSite;
  beforeAll(async () => {
    site = await startViewerSite();
    await sendBytes({ url: site.orthanc.url }, hostileImage());
  });
  afterAll(() => site?.close());

  test.each([
    ['the list of studies', '/'],
    ['the viewer', `/viewer?StudyInstanceUIDs=${STUDY}`],
  ])('is text in %s, and is not run', async (_, path) => {
    const page = await site.open(path);
    const shown = page.getByText(MARK).first();
    await shown.waitFor({ state: 'attached' });
    expect(await shown.textContent()).toContain(HOSTILE.slice(0, 30));
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.evaluate(() => 'owned' in window)).toBe(false);
    await page.close();
  });
});
