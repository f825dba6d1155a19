import type { Page } from 'playwright-core';
import { CODES } from '../../server/dicom/code.ts';
import type { Results } from '../../server/encode/index.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';
import { screenshot, startViewerSite, turnTo, type ViewerSite } from './viewer-site.ts';

jest.setTimeout(180_000);

/** How far a map or a region may lie from the white box of the image itself, in pixels of the screen. */
const TOLERANCE = 1.5;

type Modality = keyof typeof MARKED;

/**
 * The host itself shows where the box lies: white in the image. So its centre on the screen is found twice, in white with all overlays
 * hidden, and in colour with the map shown: by the pixels that a reader sees. One page for all: what a study left behind would lie over the next.
 */
describe('a map, and a region, lies over what it was computed for, to 1.5 pixels of the screen', () => {
  let site: ViewerSite;
  let page: Page;
  const studies = new Map<string, string>();
  beforeAll(async () => {
    site = await startViewerSite();
    const archive = { url: site.orthanc.url };
    for (const [modality, marked] of Object.entries(MARKED)) {
      const changes = modality === 'MR' ? [evidence] : [];
      studies.set(modality, (await sendMarked(archive, marked, ...changes)).StudyInstanceUID);
    }
    for (const [name, box] of Object.entries(SIDE_BY_SIDE))
      studies.set(name, (await sendMarked(archive, { ...MARKED.CR, name, box })).StudyInstanceUID);
    page = await site.open('/');
  });
  afterAll(() => site?.close());

  /** With the map over the image, of that only what speaks for; and outlines of regions where there are such, of a volume without its masks. */
  const open = async (modality: Modality): Promise<void> => {
    await turnTo(page, `/viewer?StudyInstanceUIDs=${studies.get(modality)}`);
    await page.getByTestId('pel-finding').click();
    await page.keyboard.press('Enter');
    if (modality === 'CT' || modality === 'MR') {
      await settled(page, isColoured);
      await page.keyboard.press('g');
      await settled(page, isBare);
      await page.keyboard.press('e');
    } else await page.keyboard.press('g');
    if (modality === 'MR') await page.keyboard.press('f');
  };
  /** Answers how many outlines of regions there are. */
  const isOver = async (how: keyof typeof PRESENTATIONS, viewports: number): Promise<number> => {
    await present(page, PRESENTATIONS[how]);
    const { maps, regions } = await distances(page);
    const isNear = [...maps, ...regions.flat()].every((d) => d <= TOLERANCE);
    expect({ how, maps, regions, isNear }).toMatchObject({ isNear: true });
    expect(maps).toHaveLength(viewports);
    return regions.length;
  };
  /** Without colours: a line around what speaks for; what speaks against is hatched, with a dashed one. */
  const isOutlined = async (viewports: number): Promise<void> => {
    await page.keyboard.press('f');
    await page.keyboard.press('f');
    await page.keyboard.press('o');
    const bare = await settled(page, (all) => isBare(all) && all.every(({ white }) => white.count > 0));
    await page.waitForFunction(
      (n) => document.querySelectorAll('.pel-outlines .line.for').length === n,
      viewports,
    );
    await screenshot(page, `geometry-outline-${viewports}`);
    const lines = await linesOn(page);
    expect(lines).toHaveLength(viewports);
    for (const [i, line] of lines.entries()) {
      const { x, y } = bare[i]?.white ?? { x: Number.NaN, y: Number.NaN };
      expect(Math.hypot(line.x - x, line.y - y)).toBeLessThanOrEqual(TOLERANCE);
    }
    // The plane across the box may not meet what speaks against.
    expect(lines.some(({ isHatched }) => isHatched)).toBe(true);
    await page.keyboard.press('o');
    await page.keyboard.press('f');
  };

  test.each(['CR', 'CT', 'MR', 'US', 'XC'] as const)(
    '%s: zoomed, rotated, flipped; of a volume in three planes too',
    async (modality) => {
      await open(modality);
      // Where there are masks, these are the outline.
      const outlined = modality === 'CT' || modality === 'MR' ? 0 : 1;
      for (const how of ['zoomed in', 'rotated by 90°', 'flipped'] as const)
        expect(await isOver(how, 1)).toBe(outlined);
      await screenshot(page, `geometry-${modality}`);
      if (modality === 'MR') await isOutlined(1);
      if (modality !== 'CT' && modality !== 'MR') return;
      await page.evaluate(() => window.commandsManager.run('toggleHangingProtocol', { protocolId: 'mpr' }));
      await page.locator('canvas.cornerstone-canvas').nth(2).waitFor();
      await page.getByTestId('pel-finding').click();
      await page.keyboard.press('Enter');
      await isOver('as opened', 3);
      if (modality === 'MR') await isOutlined(3);
      await isOver('flipped, rotated and zoomed', 3);
      await screenshot(page, `geometry-${modality}-mpr`);
    },
  );

  test('an image that is on its way has nothing laid over the one before it; and a map is laid once, however often the image is rendered', async () => {
    await open('CT');
    const shown = await settled(page, isColoured);
    const before = await sumOf(page);
    await present(page, {});
    await present(page, {});
    expect(await settled(page, isColoured)).toEqual(shown);
    expect(await sumOf(page)).toBe(before);

    await showSlice(page, 0);
    await settled(page, isBare);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/frames/**', async (route) => {
      await held;
      await route.continue();
    });
    // One of those with the box, by either order of slices.
    await forget(page, 11);
    const arrived = showSlice(page, 11);
    await page.waitForFunction(() => window.isOnItsWay);
    await present(page, {});
    expect(isBare(await settled(page, (all) => all.every(({ white }) => white.count === 0)))).toBe(true);
    release();
    await arrived;
    expect((await settled(page, isColoured))[0]?.colour.count).toBe(shown[0]?.colour.count);
    await page.unroute('**/frames/**');
  });

  test('two studies side by side: over the one that the panel speaks of, and never over the other', async () => {
    const both = Object.keys(SIDE_BY_SIDE).map((name) => studies.get(name));
    await turnTo(page, `/viewer?StudyInstanceUIDs=${both}&hangingprotocolid=@pellucid/compare`);
    await page.getByTestId('pel-finding').click();
    for (const active of [0, 1]) {
      if (active === 1) await page.locator('canvas.cornerstone-canvas').nth(1).click();
      const isOnlyIn = (at: number) => (canvases: Canvases) =>
        canvases.length === 2 && canvases.every(({ colour }, i) => colour.count > 0 === (i === at));
      const shown = await settled(page, isOnlyIn(active));
      await screenshot(page, `geometry-side-by-side-${active}`);
      await page.getByTestId('pel-finding').click();
      await page.keyboard.down('h');
      const hidden = await settled(page, (all) => isBare(all) && all.every(({ white }) => white.count > 0));
      await page.keyboard.up('h');
      const [map, box] = [shown[active]?.colour as Spot, hidden[active]?.white as Spot];
      expect(Math.hypot(map.x - box.x, map.y - box.y)).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});

const SIDE_BY_SIDE = {
  'side by side now': MARKED.CR.box,
  'side by side before': { frames: [0, 0], rows: [300, 319], columns: [100, 119] },
} as const;

/** The result on the MR, with evidence for in the marked box, and against elsewhere on the same slices. */
function evidence(results: Results): Results {
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
}

/** Centre of what the line around what speaks for encloses, on each viewport; whether what speaks against is hatched there. */
const linesOn = async (page: Page): Promise<readonly { x: number; y: number; isHatched: boolean }[]> => {
  const layers = await page.evaluate(() =>
    [...document.querySelectorAll('.pel-outlines')].map((layer) => ({
      path: layer.querySelector('.line.for')?.getAttribute('d') ?? '',
      isHatched: layer.querySelector('.hatch') !== null && layer.querySelector('.line.against') !== null,
    })),
  );
  return layers.map(({ path, isHatched }) => ({ ...spotOf(path), isHatched }));
};

/** The area within a closed path of straight lines, in pixels, and its centre. */
function spotOf(path: string): Spot {
  const numbers = (path.match(/[\d.-]+/g) ?? []).map(Number);
  const sum = { area: 0, x: 0, y: 0 };
  for (let i = 0; i < numbers.length; i += 2) {
    const [x, y] = numbers.slice(i) as [number, number];
    const [nextX, nextY] = (i + 2 < numbers.length ? numbers.slice(i + 2) : numbers) as [number, number];
    const cross = x * nextY - nextX * y;
    sum.area += cross / 2;
    sum.x += ((x + nextX) * cross) / 6;
    sum.y += ((y + nextY) * cross) / 6;
  }
  return { count: Math.abs(sum.area), x: sum.x / sum.area, y: sum.y / sum.area };
}

const PRESENTATIONS = {
  'as opened': {},
  'zoomed in': { zoom: 1.3 },
  'rotated by 90°': { zoom: 1, rotation: 90 },
  flipped: { rotation: 0, flipHorizontal: true },
  'flipped, rotated and zoomed': { rotation: 270, flipHorizontal: true, zoom: 0.8 },
} as const;

const present = (page: Page, presentation: object): Promise<void> =>
  page.evaluate((value) => {
    const { viewportGridService, cornerstoneViewportService } = window.services;
    for (const id of viewportGridService.getState().viewports.keys()) {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
      viewport.setViewPresentation({ ...viewport.getViewPresentation(), ...value });
      viewport.render();
    }
  }, presentation);

/** Has the active viewport, a stack, show another of its images; it may have to be fetched. */
const showSlice = (page: Page, index: number): Promise<void> =>
  page.evaluate(async (at) => {
    const { viewportGridService, cornerstoneViewportService } = window.services;
    const id = viewportGridService.getState().activeViewportId;
    const shown = cornerstoneViewportService.getCornerstoneViewport(id).setImageIdIndex(at);
    window.isOnItsWay = true;
    await shown;
  }, index);

/** Has the host forget the pixels of an image. */
const forget = (page: Page, index: number): Promise<void> =>
  page.evaluate((at) => {
    window.isOnItsWay = false;
    const { viewportGridService, cornerstoneViewportService } = window.services;
    const id = viewportGridService.getState().activeViewportId;
    const imageId = cornerstoneViewportService.getCornerstoneViewport(id).getImageIds()[at] ?? '';
    window.cornerstone.cache.removeImageLoadObject(imageId, { force: true });
  }, index);

/** Of all that the first viewport's canvas holds. */
const sumOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const [canvas] = document.querySelectorAll('canvas.cornerstone-canvas');
    if (!canvas) throw new Error('no viewport is rendered');
    return canvas
      .getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height)
      .data.reduce((sum, value) => sum + value, 0);
  });

interface Spot {
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

/** Centres of what is coloured and of what is white, on each viewport. */
type Canvases = readonly { readonly colour: Spot; readonly white: Spot }[];

const isColoured = (canvases: Canvases): boolean => canvases.every(({ colour }) => colour.count > 0);
const isBare = (canvases: Canvases): boolean => canvases.every(({ colour }) => colour.count === 0);

/**
 * From the white box to the map's, on each viewport; and to each region: of its centre, and of its edges, as half the difference between the
 * sides of squares of the same areas.
 */
async function distances(
  page: Page,
): Promise<{ maps: readonly number[]; regions: readonly (readonly [centre: number, edges: number])[] }> {
  const shown = await settled(page, isColoured);
  const outlined = await page.evaluate(() =>
    [...document.querySelectorAll('.pel-regions .line')].map((line) => line.getAttribute('d') ?? ''),
  );
  await page.keyboard.down('h');
  const hidden = await settled(page, (all) => isBare(all) && all.every(({ white }) => white.count > 0));
  await page.keyboard.up('h');
  const whites = hidden.map(({ white }) => white);
  return {
    maps: shown.map(({ colour }, i) => apart(colour, whites[i] ?? NOWHERE)),
    regions: outlined.map(spotOf).map((region) => {
      const white = whites[0] ?? NOWHERE;
      const edges = Math.abs(Math.sqrt(region.count) - Math.sqrt(white.count)) / 2;
      // Lines count from the edge of a pixel, spots from its centre.
      return [apart({ ...region, x: region.x - 0.5, y: region.y - 0.5 }, white), edges];
    }),
  };
}

const NOWHERE: Spot = { count: Number.NaN, x: Number.NaN, y: Number.NaN };
const apart = (a: Spot, b: Spot): number => Math.hypot(a.x - b.x, a.y - b.y);

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
  readonly commandsManager: { run(name: string, options: object): void };
  readonly services: {
    readonly viewportGridService: {
      getState(): { readonly activeViewportId: string; readonly viewports: ReadonlyMap<string, unknown> };
    };
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): {
        getViewPresentation(): object;
        setViewPresentation(presentation: object): void;
        render(): void;
        getImageIds(): readonly string[];
        setImageIdIndex(index: number): Promise<unknown>;
      };
    };
  };
  readonly cornerstone: {
    readonly cache: { removeImageLoadObject(imageId: string, options: { readonly force: true }): void };
  };
  isOnItsWay: boolean;
};
interface Layer {
  querySelector(selector: string): { getAttribute(name: string): string | null } | null;
}
declare const document: {
  querySelectorAll(selector: '.pel-regions .line'): Iterable<{ getAttribute(name: string): string | null }>;
  querySelectorAll(selector: '.pel-outlines'): Iterable<Layer>;
  querySelectorAll(selector: '.pel-outlines .line.for'): ArrayLike<unknown>;
  querySelectorAll(selector: string): Iterable<{
    readonly width: number;
    readonly height: number;
    getContext(kind: '2d'): {
      getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
    };
  }>;
};
