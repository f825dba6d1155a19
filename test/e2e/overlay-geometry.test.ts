import type { Page } from 'playwright-core';
import { CODES } from '../../server/dicom/code.ts';
import type { Results } from '../../server/encode/index.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';
import { imageIsShown, screenshot, startViewerSite, type ViewerSite } from './viewer-site.ts';

jest.setTimeout(300_000);

/** How far a map may lie from the white box of the image itself, in pixels of the screen. */
const TOLERANCE = 1.5;

type Modality = keyof typeof MARKED;

/**
 * The host itself shows where the box lies: white in the image. So its centre on the screen is found twice, in white with all overlays
 * hidden, and in colour with the map shown: by the pixels that a reader sees.
 */
describe('a map lies over what it was computed for, to 1.5 pixels of the screen', () => {
  let site: ViewerSite;
  const studies = new Map<Modality, string>();
  let forAndAgainst = '';
  beforeAll(async () => {
    site = await startViewerSite();
    for (const modality of ['CR', 'CT', 'MR', 'US', 'XC'] as const) {
      const series = await sendMarked({ url: site.orthanc.url }, MARKED[modality]);
      studies.set(modality, series.StudyInstanceUID);
    }
    const both = { ...MARKED.MR, name: 'marked for and against' };
    forAndAgainst = (await sendMarked({ url: site.orthanc.url }, both, evidence)).StudyInstanceUID;
  });
  afterAll(() => site?.close());

  /** With the map alone over the image. */
  const open = async (modality: Modality, more = ''): Promise<Page> => {
    const page = await site.open(`/viewer?StudyInstanceUIDs=${studies.get(modality)}${more}`);
    await imageIsShown(page);
    await page.getByTestId('pel-finding').click();
    await page.keyboard.press('Enter');
    if (modality === 'CT' || modality === 'MR') {
      await settled(page, (canvases) => canvases.every(({ colour }) => colour.count > 0));
      await page.getByTestId('pel-regions').click();
      await settled(page, (canvases) => canvases.every(({ colour }) => colour.count === 0));
      await page.getByTestId('pel-map').click();
    }
    await page.getByTestId('pel-finding').click();
    return page;
  };

  test.each(['CR', 'CT', 'MR', 'US', 'XC'] as const)(
    '%s: image by image, zoomed, rotated and flipped',
    async (modality) => {
      const page = await open(modality);
      for (const how of modality === 'US' || modality === 'XC' ? FIRST_AND_LAST : ALL) {
        await present(page, PRESENTATIONS[how]);
        const found = await distances(page);
        expect({ how, found, isNear: found.every((d) => d <= TOLERANCE) }).toMatchObject({ isNear: true });
        expect(found).toHaveLength(1);
      }
      await screenshot(page, `geometry-${modality}`);
      await page.close();
    },
  );

  test('two studies side by side: over the one that the panel speaks of, and never over the other', async () => {
    const [now, before] = ['side by side now', 'side by side before'].map((name) => ({ ...MARKED.CR, name }));
    const archive = { url: site.orthanc.url };
    const elsewhere = { frames: [0, 0], rows: [300, 319], columns: [100, 119] } as const;
    const first = await sendMarked(archive, now as Marked);
    const second = await sendMarked(archive, { ...(before as Marked), box: elsewhere });
    const page = await site.open(
      `/viewer?StudyInstanceUIDs=${first.StudyInstanceUID},${second.StudyInstanceUID}&hangingprotocolid=@pellucid/compare`,
    );
    await imageIsShown(page);
    await page.getByTestId('pel-finding').click();
    for (const active of [0, 1]) {
      if (active === 1) await page.locator('canvas.cornerstone-canvas').nth(1).click();
      const isOnlyIn = (at: number) => (canvases: Canvases) =>
        canvases.length === 2 && canvases.every(({ colour }, i) => colour.count > 0 === (i === at));
      const shown = await settled(page, isOnlyIn(active));
      await screenshot(page, `geometry-side-by-side-${active}`);
      await page.getByTestId('pel-finding').click();
      await page.keyboard.down('h');
      const hidden = await settled(page, (all) =>
        all.every(({ colour, white }) => colour.count === 0 && white.count > 0),
      );
      await page.keyboard.up('h');
      const [map, box] = [shown[active]?.colour as Spot, hidden[active]?.white as Spot];
      expect(Math.hypot(map.x - box.x, map.y - box.y)).toBeLessThanOrEqual(TOLERANCE);
    }
    await page.close();
  });

  test.each(['CT', 'MR'] as const)(
    '%s: in three planes through the volume, zoomed, rotated and flipped',
    async (modality) => {
      const page = await open(modality, '&hangingprotocolid=mpr');
      for (const how of FIRST_AND_LAST) {
        await present(page, PRESENTATIONS[how]);
        const found = await distances(page);
        await screenshot(page, `geometry-${modality}-mpr`);
        expect({ how, found, isNear: found.every((d) => d <= TOLERANCE) }).toMatchObject({ isNear: true });
        expect(found).toHaveLength(3);
      }
      await page.close();
    },
  );

  test.each([
    ['slice by slice', '', 1],
    ['in three planes', '&hangingprotocolid=mpr', 3],
  ])(
    'without colours, %s: a line around what speaks for; against hatched, with a dashed one',
    async (_, more, planes) => {
      const page = await site.open(`/viewer?StudyInstanceUIDs=${forAndAgainst}${more}`);
      await imageIsShown(page);
      await page.getByTestId('pel-finding').click();
      await page.keyboard.press('Enter');
      await settled(page, (canvases) => canvases.every(({ colour }) => colour.count > 0));
      await page.getByTestId('pel-regions').click();
      await settled(page, (all) => all.every(({ colour }) => colour.count === 0));
      await page.getByTestId('pel-map').click();
      await page
        .locator('.pel-outlines')
        .first()
        .waitFor({ state: planes === 3 ? 'attached' : 'detached' });
      await settled(page, (all) => all.every(({ colour }) => colour.count > 0));
      await screenshot(page, `geometry-against-${planes}`);
      await page.getByTestId('pel-finding').click();
      await page.keyboard.press('o');
      const bare = await settled(page, (all) =>
        all.every(({ colour, white }) => colour.count === 0 && white.count > 0),
      );
      await page.waitForFunction(
        (n) => document.querySelectorAll('.pel-outlines .line.for').length === n,
        planes,
      );
      await screenshot(page, `geometry-outline-${planes}`);
      const lines = await linesOn(page);
      expect(lines).toHaveLength(planes);
      for (const [i, line] of lines.entries()) {
        const { x, y } = bare[i]?.white ?? { x: Number.NaN, y: Number.NaN };
        expect(Math.hypot(line.x - x, line.y - y)).toBeLessThanOrEqual(TOLERANCE);
      }
      // The plane across the box may not meet what speaks against.
      expect(lines.some(({ isHatched }) => isHatched)).toBe(true);
      await page.close();
    },
  );
});

