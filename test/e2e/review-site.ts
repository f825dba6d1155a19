import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Role } from '../../server/access/identity.ts';
import { sendBytes } from '../helpers/archive.ts';
import { type MadeClassifier, madeClassifier } from '../helpers/made-classifier.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { type TestServer, testServer } from '../helpers/server.ts';
import { type Ask, askAs, keysFor } from './review-people.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-dev-shm-usage',
  '--disable-gpu',
];
/** A laptop. */
const LAPTOP = { width: 1280, height: 720 };
/** A machine that is busy is slow, not wrong. */
const PATIENCE_MS = 120_000;

export interface ReviewSite {
  readonly orthanc: TestOrthanc;
  readonly server: TestServer;
  readonly ask: Ask;
  /** Rows of the database. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** A browser in which this person is logged in. */
  logIn(person: string): Promise<BrowserContext>;
  close(): Promise<void>;
}

export interface ReviewSiteOptions {
  readonly people: Readonly<Record<string, Role>>;
  readonly models: readonly MadeClassifier[];
  /** Images that arrive; each model reads each. */
  readonly images: readonly Uint8Array[];
}

/**
 * The real server with people who log in, on a real archive and a real PostgreSQL, and a browser. The images have come by themselves and gone through
 * the whole pipeline, by every model, when this resolves.
 */
export async function startReviewSite({ people, models, images }: ReviewSiteOptions): Promise<ReviewSite> {
  if (!existsSync(join('review-console', 'dist', 'index.html')))
    throw new Error('the review console is not built: run npm run setup -- test');
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-review-'));
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const file = join(folder, 'keys.yaml');
    const keys = keysFor(file, people);
    for (const model of models) await madeClassifier(join(folder, 'models'), model);
    const orthanc = await startOrthanc();
    ends.push(orthanc.remove);
    const postgres = await startPostgres();
    ends.push(postgres.remove);
    for (const image of images) await sendBytes({ url: orthanc.url }, image);
    const server = await testServer(folder, {
      ORTHANC_URL: orthanc.url,
      DATABASE_URL: postgres.url,
      ACCESS_KEYS: file,
      MODEL_PATH: join(folder, 'models'),
      ASSESSMENT_ORGANIZATION: 'Sample Hospital',
    });
    await server.start();
    ends.push(server.stop);
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    ends.push(() => client.end());
    const sql: ReviewSite['sql'] = async (text, values = []) => (await client.query(text, [...values])).rows;
    await allDone(sql, images.length * models.length, server);
    const browser: Browser = await chromium.launch({
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
    });
    ends.push(() => browser.close());
    return {
      orthanc,
      server,
      ask: askAs(server.url, keys),
      sql,
      close,
      logIn: (person) => logIn(browser, server.url, keys[person] ?? ''),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function allDone(sql: ReviewSite['sql'], wanted: number, server: TestServer): Promise<void> {
  for (const until = Date.now() + 3 * PATIENCE_MS; Date.now() < until; await wait(200)) {
    const rows = await sql('select state, count(*)::int as n from pellucid.analysis group by state');
    if (rows.some(({ state }) => ['failed', 'skipped'].includes(String(state)))) break;
    if (rows.some(({ state, n }) => state === 'done' && Number(n) >= wanted)) return;
  }
  const rows = await sql('select state, reason, fault from pellucid.analysis');
  throw new Error(
    `not all ${wanted} analyses came to their end: ${JSON.stringify(rows.slice(0, 5))}\n${server.log().slice(-3000)}`,
  );
}

async function logIn(browser: Browser, baseURL: string, key: string): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: LAPTOP, locale: 'en-GB', baseURL });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto('/login');
  await page.getByLabel('Access key').fill(key);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForLoadState();
  await page.close();
  return context;
}

/** The case is there with its picture. */
export async function caseIsShown(page: Page, name?: string): Promise<void> {
  if (name) await page.locator('.rev-cb h1', { hasText: name }).waitFor();
  await page.locator('.rev-image img[data-state=ready]').first().waitFor();
}
