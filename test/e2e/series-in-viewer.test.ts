import type { Page } from 'playwright-core';
import { type SeriesInArchive, sendTo } from '../helpers/archive.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { explainCt, sendThinned } from './made-ct.ts';
import { explainChest } from './made-results.ts';
import {
  type Coloured,
  colouredWhen,
  faultsOf,
  imageIsShown,
  inList,
  screenshot,
  startViewerSite,
  type ViewerSite,
} from './viewer-site.ts';

jest.setTimeout(180_000);

const CHEST = kitPath('B_chest_xray', 'dicom', 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');
const CT = kitPath('C_ct', 'dicom_chest_lung');
const isDrawn = ({ count }: Coloured): boolean => count > 500;

/** What each series must bring to the eye once it is opened. */
const SEEN = {
  colours: async (page: Page) => {
    // The viewport may be put up anew.
    await page.waitForTimeout(1_500);
    await page.locator('canvas.cornerstone-canvas').first().waitFor();
    await colouredWhen(page, isDrawn);
  },
  rectangles: (page: Page) =>
    page.locator('svg.svg-layer [stroke]').first().waitFor({ state: 'attached', timeout: 20_000 }),
  /** An image, or a series that the host lists and cannot show. */
  nothing: (page: Page) => page.waitForTimeout(2_000),
} as const;

/** Without our panel: what any OHIF makes of the objects. Not of an SR with segments: OHIF 3.13 wants a place in each group (OHIF#3390). */
describeWithKit('the series of a result, opened in OHIF by a double click, without an exception', () => {
  let site: ViewerSite;
  const studies: Record<string, SeriesInArchive> = {};
  beforeAll(async () => {
    site = await startViewerSite();
    const archive = { url: site.orthanc.url };
    studies.chest = await sendTo(archive, CHEST);
    await explainChest(archive, studies.chest);
    studies.ct = await sendThinned(archive, CT);
    await explainCt(archive, studies.ct);
  });
  afterAll(() => site?.close());

  test.each<[study: string, kinds: Record<string, [seriesNumber: number, seen: keyof typeof SEEN]>]>([
    ['ct', { SEG: [901, 'colours'], PM: [903, 'colours'], KOS: [905, 'nothing'] }],
    [
      'chest',
      { SC: [906, 'colours'], MAP: [907, 'nothing'], SR: [904, 'rectangles'], KOS: [905, 'nothing'] },
    ],
  ])('%s', async (study, kinds) => {
    const page = await site.open(
      `/viewer?StudyInstanceUIDs=${studies[study]?.StudyInstanceUID}`,
      async (opening) => {
        await opening.route('**/pellucid/index.umd.js', (route) => route.fulfill({ status: 404 }));
      },
    );
    await imageIsShown(page);
    const faults = faultsOf(page);
    for (const [kind, [seriesNumber, seen]] of Object.entries(kinds)) {
      await inList(page, seriesNumber).dblclick();
      // A segmentation is drawn only when the reader says so.
      if (kind === 'SEG') await page.getByRole('button', { name: 'Yes' }).click();
      await SEEN[seen](page).finally(() => screenshot(page, `series-${study}-${kind}`));
      expect({ kind, faults }).toEqual({ kind, faults: [] });
      expect(await page.getByText('Something went wrong').count()).toBe(0);
    }
    await page.close();
  });
});
