import type { Page } from 'playwright-core';
import { loadModels } from '../../server/models/load.ts';
import { modelsRouter } from '../../server/models/routes.ts';
import { type SeriesInArchive, sendTo } from '../helpers/archive.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { explainChest, explainHead } from './made-results.ts';
import {
  type Coloured,
  colouredWhen,
  imageIsShown,
  isGone,
  screenshot,
  shownImage,
  startViewerSite,
  type ViewerSite,
  zoomTo,
} from './viewer-site.ts';
import { violations } from './violations.ts';

/** Runs in the page: how strongly the host fills each of the 17 structures. */
const FILLS = `(() => {
  const { segmentationService: service } = window.services;
  const [{ segmentationId }] = service.getSegmentations();
  return Array.from({ length: 17 }, (_, i) => {
    const style = service.getStyle({ segmentationId, type: 'Labelmap', segmentIndex: i + 1 });
    return style.fillAlpha === 0.6 ? 'full' : style.fillAlpha < 0.3 ? 'pale' : style.fillAlpha;
  });
})()`;

/** What the plug-in appends, with the addresses relative to the page as it has them. */
const ORTHANC_PLUGIN = `
window.config.routerBasename = '/';
window.config.dataSources = [{
  namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
  sourceName: 'dicomweb',
  configuration: {
    name: 'orthanc', wadoUriRoot: './dicom-web', qidoRoot: './dicom-web', wadoRoot: './dicom-web',
    qidoSupportsIncludeField: false, imageRendering: 'wadors', thumbnailRendering: 'wadors',
    enableStudyLazyLoad: true, supportsFuzzyMatching: false, supportsWildcard: true,
    bulkDataURI: { enabled: true, relativeResolution: 'studies' },
  },
}];
window.config.defaultDataSourceName = 'dicomweb';
`;

jest.setTimeout(360_000);

