import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import type { DicomJson } from '../../ohif-extension/src/lib/dicom-json.ts';
import { readMap, readMapHeader } from '../../ohif-extension/src/lib/read-map.ts';
import { readReport } from '../../ohif-extension/src/lib/read-report.ts';
import type { DeletionCurve } from '../../ohif-extension/src/lib/result.ts';
import { readPart10, text } from '../../server/dicom/read.ts';
import { enlarge } from '../../server/explain/enlarge.ts';
import { getJson } from '../../server/shared/http.ts';
import { type SeriesInArchive, sendBytes, sendTo, storedBytes } from '../helpers/archive.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { dicomJson } from '../ohif-extension/documents.ts';
import { explainChest } from './made-results.ts';
import { imageIsShown, inList, screenshot, startViewerSite, type ViewerSite } from './viewer-site.ts';
import { violations } from './violations.ts';

jest.setTimeout(360_000);

const CHEST = kitPath('B_chest_xray', 'dicom', 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');

describeWithKit('the slider that hides the strongest evidence', () => {
  let site: ViewerSite;
  let page: Page;
  let told: { readonly curve: DeletionCurve; readonly map: Float32Array; readonly cells: readonly number[] };

  beforeAll(async () => {
    site = await startViewerSite();
    const archive = { url: site.orthanc.url };
    const chest = await sendTo(archive, CHEST);
    await explainChest(archive, chest);
    told = await toldIn(site, chest);
    page = await site.open(`/viewer?StudyInstanceUIDs=${chest.StudyInstanceUID}`);
    await imageIsShown(page);
    await page.getByTestId('pel-finding').click();
    await settled(page);
  });
  afterAll(() => site?.close());

  const slider = () => page.locator('.pel-deletion input');
  const moveTo = async (step: number): Promise<PNG> => {
    await slider().focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < step; i++) await page.keyboard.press('ArrowRight');
    return settled(page);
  };

  test('20 %: those places of the image are covered and all others are as they were; back at 0 all is as before', async () => {
    const withMap = await settled(page);
    await page.getByTestId('pel-map').click();
    const bare = await settled(page);
    await page.getByTestId('pel-map').click();
    expect(bare).not.toEqual(withMap);
    expect(await settled(page)).toEqual(withMap);
    expect(await slider().inputValue()).toBe('0');

    await moveTo(2);
    expect(await slider().getAttribute('aria-valuetext')).toBe(
      `20 % hidden, score ${told.curve.strongestFirst[2]?.toFixed(2)}`,
    );
    expect(await page.locator('.pel-cover text').textContent()).toBe('Hidden: strongest 20 %');
    await page.getByText('Grey on the image').waitFor();
    expect(await violations(page, '.pel-panel')).toEqual([]);
    await screenshot(page, 'hidden-evidence');

    // What is written over the image is not its part.
    await page.addStyleTag({ content: '.pel-cover .tag, .pel-cover text { display: none }' });
    await moveTo(10);
    const all = await boxOfCover(page);
    for (const step of [1, 2, 3]) {
      const shown = await moveTo(step);
      const from = told.curve.hiddenFrom?.[step - 1] ?? Number.NaN;
      const values = enlarge(told.map, told.cells, [all.height, all.width]);
      const isHidden = (i: number): boolean => (values[i] as number) > from;
      // Lines have a width, and what is within three pixels of one may lie on either side.
      const isSure = (i: number): boolean =>
        AROUND.every(([x, y]) => isHidden(i + x + y * all.width) === isHidden(i));
      let [covered, wrong, changed] = [0, 0, 0];
      for (let i = 0; i < values.length; i++) {
        const at = (all.top + Math.floor(i / all.width)) * shown.width + all.left + (i % all.width);
        const isGrey = isCovered(shown, at);
        if (isGrey) covered++;
        if (!isSure(i)) continue;
        if (isGrey !== isHidden(i)) wrong++;
        else if (!isGrey && !isSame(shown, bare, at)) changed++;
      }
      expect({ wrong, changed }).toEqual({ wrong: 0, changed: 0 });
      expect(Math.abs(covered / values.length - step / 10)).toBeLessThan(0.01);
    }
    expect(await moveTo(0)).toEqual(withMap);
    expect(await page.locator('.pel-cover').count()).toBe(0);
  });

  test('Escape, the button, and the hold-to-hide key show the image alone or as it was; the keyboard stays in the panel', async () => {
    const before = await moveTo(0);
    const hidden = await moveTo(3);
    expect(hidden).not.toEqual(before);
    await page.keyboard.down('h');
    await page.locator('.pel-cover').waitFor({ state: 'detached' });
    await page.keyboard.up('h');
    expect(await settled(page)).toEqual(hidden);
    await page.keyboard.press('Escape');
    expect(await settled(page)).toEqual(before);
    expect(await slider().evaluate((input) => input.ownerDocument.activeElement === input)).toBe(true);
    await moveTo(3);
    await page.getByRole('button', { name: 'Show all again' }).click();
    expect(await settled(page)).toEqual(before);
    expect(await slider().inputValue()).toBe('0');
  });

  test('in a wide panel the curve is wide, and neither high nor thick', async () => {
    const curve = page.locator('.pel-deletion svg');
    const before = await curve.boundingBox();
    await page.addStyleTag({ content: '.pel-panel { width: 1200px !important }' });
    const wide = await curve.boundingBox();
    await screenshot(page, 'hidden-evidence-wide');
    await page
      .locator('style')
      .last()
      .evaluate((style) => style.remove());
    expect(wide?.width).toBeGreaterThan(1000);
    expect(wide?.height).toBe(before?.height);
    expect(
      await page.evaluate(
        `getComputedStyle(document.querySelector('.pel-deletion .strongest')).vectorEffect`,
      ),
    ).toBe('non-scaling-stroke');
  });

  test('another image is not covered, and the panel says so; with a study that is opened anew nothing is hidden', async () => {
    await moveTo(2);
    await page.locator('.pel-cover .cover').waitFor({ state: 'attached' });
    await sendAnother(site);
    await page.reload();
    await imageIsShown(page);
    await page.getByTestId('pel-finding').click();
    await moveTo(2);
    // The viewer lists the two images by themselves.
    const images = inList(page, 1);
    await images.nth(1).waitFor();
    const said: boolean[] = [];
    for (const image of await images.all()) {
      await image.dblclick();
      await settled(page);
      const isElsewhere = await page.getByText('Nothing is covered here').isVisible();
      expect(await page.locator('.pel-cover').count()).toBe(isElsewhere ? 0 : 1);
      said.push(isElsewhere);
      if (isElsewhere) await screenshot(page, 'hidden-evidence-other');
    }
    expect(said.toSorted()).toEqual([false, true]);
  });
});

