import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { contextOf } from '../../server/case-context.ts';
import type { ClassificationFinding } from '../../server/contracts.ts';
import { encode, type Results } from '../../server/encode/index.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { type TestServer, testServer } from '../helpers/server.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';

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
const AT = '2026-11-25T12:00:00.000Z';
/** Few pixels, for there are many. */
const SMALL = {
  CR: {
    ...MARKED.CR,
    shape: [1, 160, 160],
    box: { frames: [0, 0], rows: [40, 59], columns: [100, 119] },
  },
  CT: {
    ...MARKED.CT,
    shape: [8, 48, 64],
    box: { frames: [3, 4], rows: [15, 20], columns: [35, 42] },
  },
} as const satisfies Partial<Record<Marked['modality'], Marked>>;
/** A machine that is busy is slow, not wrong. */
const PATIENCE_MS = 120_000;

export interface ReviewSite {
  readonly orthanc: TestOrthanc;
  readonly server: TestServer;
  /** Rows of the database. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** A browser in which this person is logged in. */
  logIn(person: string): Promise<BrowserContext>;
  close(): Promise<void>;
}

export interface Made {
  readonly name: string;
  /** 0..1, against a threshold of 0.5 */
  readonly score: number;
  readonly kind?: keyof typeof SMALL;
  readonly flags?: readonly string[];
}

/**
 * The real server with people (name and role) who log in, on a real archive and a real PostgreSQL, and a browser. `results` are in the archive
 * and in the queue's records as a worker leaves them; the archive has them before the server starts, which leaves its past alone.
 */
export async function startReviewSite(
  people: Readonly<Record<string, string>>,
  results: readonly Made[],
): Promise<ReviewSite> {
  if (!existsSync(join('review-console', 'dist', 'index.html')))
    throw new Error('the review console is not built: run npm run setup -- test');
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-review-'));
  const file = join(folder, 'keys.yaml');
  const keys = Object.fromEntries(
    Object.entries(people).map(([person, role]) => [person, keyFor(person, role, file)]),
  );
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const orthanc = await startOrthanc();
    ends.push(orthanc.remove);
    const postgres = await startPostgres();
    ends.push(postgres.remove);
    const stored: Stored[] = [];
    for (const result of results) stored.push(await send({ url: orthanc.url }, result));
    const server = await testServer(folder, {
      ORTHANC_URL: orthanc.url,
      DATABASE_URL: postgres.url,
      ACCESS_KEYS: file,
      MODEL_PATH: folder,
      ASSESSMENT_ORGANIZATION: 'Sample Hospital',
      // The results are recorded by hand: no series shall arrive after them.
      START: 'now',
    });
    await server.start();
    ends.push(server.stop);
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    ends.push(() => client.end());
    const sql: ReviewSite['sql'] = async (text, values = []) => (await client.query(text, [...values])).rows;
    for (const one of stored) await record(sql, one);
    const browser: Browser = await chromium.launch({
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
    });
    ends.push(() => browser.close());
    return { orthanc, server, sql, close, logIn: (person) => logIn(browser, server.url, keys[person] ?? '') };
  } catch (error) {
    await close();
    throw error;
  }
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

const keyFor = (person: string, role: string, file: string): string =>
  execFileSync('node', ['server/cli.ts', 'key', 'add', person, '--role', role, '--file', file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim();

interface Stored {
  readonly id: string;
  readonly made: Results;
  readonly flags: readonly string[];
}

async function send(
  archive: { readonly url: string },
  { name, score, kind = 'CR', flags = [] }: Made,
): Promise<Stored> {
  let made: Results | undefined;
  await sendMarked(archive, { ...SMALL[kind], name }, (results) => {
    made = scored(results, score);
    return made;
  });
  if (!made) throw new Error('no result was made');
  return { id: createHash('sha256').update(name).digest('hex').slice(0, 32), made, flags };
}

/** As the queue and its worker leave it. */
async function record(sql: ReviewSite['sql'], { id, made, flags }: Stored): Promise<void> {
  const { model, arrived } = made.job;
  const objects = encode(made).map(({ kind, SOPInstanceUID, SeriesInstanceUID, SOPClassUID }) => ({
    kind,
    SOPInstanceUID,
    SeriesInstanceUID,
    SOPClassUID,
  }));
  await sql(
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest,
        mode, state, created_at) values ($1, $2, $3, 'f', $4, $5, $6, $7, $8, 'clinical', 'storing', $5)`,
    [
      id,
      arrived.StudyInstanceUID,
      arrived.SeriesInstanceUID,
      arrived.instanceCount,
      AT,
      model.id,
      model.version,
      model.digest,
    ],
  );
  await sql(
    `update pellucid.analysis set state = 'done', findings = $2::jsonb, context = $3::jsonb, objects = $4::jsonb,
        updated_at = now() where id = $1`,
    [
      id,
      JSON.stringify(summaryOf(made, flags)),
      JSON.stringify(contextOf(made.volume)),
      JSON.stringify(objects),
    ],
  );
}

const scored = (results: Results, score: number): Results => ({
  ...results,
  prediction: {
    ...results.prediction,
    findings: results.prediction.findings.map((finding) =>
      finding.kind === 'classification'
        ? { ...finding, score, positive: score >= finding.threshold }
        : finding,
    ),
  } as Results['prediction'],
});

const summaryOf = ({ prediction, explanation }: Results, flags: readonly string[]) =>
  prediction.findings.map((finding, i) => {
    const { score, threshold, positive } = finding as ClassificationFinding;
    return {
      label: finding.label.label,
      sentence: explanation.findings.find((e) => e.finding === i)?.sentence ?? '',
      ...(finding.kind === 'classification'
        ? { score, threshold, positive }
        : { volumeMl: (finding as { volumeMm3: number }).volumeMm3 / 1000 }),
      ...(flags.length > 0 ? { checkBeforeUse: flags } : {}),
    };
  });

/** The case is there with its picture. */
export async function caseIsShown(page: Page, name?: string): Promise<void> {
  if (name) await page.locator('.rev-cb h1', { hasText: name }).waitFor();
  await page.locator('.rev-image img[data-state=ready]').first().waitFor();
}
