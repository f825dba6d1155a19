import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { demoFiles } from '../server/demo-input.ts';
import { MARKED, sendMarked } from '../test/e2e/made-markers.ts';
import { explainHeadStructures } from '../test/e2e/made-results.ts';
import { startViewerSite } from '../test/e2e/viewer-site.ts';
import { sendBytes, seriesOf } from '../test/helpers/archive.ts';
import { kitPath } from '../test/helpers/kit.ts';
import { medianOf } from './retrieve/median.ts';

/**
 * The panel in the real OHIF, in a browser without a graphics card: how long after the image its map, or its masks, are there, how much slower a stack
 * scrolls under it, and whether opening and closing it 500 times leaves anything behind.
 */

const RUNS = 5;
/** Those of the demo; the first is of the Debian package mricron-data, the second of the test kit. */
const HEADS = {
  '181 slices of 217 × 181': '/usr/share/mricron/templates/ch2.nii.gz',
  '192 slices of 384 × 274': kitPath('A_brain_mri', 'dicom', 'datalad_t1_every2nd'),
};
const FRAMES = 8;
/** Each frame is shown so often without, under the map and under its outline: in short turns, so that what else the machine does meets all three. */
const ROUNDS = 15;
/** Of opening and closing; fewer where there is no time for all: `CYCLES=50 npm run bench panel`. */
const CYCLES = Number(process.env.CYCLES ?? 500);
const WARM = Math.min(50, CYCLES / 2);

const site = await startViewerSite();
const archive = { url: site.orthanc.url };
const radiograph = await sendMarked(archive, { ...MARKED.CR, shape: [1, 1600, 2000] });
const volume = await sendMarked(archive, {
  ...MARKED.CT,
  shape: [FRAMES, 512, 512],
  // A sixth of each frame: about what a panel shows at first of a map of evidence.
  box: { frames: [0, FRAMES - 1], rows: [100, 300], columns: [100, 300] },
});
const at = (study: string): string => `/viewer?StudyInstanceUIDs=${study}`;

console.log(
  `overlay after the image of a radiograph of 2000 × 1600: ${await delayOf(radiograph.StudyInstanceUID)} (limit 1500)`,
);
for (const [name, path] of Object.entries(HEADS)) {
  if (!existsSync(path)) continue;
  let id = '';
  for (const file of await demoFiles([path])) id = (await sendBytes(archive, await file.read())).ParentSeries;
  const series = await seriesOf(archive, id);
  await explainHeadStructures(archive, series);
  console.log(
    `masks after the image of a head of ${name}: ${await delayOf(series.StudyInstanceUID)} (limit 1500)`,
  );
}

const page = await site.open(at(volume.StudyInstanceUID));
await page.locator('[data-testid=pel-panel][data-state=ready]').waitFor({ timeout: 60_000 });
// The host puts the viewport up anew once it has the masks.
await page.waitForTimeout(8_000);
await page.getByTestId('pel-regions').click();
await page.getByTestId('pel-more').click();
await scroll(page);
const times: Readonly<Record<'bare' | 'map' | 'outline', number[]>> = { bare: [], map: [], outline: [] };
for (let round = 0; round < ROUNDS; round++) {
  times.bare.push(...(await scroll(page)));
  await page.getByTestId('pel-map').click();
  await page.getByTestId('pel-legend').waitFor();
  times.map.push(...(await scroll(page)));
  await page.getByTestId('pel-outline').click();
  times.outline.push(...(await scroll(page)));
  await page.getByTestId('pel-colours').click();
  await page.getByTestId('pel-map').click();
}
const [bare, map, outline] = [times.bare, times.map, times.outline].map(medianOf) as [number, number, number];
console.log(
  `a frame of 512 × 512: ${bare.toFixed(0)} ms without, ${map.toFixed(0)} under a map, ${outline.toFixed(0)} under its outline; frames a second of those without: ${(bare / map).toFixed(2)}, ${(bare / outline).toFixed(2)} (limit 0.8)`,
);
await page.close();

