import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { caseIsShown, type ReviewSite, startReviewSite } from './review-site.ts';
import { violations } from './violations.ts';

jest.setTimeout(900_000);

const COUNT = 20;
const ARTEFACTS = resolve('test-artefacts');

/** A reviewer at a laptop, with a keyboard alone: the real server, archive and database. */
describe('the review console', () => {
  let site: ReviewSite;

  beforeAll(async () => {
    const results = Array.from({ length: COUNT }, (_, i) => ({
      name: `review ${i}`,
      score: ((i * 37) % 100) / 100,
      ...(i % 5 === 0 ? { flags: ['The image is unlike those that the model knows.'] } : {}),
      ...(i % 10 === 7 ? { kind: 'CT' as const } : {}),
    }));
    site = await startReviewSite({ jane: 'reviewer', vera: 'viewer' }, results);
  });
  afterAll(() => site?.close());

  const shot = async (page: Page, name: string): Promise<void> => {
    mkdirSync(ARTEFACTS, { recursive: true });
    await page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  };

  test('a viewer is kept out, of the page and of what it asks', async () => {
    const context = await site.logIn('vera');
    const page = await context.newPage();
    expect((await page.goto('/review'))?.status()).toBe(403);
    const answer = await context.request.post('/api/review/cases/query', { data: {} });
    expect(answer.status()).toBe(403);
    await context.close();
  });

  test('twenty cases are judged by keyboard alone, and each verdict is a verified report in the archive', async () => {
    const context = await site.logIn('jane');
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto('/review?view=all-unverified');
    await page
      .locator('.rev-list tbody tr')
      .nth(COUNT - 1)
      .waitFor();
    await shot(page, 'review-worklist-real');
    await page.keyboard.press('Enter');
    for (let i = 0; i < COUNT; i++) {
      await page.getByText(`Case ${i + 1} of ${COUNT}`).waitFor();
      await caseIsShown(page);
      if (i === 0) expect(await violations(page)).toEqual([]);
      if (i === 2) await shot(page, 'review-case-real');
      const isWrong = i % 4 === 3;
      for (const key of isWrong ? ['d', '1', '9', 'Tab', '2'] : ['a', '4']) await page.keyboard.press(key);
      if (i === 3) await shot(page, 'review-verdict-real');
      await page.keyboard.press('Control+Enter');
    }
    await page.getByText('Nothing waits here').waitFor();
    expect(faults).toEqual([]);

    const judged = await site.sql(
      `select verdict, reasons, explanation, subject, role, count(*)::int as n from pellucid.review_verdict
        group by 1, 2, 3, 4, 5 order by n`,
    );
    expect(judged).toEqual([
      {
        verdict: 'disagree',
        reasons: ['falsePositive', 'misleading'],
        explanation: 2,
        subject: 'key:jane',
        role: 'reader',
        n: 5,
      },
      { verdict: 'agree', reasons: [], explanation: 4, subject: 'key:jane', role: 'reader', n: 15 },
    ]);
    expect(await verifiedReports(site.orthanc.url)).toBe(COUNT);
    await context.close();
  });

  test('what was judged is in the figures, and in each of their exports', async () => {
    const context = await site.logIn('jane');
    const page = await context.newPage();
    await page.goto('/review/figures');
    const [{ n, k }] = (await site.sql(
      `select count(*)::int as n, count(*) filter (where verdict = 'agree')::int as k
        from pellucid.review_verdict v join pellucid.review_finding f using (analysis, n) where f.label = 'Pneumonia'`,
    )) as [{ n: number; k: number }];
    await page.getByLabel('Finding').selectOption('Pneumonia');
    await page.locator('.rev-box h2', { hasText: `(${k} of ${n})` }).waitFor();
    await page.locator('.rev-sum dd', { hasText: `${((100 * k) / n).toFixed(1)} %` }).waitFor();
    // What can be done stands below, from the same server.
    await page.getByText('No incident is recorded.').waitFor();
    await page.locator('.rev-what').waitFor();
    for (const name of ['CSV', 'Registry export', 'Governance report']) {
      const href = await page.getByRole('link', { name }).getAttribute('href');
      expect([name, (await context.request.get(href ?? '')).status()]).toEqual([name, 200]);
    }
    expect(await violations(page)).toEqual([]);
    await shot(page, 'review-figures-real');
    await context.close();
  });
});

/** Reports of the archive that a person has verified. */
async function verifiedReports(archive: string): Promise<number> {
  const found = await fetch(`${archive}/tools/find`, {
    method: 'POST',
    body: JSON.stringify({ Level: 'Instance', Query: { Modality: 'SR' }, Expand: false }),
  });
  const ids = (await found.json()) as readonly string[];
  const flags = await Promise.all(
    ids.map(async (id) => (await fetch(`${archive}/instances/${id}/content/VerificationFlag`)).text()),
  );
  return flags.filter((flag) => flag.replaceAll('\0', '').trim() === 'VERIFIED').length;
}
