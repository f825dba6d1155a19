import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { listen } from '../show/listening.ts';
import { type Made, madeServer } from './made-server.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-dev-shm-usage',
  '--disable-gpu',
];
const ARTEFACTS = resolve('test-artefacts');
/** A laptop. */
const LAPTOP = { width: 1280, height: 720 };

export interface ConsoleSite {
  readonly made: Made;
  open(path: string, locale?: string): Promise<Page>;
  close(): Promise<void>;
}

/** The built console before a server in memory, and a browser. Needs the built console: npm run setup. */
export async function startConsoleSite(options: Parameters<typeof madeServer>[0] = {}): Promise<ConsoleSite> {
  if (!existsSync(resolve('review-console', 'dist', 'index.html')))
    throw new Error('the review console is not built: run npm run setup -- test');
  const made = madeServer(options);
  const site = await listen(made.app);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  return {
    made,
    open: async (path, locale = 'en-GB') => {
      const page = await browser.newPage({ viewport: LAPTOP, locale });
      // A machine that is busy is slow, not wrong.
      page.setDefaultTimeout(120_000);
      await page.goto(site.url + path);
      return page;
    },
    close: async () => {
      await browser.close();
      await site.close();
    },
  };
}

/** Kept for people to look at. */
export async function screenshot(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`), fullPage });
}
