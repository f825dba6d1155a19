import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Router } from 'express';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { createApp } from '../../server/app.ts';
import { dicomWebProxy } from '../../server/show/proxy.ts';
import { viewerRouter } from '../../server/show/viewer.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { listen } from '../show/listening.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** `OHIF_DIST` names the build of another version, to try the panel in that. */
const DIST = resolve(process.env.OHIF_DIST ?? join('.cache', 'ohif', 'dist'));
const EXTENSION = resolve('ohif-extension');
const ARTEFACTS = resolve('test-artefacts');
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--enable-unsafe-swiftshader',
];

export interface Size {
  readonly width: number;
  readonly height: number;
  readonly deviceScaleFactor?: number;
}

export interface ViewerSite {
  readonly orthanc: TestOrthanc;
  readonly url: string;
  /** A page of its own at a path; `prepare` runs before it is loaded. */
  open(path: string, prepare?: (page: Page) => Promise<void>, size?: Size): Promise<Page>;
  close(): Promise<void>;
}

/** The real OHIF with our panel, a real archive behind our proxy, and a browser. `routers` come first. Needs the built viewer: npm run setup. */
export async function startViewerSite(...routers: readonly Router[]): Promise<ViewerSite> {
  for (const file of [join(DIST, 'index.html'), join(EXTENSION, 'dist', 'index.umd.js')])
    if (!existsSync(file)) throw new Error(`${file} is missing: run npm run setup -- test`);
  const orthanc = await startOrthanc();
  const app = createApp({
    access: NO_LOG_IN,
    routers: [
      ...routers,
      dicomWebProxy({ url: orthanc.url }, '/dicom-web'),
      viewerRouter({ dist: DIST, extension: EXTENSION }),
    ],
  });
  const site = await listen(app);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  return {
    orthanc,
    url: site.url,
    open: async (
      path,
      prepare = async () => undefined,
      { width, height, deviceScaleFactor = 1 } = { width: 1400, height: 850 },
    ) => {
      const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor });
      // A machine with other work to do takes its time.
      page.setDefaultTimeout(120_000);
      await prepare(page);
      // A machine with other work to do takes its time.
      await page.goto(site.url + path, { waitUntil: 'load', timeout: 120_000 });
      return page;
    },
    close: async () => {
      await browser.close();
      await site.close();
      await orthanc.remove();
    },
  };
}

/**
 * Leaves the open study, if one is, for the list of studies and opens another path, as a reader does all day: the viewer itself stays loaded. Takes
 * a third of the time of a page of its own, which is for what must begin anew.
 */
export async function turnTo(page: Page, path: string): Promise<void> {
  const back = page.locator('[data-cy=return-to-work-list]');
  if (await back.isVisible()) await back.click();
  // Beside its root the viewer may leave the canvas of a small picture that it was drawing.
  await page.locator('#root canvas.cornerstone-canvas').first().waitFor({ state: 'detached' });
  await page.evaluate((next) => {
    window.history.pushState({}, '', next);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, path);
  await imageIsShown(page);
}

/** What went wrong in a page from now on: exceptions, and errors that the viewer reports to its console. */
export function faultsOf(page: Page): readonly string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // The host's own handler of a load that was called off throws.
    const isOfHost = message.text().includes('handler is not a function');
    if (message.type() === 'error' && !isOfHost) faults.push(message.text());
  });
  return faults;
}

/** A series in the list of the viewer, by its number. */
export const inList = (page: Page, seriesNumber: number): Locator =>
  page.locator(`[data-cy^="study-browser-thumbnail"][data-series="${seriesNumber}"]`);

/** Kept for people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
}

/** Resolves when the active viewport has an image. The viewer's services throw until it has started. */
export const imageIsShown = (page: Page) =>
  page.waitForFunction(
    () => {
      try {
        const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
        const id = viewportGridService?.getState().activeViewportId ?? '';
        return Boolean(cornerstoneViewportService?.getCornerstoneViewport(id)?.getImageIds?.().length);
      } catch {
        return false;
      }
    },
    undefined,
    { timeout: 120_000 },
  );