/** Evidence for in the marked box, and against elsewhere on the same slices. */
const evidence = (results: Results): Results => {
  const [frames, rows, columns] = MARKED.MR.shape;
  const data = new Float32Array(frames * rows * columns);
  const fill = (box: Marked['box'], value: number): void => {
    for (let f = box.frames[0]; f <= box.frames[1]; f++)
      for (let r = box.rows[0]; r <= box.rows[1]; r++)
        data.fill(
          value,
          (f * rows + r) * columns + box.columns[0],
          (f * rows + r) * columns + box.columns[1] + 1,
        );
  };
  fill(MARKED.MR.box, 1);
  fill({ ...MARKED.MR.box, columns: [80, 95] }, -0.9);
  const [map] = results.explanation.maps;
  if (!map) throw new Error('no map');
  const { padding: _, ...rest } = map;
  const signed = {
    ...rest,
    name: 'Class activation',
    quantity: CODES.classActivation,
    data,
    range: [-1, 1] as const,
  };
  return { ...results, explanation: { ...results.explanation, maps: [signed] } };
};

/** Centre of the line around what speaks for, on each viewport. */
const linesOn = (page: Page): Promise<readonly { x: number; y: number; isHatched: boolean }[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas.cornerstone-canvas')].flatMap((canvas) => {
      const layer = canvas.parentElement.parentElement.querySelector('.pel-outlines');
      const box = layer?.querySelector('.line.for')?.getBBox();
      const isHatched =
        layer?.querySelector('.hatch') !== null && layer?.querySelector('.line.against') !== null;
      return box ? [{ x: box.x + box.width / 2, y: box.y + box.height / 2, isHatched }] : [];
    }),
  );