const CHEST = kitPath('B_chest_xray', 'dicom', 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');
const HEAD = kitPath('A_brain_mri', 'dicom', 'datalad_t1_every2nd');
const isDrawn = ({ count }: Coloured): boolean => count > 500;
const viewer = ({ StudyInstanceUID: study }: SeriesInArchive) => `/viewer?StudyInstanceUIDs=${study}`;

describeWithKit('an AI result in OHIF', () => {
  let site: ViewerSite;
  let chest: SeriesInArchive;
  const archive = () => ({ url: site.orthanc.url });

  beforeAll(async () => {
    const { ready } = await loadModels('models');
    const models = ready.map((model) => ({ ...model, mode: 'clinical' as const, why: 'a test' }));
    site = await startViewerSite(
      modelsRouter(
        async () => ({ models, refused: [] }),
        () => undefined,
      ),
    );
    chest = await sendTo(archive(), CHEST);
    await explainChest(archive(), chest);
  });
  afterAll(() => site?.close());

  const mapButton = (page: Page) => page.getByTestId('pel-map');
  const panelIs = (page: Page, state: string) =>
    page.locator(`[data-testid=pel-panel][data-state=${state}]`).waitFor({ timeout: 60_000 });

  test('a radiograph: the finding is said, the map is drawn, follows zoom, and goes off', async () => {
    const page = await site.open(viewer(chest));
    await imageIsShown(page);
    await panelIs(page, 'ready');
    const shown = await colouredWhen(page, isDrawn);
    await screenshot(page, 'chest');
    expect(await page.getByTestId('pel-finding').textContent()).toContain(
      'The model sees signs of pneumonia.',
    );

    await page.getByTestId('pel-more').click();
    await page.getByTestId('pel-outline').click();
    await colouredWhen(page, isGone);
    await page.locator('.pel-outlines .line.for').waitFor({ state: 'attached' });
    await screenshot(page, 'chest-outline');
    await page.getByTestId('pel-colours').click();

    await zoomTo(page, 0.5);
    const zoomed = await colouredWhen(page, (now) => isDrawn(now) && now.width < shown.width);
    await screenshot(page, 'chest-zoomed-out');
    expect(zoomed.width / shown.width).toBeCloseTo(0.5, 1);
    expect(zoomed.height / shown.height).toBeCloseTo(0.5, 1);

    await mapButton(page).click();
    await colouredWhen(page, isGone);
    // The host says so when it cannot draw one of our objects.
    expect(await page.getByText('Something went wrong').count()).toBe(0);
    await page.close();
  });

  test('a verdict chosen by its key where nobody can sign brings into view why', async () => {
    const page = await site.open(viewer(chest), undefined, LOW);
    await panelIs(page, 'ready');
    await page.locator('.pel-panel article').focus();
    const why = page.getByText('No Pellucid server here: nothing can be accepted, corrected or rejected.');
    await why.waitFor({ state: 'attached' });
    const end = await page.locator('.pel-scroll').evaluate((e) => e.getBoundingClientRect().bottom);
    const isAbove = async () => ((await why.boundingBox())?.y ?? Number.POSITIVE_INFINITY) < end;
    expect(await isAbove()).toBe(false);
    await page.keyboard.press('r');
    expect(await isAbove()).toBe(true);
    expect(await why.evaluate((e) => e.ownerDocument.activeElement === e)).toBe(true);
    await page.close();
  });

  /** A low screen, as a reader sees it first, before anything is scrolled. */
  const LOW = { width: 1280, height: 720 };
  /** Above what a reviewer has pinned at the end to accept or reject: so many pixels. */
  const isSeen = (page: Page, pinned: number): Promise<readonly boolean[]> =>
    page.locator('.pel-card .ttl').evaluateAll((titles, below) => {
      const end = (titles[0]?.closest('.pel-scroll')?.getBoundingClientRect().bottom ?? 0) - below;
      return titles.slice(0, 5).map((title) => title.getBoundingClientRect().bottom <= end);
    }, pinned);

  test('on a low screen a radiograph opens with one mark, one sentence, and the five cards with their numbers', async () => {
    const page = await site.open(viewer(chest), undefined, LOW);
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await page.locator('.pel-regions text').waitFor({ state: 'attached' });
    expect(await page.locator('.pel-regions path').count()).toBe(0);
    expect(await isSeen(page, 45)).toEqual([true, true, true, true, true]);
    expect((await page.locator('.pel-card .key').allTextContents()).slice(0, 5)).toEqual([
      expect.stringMatching(/^\d+ % of the image$/),
      expect.stringMatching(/^\d\.\d SD (brighter|darker)$/),
      expect.stringMatching(/^0\.\d\d → 0\.\d\d without A$/),
      'exact sum',
      expect.stringMatching(/^0\.\d\d above threshold$/),
    ]);
    await screenshot(page, 'low-chest');
    // What is said beyond the first sentence comes with the card; the place is never said without what speaks against it.
    const cards = page.locator('.pel-card');
    expect(await cards.nth(0).locator('.sen').textContent()).toMatch(/so the place tells little\.$/);
    expect(await cards.nth(0).locator('.rest').count()).toBe(0);
    const rest = cards.nth(1).locator('.rest');
    expect([await rest.isVisible(), await rest.textContent()]).toEqual([
      false,
      expect.stringContaining('Known images'),
    ]);
    await cards.nth(1).locator('summary').click();
    expect(await rest.isVisible()).toBe(true);
    // The pictures of the package on the server.
    const known = cards.nth(1).locator('.pel-nearest');
    expect(await known.locator('tbody tr').allTextContents()).toEqual(
      Array(3).fill(expect.stringMatching(/^(Normal|(Bacterial|Viral) pneumonia) \(case-\d{3}\)\d\.\d\d$/)),
    );
    await known.locator('img').last().scrollIntoViewIfNeeded();
    await page.waitForFunction(
      "[...document.querySelectorAll('.pel-nearest img')].filter((image) => image.naturalWidth > 0).length === 3",
    );
    await screenshot(page, 'low-nearest');
    expect(await violations(page, '.pel-panel')).toEqual([]);
    await page.getByTestId('pel-regions').click();
    await page.locator('.pel-regions path.line').first().waitFor({ state: 'attached' });
    await page.close();
  });

  test('keys act while focus is in the panel: E toggles the map, hold H hides it, 1 opens a card', async () => {
    const page = await site.open(viewer(chest));
    await imageIsShown(page);
    await colouredWhen(page, isDrawn);
    await page.getByTestId('pel-finding').click();
    await page.keyboard.down('h');
    await colouredWhen(page, isGone);
    await page.keyboard.up('h');
    await colouredWhen(page, isDrawn);
    await page.keyboard.press('e');
    expect(await mapButton(page).getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('1');
    expect(await page.locator('details.pel-card').first().getAttribute('open')).not.toBeNull();
    await page.getByTestId('pel-more').focus();
    const opacity = page.locator('.pel-overlay input[type=range]');
    await page.keyboard.press('Enter');
    await opacity.waitFor();
    await page.keyboard.press('Space');
    await opacity.waitFor({ state: 'detached' });
    await screenshot(page, 'chest-card');
    await page.close();
  });

  test('a head MR: from no result to volumes, masks, and a structure brought into view', async () => {
    const head = await sendTo(archive(), HEAD);
    const page = await site.open(viewer(head));
    await panelIs(page, 'none');
    await screenshot(page, 'none');
    await explainHead(archive(), head);
    await page.reload();
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await screenshot(page, 'head');
    // The header of the map that nobody asked for takes its time.
    const headers = /instances\/[^/]+\/metadata/;
    await page.route(headers, () => undefined);
    await page.setViewportSize(LOW);
    await page.reload();
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    expect(await isSeen(page, 68)).toEqual([true, true, true, true, true]);
    await screenshot(page, 'low-head');
    await page.unroute(headers);
    await page.setViewportSize({ width: 1400, height: 850 });
    await page.reload();
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    const before = await shownImage(page);
    await page.getByText('11 more').click();
    await page.getByRole('row', { name: 'Hippocampi' }).click();
    await colouredWhen(page, isDrawn);
    expect(await shownImage(page)).not.toBe(before);
    await screenshot(page, 'head-hippocampi');
    // The hippocampi are the fourteenth.
    expect(await page.evaluate(FILLS)).toEqual([...Array(13).fill('pale'), 'full', ...Array(3).fill('pale')]);
    await page.getByTestId('pel-regions').click();
    await colouredWhen(page, isGone);
    await page.close();
  });

  test('an archive that refuses the question: the panel says so, the image is there', async () => {
    const page = await site.open(viewer(chest), async (p) => {
      await p.route('**/series?*Modality=SR*', (route) => route.fulfill({ status: 503 }));
    });
    await imageIsShown(page);
    await panelIs(page, 'failed');
    await screenshot(page, 'failed');
    await page.unroute('**/series?*Modality=SR*');
    await page.getByRole('button', { name: 'Look again' }).click();
    await panelIs(page, 'ready');
    await page.close();
  });

  test('an archive that does not say what lies there without a report: the results are shown, and that is said', async () => {
    const others = /\/studies\/[\d.]+\/series$/;
    const page = await site.open(viewer(chest), async (p) => {
      await p.route(others, (route) => route.fulfill({ status: 503 }));
    });
    await panelIs(page, 'ready');
    await page.getByText('The archive did not say whether anything without a report is here.').waitFor();
    await page.getByTestId('pel-finding').first().waitFor();
    await page.close();
  });

  test('a newer result of the same model stands, the older one is folded', async () => {
    await explainChest(archive(), chest, { createdAt: '2026-11-25T13:30:00.000Z' });
    const page = await site.open(viewer(chest));
    await panelIs(page, 'ready');
    expect(await page.getByTestId('pel-finding').count()).toBe(1);
    await page.getByText('1 older result').click();
    await page.getByText('The same in all that was reported of its findings.').waitFor();
    await screenshot(page, 'state-superseded');
    await page.close();
  });

  test('the mode for reading with AI: the panel is open, and alone beside the image', async () => {
    const page = await site.open(`/ai-reading?StudyInstanceUIDs=${chest.StudyInstanceUID}`);
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await screenshot(page, 'ai-reading');
    await page.close();
  });

  test('a host whose React is not found: the panel brings its own, and does the same', async () => {
    const page = await site.open(viewer(chest), async (p) => {
      await p.route('**/pellucid/host-shim.js', async (route) => {
        const answer = await route.fetch();
        const body = (await answer.text()).replaceAll('exports\\.', 'isNowhere\\.');
        await route.fulfill({ response: answer, body });
      });
    });
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await page.getByTestId('pel-finding').click();
    await page.keyboard.press('e');
    await colouredWhen(page, isGone);
    expect(await page.evaluate("window['pellucid/create-root'] !== undefined")).toBe(true);
    await screenshot(page, 'own-react');
    await page.close();
  });

  test('a host that sets its own data source and path on our configuration, as Orthanc’s OHIF plug-in does', async () => {
    const page = await site.open(viewer(chest), async (p) => {
      await p.route('**/app-config.js', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()) + ORTHANC_PLUGIN });
      });
    });
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    expect(await page.evaluate('window.config.defaultDataSourceName')).toBe('dicomweb');
    await page.close();
  });

  test('a panel that fails while it draws says so, leaves the viewer and its images, and opens again', async () => {
    const page = await site.open(viewer(chest), async (p) => {
      await p.route('**/pellucid/index.umd.js', async (route) => {
        const body = await (await route.fetch()).text();
        const broken = body.replace(
          /researchUse:([`"'])(Research use only[^`"']*)\1/,
          'get researchUse(){if(globalThis.breaks)throw new Error("broken");return"$2"}',
        );
        expect(broken).not.toBe(body);
        await route.fulfill({ contentType: 'text/javascript', body: broken });
      });
    });
    await imageIsShown(page);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await page.getByTestId('pel-finding').click();
    await page.evaluate('globalThis.breaks = true');
    await page.keyboard.press('?');
    await panelIs(page, 'broken');
    expect(await page.getByRole('alert').textContent()).toContain('The images are as they were.');
    // What it drew goes with it: a map without its legend would be worse than none.
    await colouredWhen(page, isGone);
    await imageIsShown(page);
    await screenshot(page, 'broken');
    await page.evaluate('globalThis.breaks = false');
    await page.getByRole('button', { name: 'Open it again' }).click();
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await page.close();
  });

  test.each(['missing', 'throwing'])('a panel that is %s leaves a working viewer', async (how) => {
    const page = await site.open(viewer(chest), async (p) => {
      await p.route('**/pellucid/index.umd.js', (route) =>
        how === 'missing'
          ? route.fulfill({ status: 404 })
          : route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("broken")' }),
      );
    });
    await imageIsShown(page);
    expect(await page.getByTestId('pel-panel').count()).toBe(0);
    await screenshot(page, `panel-${how}`);
    await page.close();
  });
});
