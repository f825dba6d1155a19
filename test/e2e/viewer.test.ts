import type { Page } from 'playwright-core';
import { type SeriesInArchive, sendTo } from '../helpers/archive.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { explainChest, explainHead } from './made-results.ts';
import { imageIsShown, screenshot, startViewerSite, type ViewerSite, warmPixels } from './viewer-site.ts';

jest.setTimeout(180_000);

const CHEST = kitPath('B_chest_xray', 'dicom', 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');
const viewer = ({ StudyInstanceUID: study }: SeriesInArchive) => `/viewer?StudyInstanceUIDs=${study}`;

describeWithKit('an AI result in OHIF', () => {
  let site: ViewerSite;
  let chest: SeriesInArchive;

  beforeAll(async () => {
    site = await startViewerSite();
    chest = await sendTo({ url: site.orthanc.url }, CHEST);
    await explainChest({ url: site.orthanc.url }, chest);
  });
  afterAll(() => site?.close());

  const mapButton = (page: Page) => page.getByTestId('pel-map');
  const settled = (page: Page) => page.waitForTimeout(700);

  test('a radiograph: the finding is said, the map is drawn, follows zoom, and goes off', async () => {
    const page = await site.open(viewer(chest));
    await imageIsShown(page);
    await page.getByTestId('pel-finding').waitFor({ timeout: 30_000 });
    await mapButton(page).waitFor();
    await settled(page);
    await screenshot(page, 'chest');
    expect(await page.getByTestId('pel-finding').textContent()).toContain(
      'The model sees signs of pneumonia',
    );
    const shown = await warmPixels(page);
    expect(shown.count).toBeGreaterThan(2_000);

    await page.evaluate(() => {
      const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
      const id = viewportGridService?.getState().activeViewportId ?? '';
      const viewport = cornerstoneViewportService?.getCornerstoneViewport(id);
      viewport?.setZoom(0.5);
      viewport?.render();
    });
    await settled(page);
    await screenshot(page, 'chest-zoomed-out');
    const zoomed = await warmPixels(page);
    expect(zoomed.width / shown.width).toBeCloseTo(0.5, 1);
    expect(zoomed.height / shown.height).toBeCloseTo(0.5, 1);

    await mapButton(page).click();
    await settled(page);
    expect((await warmPixels(page)).count).toBe(0);
    await page.close();
  });

  test('a head MR: volumes are listed, masks are drawn, a row brings its structure into view', async () => {
    const head = await sendTo(
      { url: site.orthanc.url },
      kitPath('A_brain_mri', 'dicom', 'datalad_t1_every2nd'),
    );
    await explainHead({ url: site.orthanc.url }, head);
    const page = await site.open(viewer(head));
    await imageIsShown(page);
    await page.getByTestId('pel-finding').waitFor({ timeout: 30_000 });
    await page.waitForTimeout(8000);
    await screenshot(page, 'head');
    await page.getByRole('row', { name: 'Hippocampi' }).click();
    await page.waitForTimeout(1500);
    await screenshot(page, 'head-hippocampi');
    await mapButton(page).click();
    await settled(page);
    await screenshot(page, 'head-off');
    await page.close();
  });

  test('a panel that cannot be loaded leaves a working viewer', async () => {
    for (const broken of ['404', 'throws'] as const) {
      const page = await site.open(viewer(chest), async (p) => {
        await p.route('**/pellucid/index.umd.js', (route) =>
          broken === '404'
            ? route.fulfill({ status: 404 })
            : route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("broken")' }),
        );
      });
      await imageIsShown(page);
      expect(await page.getByTestId('pel-panel').count()).toBe(0);
      await screenshot(page, `panel-${broken}`);
      await page.close();
    }
  });
});