const many = await site.open(at(radiograph.StudyInstanceUID));
await many.getByTestId('pel-finding').waitFor({ timeout: 60_000 });
const client = await many.context().newCDPSession(many);
await client.send('Performance.enable');
const used = async (): Promise<Record<string, number>> => {
  await client.send('HeapProfiler.collectGarbage');
  const { metrics } = await client.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
};
const ours = many.locator('[data-cy="explain-btn"]');
const other = many.locator('[data-cy="panelSegmentation-btn"]');
let before: Record<string, number> = {};
for (let cycle = 1; cycle <= CYCLES; cycle++) {
  await other.click();
  await many.getByTestId('pel-panel').waitFor({ state: 'detached' });
  await ours.click();
  await many.getByTestId('pel-finding').waitFor();
  // What is made once is not growth.
  if (cycle === WARM) before = await used();
}
const after = await used();
const grown = (name: string): string => `${name} ${before[name]} → ${after[name]}`;
console.log(
  `from the ${WARM}th to the ${CYCLES}th opening: ${['JSHeapUsedSize', 'Nodes', 'JSEventListeners'].map(grown).join(', ')}`,
);
await site.close();
process.exit(0);

/** How long after its first image the first overlay of a study is there, the study opened anew each time: median, least and most. */
async function delayOf(study: string): Promise<string> {
  const delays: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const page = await site.open(at(study), async (p) => void (await p.addInitScript(watchForOverlay)));
    const { image, overlay } = (await page
      .waitForFunction(() => window.pellucidBench?.overlay && window.pellucidBench, undefined, {
        timeout: 60_000,
      })
      .then((handle) => handle.jsonValue())) as { image: number; overlay: number };
    delays.push(overlay - image);
    await page.close();
  }
  const ms = (delay: number): string => delay.toFixed(0);
  return `${ms(medianOf(delays))} ms, ${ms(Math.min(...delays))} to ${ms(Math.max(...delays))}`;
}

/** What each frame of a stack takes, ms, while it is scrolled through once. */
function scroll(of: Page): Promise<number[]> {
  return of.evaluate(async () => {
    const { viewportGridService, cornerstoneViewportService } = window.services;
    const id = viewportGridService.getState().activeViewportId;
    const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
    const taken: number[] = [];
    for (let i = 0; i < viewport.getImageIds().length; i++) {
      // The host draws nothing anew for the image that it shows.
      if (viewport.getCurrentImageIdIndex() === i) continue;
      const begin = performance.now();
      const rendered = new Promise((done) =>
        viewport.element.addEventListener('CORNERSTONE_IMAGE_RENDERED', done, { once: true }),
      );
      await viewport.setImageIdIndex(i);
      await rendered;
      // Until the browser is done with it, and so what was added to it.
      await new Promise((done) => requestAnimationFrame(() => done(undefined)));
      taken.push(performance.now() - begin);
    }
    return taken;
  });
}

/** Runs in the page: notes the frame of the screen from which the image, and its overlay, is on the host's canvas. */
function watchForOverlay(): void {
  const noted: { image?: number; overlay?: number } = {};
  window.pellucidBench = noted;
  const SMALL = 200;
  const small = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const look = (): void => {
    const canvas = document.querySelector('canvas.cornerstone-canvas');
    if (canvas && small) {
      small.drawImage(canvas, 0, 0, SMALL, SMALL);
      const { data } = small.getImageData(0, 0, SMALL, SMALL);
      for (let i = 0; i < data.length; i += 4) {
        const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3);
        if (r > 0) noted.image ??= performance.now();
        if (Math.max(r, g, b) - Math.min(r, g, b) >= 40) noted.overlay ??= performance.now();
      }
    }
    if (noted.overlay === undefined) requestAnimationFrame(look);
  };
  look();
}

/** What the functions above find in the page. */
declare const window: {
  pellucidBench?: { image?: number; overlay?: number };
  readonly services: {
    readonly viewportGridService: { getState(): { readonly activeViewportId: string } };
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): {
        readonly element: {
          addEventListener(
            event: string,
            listener: (event: unknown) => void,
            options: { once: boolean },
          ): void;
        };
        getImageIds(): readonly string[];
        getCurrentImageIdIndex(): number;
        setImageIdIndex(index: number): Promise<unknown>;
      };
    };
  };
};
declare const requestAnimationFrame: (callback: () => void) => void;
interface Canvas {
  getContext(kind: '2d', options: object): Context | null;
}
interface Context {
  drawImage(image: Canvas, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}
declare const document: {
  createElement(name: 'canvas'): Canvas;
  querySelector(selector: 'canvas.cornerstone-canvas'): Canvas | null;
};
