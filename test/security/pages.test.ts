import { startViewerSite, type ViewerSite } from '../e2e/viewer-site.ts';
import { sendBytes } from '../helpers/archive.ts';
import { hostileImage, MARK, STUDY } from './guarded-site.ts';

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
    await page.getByText(MARK).first().waitFor({ state: 'attached' });
    // As text: markup would have no words. In a name, what follows `=` is another script (PS3.5 6.2.1.1).
    expect(await page.locator('body').textContent()).toContain('"><img src');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false);
    await page.close();
  });
});