/** What the report and the map say, as they lie in the archive. */
async function toldIn({ orthanc }: ViewerSite, { StudyInstanceUID: study }: SeriesInArchive) {
  const archive = { url: orthanc.url };
  const instances = (await getJson(archive, `/dicom-web/studies/${study}/instances`)) as DicomJson[];
  const bytesOf = async (sopClass: string): Promise<Uint8Array> => {
    const found = instances.find((instance) => instance['00080016']?.Value?.[0] === sopClass);
    return storedBytes(archive, String(found?.['00080018']?.Value?.[0]));
  };
  const curve = readReport(dicomJson(await bytesOf('1.2.840.10008.5.1.4.1.1.88.34')))?.findings[0]?.deletion;
  const bytes = await bytesOf('1.2.840.10008.5.1.4.1.1.7.3');
  const header = readMapHeader(dicomJson(bytes));
  const pixels = readPart10(bytes).pixels[0] as Uint8Array;
  const map = header && readMap(header, [pixels.slice().buffer as ArrayBuffer]);
  if (!curve?.hiddenFrom || !map) throw new Error('the archive does not tell what is hidden');
  return { curve, map: map.values, cells: [map.rows, map.columns] };
}

/** The same image under another name, in the same series: no map was computed for it. */
async function sendAnother({ orthanc }: ViewerSite): Promise<void> {
  const bytes = readFileSync(CHEST);
  const uid = text(readPart10(bytes).dataset, 'SOPInstanceUID') ?? '';
  const other = uid.slice(0, -1) + (uid.endsWith('1') ? '2' : '1');
  const renamed = Buffer.from(bytes.toString('latin1').replaceAll(uid, other), 'latin1');
  await sendBytes({ url: orthanc.url }, renamed);
}

/** The first viewport as it is on the screen, once it is twice the same. */
async function settled(page: Page): Promise<PNG> {
  const clip = await page.locator('canvas.cornerstone-canvas').first().boundingBox();
  if (!clip) throw new Error('no viewport is shown');
  const until = performance.now() + 60_000;
  for (let before = ''; ; ) {
    // The mouse, or focus, may have the viewer write over its image.
    const shot = await page.screenshot({ clip });
    const now = shot.toString('base64');
    if (now === before) return PNG.sync.read(shot);
    if (performance.now() > until) throw new Error('the viewport does not settle');
    before = now;
    await page.waitForTimeout(200);
  }
}

/** Three pixels away in each direction. */
const AROUND = [-3, 0, 3].flatMap((y) => [-3, 0, 3].map((x) => [x, y] as const));

/** The cover's greys are bluish, those of a radiograph are not, and what the viewer writes is bluer. */
function isCovered({ data }: PNG, at: number): boolean {
  const [red, , blue] = data.subarray(4 * at, 4 * at + 3) as unknown as [number, number, number];
  return red > 0x50 && red < 0x80 && blue - red > 15 && blue - red < 26;
}

const isSame = (a: PNG, b: PNG, at: number): boolean =>
  [0, 1, 2].every((channel) => a.data[4 * at + channel] === b.data[4 * at + channel]);

/** On the first viewport, in whole pixels. */
async function boxOfCover(page: Page): Promise<{ left: number; top: number; width: number; height: number }> {
  const [cover, canvas] = await Promise.all(
    ['.pel-cover .cover', 'canvas.cornerstone-canvas'].map((name) =>
      page.locator(name).first().boundingBox(),
    ),
  );
  if (!cover || !canvas) throw new Error('nothing is covered');
  const [left, top] = [Math.round(cover.x - canvas.x), Math.round(cover.y - canvas.y)];
  return { left, top, width: Math.round(cover.width), height: Math.round(cover.height) };
}
