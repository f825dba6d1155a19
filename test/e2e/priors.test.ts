import type { Page } from 'playwright-core';
import { deriveUid } from '../../server/dicom/uid.ts';
import type { Results } from '../../server/encode/index.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';
import { imageIsShown, screenshot, startViewerSite, type ViewerSite } from './viewer-site.ts';

jest.setTimeout(360_000);

/** So many ml of the only structure. */
const measuring =
  (ml: number) =>
  (results: Results): Results => ({
    ...results,
    prediction: {
      ...results.prediction,
      findings: results.prediction.findings.map((finding) => ({ ...finding, volumeMm3: ml * 1000 })),
    },
  });

const speaksOf = (page: Page, words: string) =>
  page.getByTestId('pel-study').filter({ hasText: words }).waitFor({ timeout: 120_000 });

describe('the same finding in earlier studies of the patient', () => {
  let site: ViewerSite;
  const HEAD: Marked = { ...MARKED.MR, name: 'followed head' };
  const earlier = (name: string, StudyDate: string): Marked => ({ ...HEAD, study: [name, StudyDate] });
  const now = deriveUid('study', HEAD.name);
  const before = deriveUid('study', 'a year before');
  beforeAll(async () => {
    site = await startViewerSite();
    const archive = { url: site.orthanc.url };
    await sendMarked(archive, HEAD, measuring(2.61));
    await sendMarked(archive, earlier('a year before', '20250503'), measuring(2.75));
    await sendMarked(archive, earlier('two years before', '20240112'), measuring(2.8));
    await sendMarked(
      archive,
      { ...HEAD, name: 'another head', study: ['of another', '20250101'] },
      measuring(9),
    );
  });
  afterAll(() => site?.close());

  async function isSideBySide(page: Page): Promise<void> {
    await page.waitForURL(/compare/);
    expect(page.url()).toContain(`StudyInstanceUIDs=${now}%2C${before}`);
    await imageIsShown(page);
    await speaksOf(page, 'Study of 24 Nov 2026');
    expect(await page.locator('.pel-list .is-selected').textContent()).toContain('2.61');
    const viewports = page.locator('canvas.cornerstone-canvas');
    await viewports.nth(1).waitFor();
    // While the host lays them out, those of before are there as well.
    await viewports.nth(2).waitFor({ state: 'detached' });
    expect(await viewports.count()).toBe(2);
    // Each at the slice of its own result.
    await page.waitForFunction(
      () => {
        const { viewportGridService, cornerstoneViewportService } = window.services;
        return [...viewportGridService.getState().viewports.keys()].every(
          (id) => (cornerstoneViewportService.getCornerstoneViewport(id)?.getCurrentImageIdIndex() ?? 0) > 0,
        );
      },
      undefined,
      { timeout: 120_000 },
    );
    await screenshot(page, 'state-side-by-side');
    await viewports.nth(1).click();
    await speaksOf(page, 'Study of 3 May 2025');
    await page.getByText('2.75').first().waitFor();
    await viewports.nth(0).click();
    await speaksOf(page, 'Study of 24 Nov 2026');
  }

  test('its values and their change, the newest first, and of no other patient', async () => {
    const page = await site.open(`/viewer?StudyInstanceUIDs=${now}`);
    await imageIsShown(page);
    const rows = page.getByTestId('pel-priors').locator('tr');
    await rows.first().waitFor({ timeout: 120_000 });
    expect((await rows.allTextContents()).map((row) => row.replaceAll(/\s/g, ' '))).toEqual([
      '3 May 20252.75 mlnow −5 %',
      '12 Jan 20242.80 mlnow −7 %',
    ]);
    await screenshot(page, 'state-priors');

    // Side by side, the panel says of which study it speaks, and goes with the viewport that is active.
    await page.getByTestId('pel-priors').getByRole('link').click();
    await isSideBySide(page);
    await page.close();
  });

  test('an archive that does not say: the panel says so, and goes on', async () => {
    const page = await site.open(`/viewer?StudyInstanceUIDs=${now}`, async (p) => {
      await p.route('**/studies?*ModalitiesInStudy=SR*', (route) => route.fulfill({ status: 503 }));
    });
    await page.getByText('Earlier studies of this patient could not be asked').waitFor({ timeout: 120_000 });
    await page.getByTestId('pel-finding').waitFor();
    await page.close();
  });
});

/** What the functions above find in the page. */
declare const window: {
  readonly services: {
    readonly viewportGridService: { getState(): { readonly viewports: ReadonlyMap<string, unknown> } };
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): { getCurrentImageIdIndex(): number } | null;
    };
  };
};