export const zoomTo = (page: Page, zoom: number): Promise<void> =>
  page.evaluate((value) => {
    const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
    const id = viewportGridService?.getState().activeViewportId ?? '';
    const viewport = cornerstoneViewportService?.getCornerstoneViewport(id);
    viewport?.setZoom(value);
    viewport?.render();
  }, zoom);

/** Has the active viewport, a stack, show another of its images. */
export const showImage = (page: Page, index: number): Promise<void> =>
  page.evaluate(async (at) => {
    const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
    const id = viewportGridService?.getState().activeViewportId ?? '';
    await cornerstoneViewportService?.getCornerstoneViewport(id)?.setImageIdIndex?.(at);
  }, index);

/** Index of the image that the active viewport shows. */
export const shownImage = (page: Page): Promise<number | undefined> =>
  page.evaluate(() => {
    const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
    const id = viewportGridService?.getState().activeViewportId ?? '';
    return cornerstoneViewportService?.getCornerstoneViewport(id)?.getCurrentImageIdIndex?.();
  });

/** Until the active viewport shows this image. */
export async function imageInView(page: Page, SOPInstanceUID: string): Promise<void> {
  await page.waitForFunction((uid) => {
    const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
    const id = viewportGridService?.getState().activeViewportId ?? '';
    return cornerstoneViewportService
      ?.getCornerstoneViewport(id)
      ?.getCurrentImageId?.()
      ?.includes(`/${uid}/`);
  }, SOPInstanceUID);
}

export interface Coloured {
  readonly count: number;
  /** Box of the coloured pixels on the viewport. */
  readonly width: number;
  readonly height: number;
}

/** Of the small marks that most tests draw. */
export const isDrawn = ({ count }: Coloured): boolean => count > 50;
export const isGone = ({ count }: Coloured): boolean => count === 0;

/** Asks for the coloured pixels until they are as wanted, for half a minute. Answers them. */
export async function colouredWhen(page: Page, isWanted: (now: Coloured) => boolean): Promise<Coloured> {
  const until = performance.now() + 30_000;
  for (;;) {
    const now = await colouredPixels(page);
    if (isWanted(now)) return now;
    if (performance.now() > until) throw new Error(`the coloured pixels stay ${JSON.stringify(now)}`);
    await page.waitForTimeout(100);
  }
}

/** Coloured pixels that the host has rendered into its first viewport: the images themselves are grey. */
const colouredPixels = (page: Page): Promise<Coloured> =>
  page.evaluate(() => {
    const canvas = document.querySelector('canvas.cornerstone-canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) throw new Error('no viewport is rendered');
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const box = {
      left: Number.POSITIVE_INFINITY,
      right: 0,
      top: Number.POSITIVE_INFINITY,
      bottom: 0,
      count: 0,
    };
    for (let i = 0; i < data.length; i += 4) {
      const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3);
      if (Math.max(r, g, b) - Math.min(r, g, b) < 40) continue;
      const [x, y] = [(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)];
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
      box.count++;
    }
    return { count: box.count, width: box.right - box.left, height: box.bottom - box.top };
  });

/** What the functions above find in the page. */
declare const window: EventTarget & {
  readonly history: { pushState(state: object, title: string, path: string): void };
  readonly services?: {
    readonly viewportGridService?: { getState(): { readonly activeViewportId: string | null } };
    readonly cornerstoneViewportService?: { getCornerstoneViewport(id: string): HostViewport | null };
  };
};

interface HostViewport {
  getImageIds?(): readonly string[];
  getCurrentImageId?(): string | undefined;
  getCurrentImageIdIndex?(): number;
  setImageIdIndex?(index: number): Promise<unknown>;
  setZoom(zoom: number): void;
  render(): void;
}

declare class PopStateEvent extends Event {}
declare const document: { querySelector(selector: string): Canvas | null };

interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  } | null;
}