const PRESENTATIONS = {
  'as opened': {},
  'zoomed out': { zoom: 0.6 },
  'zoomed in': { zoom: 1.3 },
  'rotated by 90°': { zoom: 1, rotation: 90 },
  flipped: { rotation: 0, flipHorizontal: true },
  'flipped, rotated and zoomed': { rotation: 270, flipHorizontal: true, zoom: 0.8 },
} as const;

const ALL = Object.keys(PRESENTATIONS) as readonly (keyof typeof PRESENTATIONS)[];
const FIRST_AND_LAST = ['as opened', 'flipped, rotated and zoomed'] as const;

const present = (page: Page, presentation: object): Promise<void> =>
  page.evaluate((value) => {
    const { viewportGridService, cornerstoneViewportService } = window.services;
    for (const id of viewportGridService.getState().viewports.keys()) {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
      viewport.setViewPresentation({ ...viewport.getViewPresentation(), ...value });
      viewport.render();
    }
  }, presentation);

interface Spot {
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

/** Centres of what is coloured and of what is white, on each viewport. */
type Canvases = readonly { readonly colour: Spot; readonly white: Spot }[];

/** From the white box to the map's, on each viewport. */
async function distances(page: Page): Promise<readonly number[]> {
  const shown = await settled(page, (canvases) => canvases.every(({ colour }) => colour.count > 0));
  await page.keyboard.down('h');
  const hidden = await settled(page, (canvases) =>
    canvases.every(({ colour, white }) => colour.count === 0 && white.count > 0),
  );
  await page.keyboard.up('h');
  return shown.map(({ colour }, i) => {
    const white = hidden[i]?.white ?? { x: Number.NaN, y: Number.NaN };
    return Math.hypot(colour.x - white.x, colour.y - white.y);
  });
}

/** Asks until the pixels are as wanted, and twice the same. */
async function settled(page: Page, isWanted: (canvases: Canvases) => boolean): Promise<Canvases> {
  const until = performance.now() + 60_000;
  for (let before = ''; ; ) {
    const now = await spots(page);
    const said = JSON.stringify(now);
    if (now.length > 0 && isWanted(now) && said === before) return now;
    if (performance.now() > until) throw new Error(`the viewports stay ${said}`);
    before = said;
    await page.waitForTimeout(150);
  }
}

const spots = (page: Page): Promise<Canvases> =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas.cornerstone-canvas')].map((canvas) => {
      const context = canvas.getContext('2d');
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const sums = { colour: [0, 0, 0], white: [0, 0, 0] };
      for (let i = 0; i < data.length; i += 4) {
        const [r, g, b] = [data[i] as number, data[i + 1] as number, data[i + 2] as number];
        const chroma = Math.max(r, g, b) - Math.min(r, g, b);
        const sum = chroma >= 40 ? sums.colour : r > 185 && chroma < 12 ? sums.white : undefined;
        if (!sum) continue;
        sum[0] = (sum[0] as number) + 1;
        sum[1] = (sum[1] as number) + ((i / 4) % canvas.width);
        sum[2] = (sum[2] as number) + Math.floor(i / 4 / canvas.width);
      }
      const spot = ([count = 0, x = 0, y = 0]: readonly number[]) =>
        count === 0 ? { count, x: 0, y: 0 } : { count, x: x / count, y: y / count };
      return { colour: spot(sums.colour), white: spot(sums.white) };
    }),
  );

/** What the functions above find in the page. */
declare const window: {
  readonly services: {
    readonly viewportGridService: { getState(): { readonly viewports: ReadonlyMap<string, unknown> } };
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): {
        getViewPresentation(): object;
        setViewPresentation(presentation: object): void;
        render(): void;
      };
    };
  };
};
interface Element {
  querySelector(selector: string): Element | null;
  getBBox(): { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}
declare const document: {
  querySelectorAll(selector: `.${string}`): ArrayLike<unknown>;
  querySelectorAll(selector: string): Iterable<{
    readonly width: number;
    readonly height: number;
    readonly parentElement: { readonly parentElement: Element };
    getContext(kind: '2d'): {
      getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
    };
  }>;
};
