import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type JobsProcess, startJobs } from '../helpers/jobs-process.ts';

jest.setTimeout(240_000);

/** The page in a browser, while things happen. */
describe('the operator’s page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-live-'));
  let server: JobsProcess;
  let browser: Browser;
  let series = 0;
  const arrive = (model: string) =>
    server.arrive({
      arrived: {
        StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
        SeriesInstanceUID: SeriesInstanceUID.parse(`1.2.3.${++series}`),
        fingerprint: 'a',
        instanceCount: 1,
        settledAt: '2026-01-01T00:00:00.000Z',
      },
      decisions: [{ model: { id: model, version: '1.0.0', digest: model }, run: true, why: 'it is a test' }],
    });
  const open = async (path: string, prepare: (page: Page) => Promise<unknown>): Promise<Page> => {
    const page = await browser.newPage();
    await prepare(page);
    await page.goto(server.url + path);
    return page;
  };
  /** No timer: what is shown anew was told by the server. */
  const withoutPolling = (page: Page) => page.addInitScript('globalThis.setInterval = () => 0');
  const failures = (page: Page, count: number) =>
    page.getByText(count > 0 ? `${count}, newest first` : 'Nothing has failed').waitFor();

  beforeAll(async () => {
    server = await startJobs({ DATA_DIR: folder });
    await arrive('refuses');
    await server.settled(1);
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server.kill9();
    rmSync(folder, { recursive: true });
  });

  test('is told of what happens, and the focus stays on its button', async () => {
    const page = await open('/operations', withoutPolling);
    await failures(page, 1);
    await page.getByRole('button', { name: 'Leave it' }).focus();
    const focused = () => page.locator('form:has(:focus)').getAttribute('action');
    const before = await focused();
    await arrive('refuses');
    await failures(page, 2);
    expect(before).toMatch(/cancel$/);
    expect(await focused()).toBe(before);
    // Whose button it was is left elsewhere: the focus is on no other button.
    await fetch(server.url + before, { method: 'POST' });
    await failures(page, 1);
    await page.locator('#now:focus').waitFor();
    await page.close();
  });

  test('of a study keeps what is open and chosen', async () => {
    await arrive('works');
    await server.settled(series);
    const page = await open('/operations/studies/1.2.3', withoutPolling);
    await page.locator('select').first().selectOption('works@2.0.0');
    const cards = await page.locator('.card').count();
    const done = page.locator('.card', { has: page.locator('select') });
    await done.locator('summary').click();
    // The same analysis, tried again: one of the other cards changes.
    const leave = page.getByRole('button', { name: 'Leave it' });
    await leave.waitFor();
    const [{ id } = { id: '' }] = (await server.list()).filter((a) => a.state === 'failed');
    await fetch(`${server.url}/api/analyses/${id}/cancel`, { method: 'POST' });
    await leave.waitFor({ state: 'detached' });
    expect(await page.locator('.card').count()).toBe(cards);
    expect(await page.locator('select').first().inputValue()).toBe('works@2.0.0');
    expect(await done.locator('details').getAttribute('open')).not.toBeNull();
    await page.close();
  });

  test.each([420, 320])('at %d px shows all of what runs without being moved sideways', async (width) => {
    await arrive('hangs');
    const page = await open('/operations', (p) => p.setViewportSize({ width, height: 900 }));
    const stage = page.locator('section', { hasText: /^Running/ }).locator('td', { hasText: 'inferring' });
    await stage.first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const head = `getComputedStyle(document.querySelector('td[data-head="In it for"]'), '::before').content`;
    expect(await page.evaluate(head)).toBe('"In it for"');
    await page.close();
    for (const { id } of (await server.list()).filter((a) => a.modelId === 'hangs'))
      await fetch(`${server.url}/api/analyses/${id}/cancel`, { method: 'POST' });
  });

  test('asks where it is not told', async () => {
    const page = await open('/operations', (p) => p.route('**/operations/events', (route) => route.abort()));
    await failures(page, 0);
    await arrive('refuses');
    await failures(page, 1);
    await page.close();
  });

  test('is told together of what happens together', async () => {
    const stop = new AbortController();
    const answer = await fetch(`${server.url}/operations/events`, { signal: stop.signal });
    const began = Date.now();
    let told = 0;
    let isOver = false;
    const arrivals = (async () => {
      for (let i = 0; i < 20; i++) await arrive('works');
      await server.settled(series);
      isOver = true;
    })();
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      told += chunk.split('event: changed').length - 1;
      if (isOver && told > 1) break;
    }
    const seconds = (Date.now() - began) / 1000;
    await arrivals;
    stop.abort();
    // The first at once, then one a second at most, however many things happen.
    expect(seconds).toBeGreaterThan(0.9);
    expect(told).toBeLessThanOrEqual(1 + Math.ceil(seconds));
  });
});
