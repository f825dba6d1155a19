import type { Page } from 'playwright-core';
import { Reading } from '../../server/review/contract/reading.ts';
import { violations } from '../e2e/violations.ts';
import { type ConsoleSite, screenshot, startConsoleSite } from './console-site.ts';

jest.setTimeout(300_000);

let site: ConsoleSite;
beforeAll(async () => {
  site = await startConsoleSite();
});
afterAll(() => site?.close());
afterEach(() => {
  site.made.gate.cut = undefined;
  site.made.gate.status = undefined;
});

const caseOf = (i: number) => {
  const found = site.made.cases[i];
  if (!found) throw new Error(`no case ${i}`);
  return found;
};
const pathOf = (i: number): string => `/review/cases/${caseOf(i).analysis}`;
const openCase = async (i: number): Promise<Page> => {
  const page = await site.open(pathOf(i));
  await page.locator('.rev-image img[data-state=ready]').first().waitFor();
  return page;
};
const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const titleIs = (page: Page, name: string) => page.locator('.rev-cb h1', { hasText: name }).waitFor();
const worklist = (page: Page) => page.locator('.rev-list tbody tr[aria-selected=true]').waitFor();

test.each([
  ['en-GB', /^\d\.\d\d$/],
  ['de-DE', /^\d,\d\d$/],
  ['fr-FR', /^\d,\d\d$/],
])(
  'in %s a row of the worklist is seen whole on a laptop, its score as that language writes it',
  async (locale, written) => {
    const page = await site.open('/review', locale);
    await worklist(page);
    expect(await page.locator('.rev-list .sc b').first().textContent()).toMatch(written);
    const beyond = await page.locator('.rev-tw').evaluate((list) => list.scrollWidth - list.clientWidth);
    expect(beyond).toBe(0);
    await page.close();
  },
);

test('the worklist by keys: down, open, back to the same row, search, view', async () => {
  const page = await site.open('/review');
  await worklist(page);
  expect(await page.locator('.rev-list tbody tr').count()).toBe(24);
  await press(page, 'j', 'j', 'k', 'j', 'Enter');
  await titleIs(page, caseOf(2).name);
  await press(page, 'n');
  await titleIs(page, caseOf(3).name);
  await press(page, 'Escape');
  await page.locator(`tr[aria-selected=true][data-analysis="${caseOf(3).analysis}"]`).waitFor();
  await press(page, '/');
  await page.keyboard.type(caseOf(7).name);
  await page.locator('.rev-list tbody tr').nth(1).waitFor({ state: 'detached' });
  expect(await page.locator('.rev-list tbody tr').getAttribute('data-analysis')).toBe(caseOf(7).analysis);
  await press(page, 'Escape', '2');
  await page.locator('.rev-hd h1', { hasText: 'Check before use' }).waitFor();
  await page.close();
});

test('a filter is set, counted, kept in the address, and cleared', async () => {
  const page = await site.open('/review?view=all');
  await worklist(page);
  await press(page, 'f');
  await page.getByRole('button', { name: 'Site Any' }).click();
  await page.getByLabel('South').check();
  await page.getByText('Filters · 1 set').waitFor();
  await page.locator('.rev-list tbody tr').nth(12).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('Filters · 1 set').waitFor();
  await page.locator('.rev-list tbody tr').nth(11).waitFor();
  expect(await page.locator('.rev-list tbody tr').count()).toBe(12);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.locator('.rev-list tbody tr').nth(23).waitFor();
  await page.getByPlaceholder('Study, finding').fill('nothing has this name');
  await page.getByText('Nothing fits').waitFor();
  await page.close();
});

test('an empty view says where results are', async () => {
  const page = await site.open('/review');
  await worklist(page);
  const empty = page.locator('.rev-views a', { has: page.locator('span', { hasText: /^0$/ }) }).first();
  await empty.click();
  const notice = page.getByRole('status').filter({ hasText: 'Nothing waits here' });
  await notice.getByRole('link', { name: 'All · 24' }).click();
  await page.locator('.rev-list tbody tr').nth(23).waitFor();
  await page.close();
});

test('a plan and a view are made; S assigns', async () => {
  const page = await site.open('/review');
  await worklist(page);
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByLabel('Name').fill('1 in 20 positives');
  await page.getByLabel('Share of what fits').fill('5');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Plan “1 in 20 positives” is saved.').waitFor();
  await page.getByRole('button', { name: '1 in 20 positives 0 of 0' }).waitFor();
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name').fill('Mine');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.rev-views a', { hasText: 'Mine' }).waitFor();
  await press(page, 's');
  await page.locator('.rev-list .is-mine').waitFor();
  await page.close();
});

test('nothing is signed by a single key, nor without a verdict, nor a disagreement without a reason', async () => {
  const page = await openCase(0);
  await press(page, 'Control+Enter');
  await page.getByText('Not judged yet: Pneumonia').waitFor();
  await press(page, 'd', 'Control+Enter');
  await page.getByText('Give a reason: Pneumonia').waitFor();
  await press(page, '3', '9', 'Tab', '2');
  expect(await page.getByRole('radio', { name: '2', exact: true }).getAttribute('aria-checked')).toBe('true');
  expect(site.made.signatures).toHaveLength(0);
  await page.getByText('Draft kept', { exact: true }).waitFor();
  await page.close();
});

test('what was said is on the server, and there again in another browser', async () => {
  // As the test before has left it.
  const page = await openCase(0);
  expect(await page.getByRole('radio', { name: 'Disagree D' }).getAttribute('aria-checked')).toBe('true');
  await page.getByLabel('Note').fill('Marker.');
  await page.getByText('Draft kept', { exact: true }).waitFor();
  expect(site.made.drafts.get(caseOf(0).analysis)).toMatchObject({
    findings: [{ finding: 0, verdict: 'disagree', reasons: ['wrongSite', 'misleading'], explanation: 2 }],
    note: 'Marker.',
  });
  await page.close();
});

test('all findings of a head are judged by keys; the reader sees which', async () => {
  const page = await openCase(2);
  await press(page, 'd', '7', 'j', 'a', 'Shift+A');
  expect(await page.locator('.rev-fl .mark').allTextContents()).toEqual([
    '✗Disagree',
    '✓Agree',
    '✓Agree',
    '✓Agree',
  ]);
  await page.getByText('Finding 2 of 4').waitFor();
  await page.getByText('Image 2 of 5').first().waitFor();
  await press(page, '.', '.');
  await page.locator('.cap2', { hasText: 'Image 4 of 5' }).waitFor();
  await screenshot(page, 'review-case-findings');
  await page.close();
});

test('an answer that is lost: the signature comes again under the same key, and one reading stands', async () => {
  const page = await site.open('/review?view=all');
  await worklist(page);
  await press(page, 'j', 'Enter');
  await titleIs(page, caseOf(1).name);
  site.made.gate.cut = 'after-signing';
  await press(page, 'a', '5', 'Control+Enter');
  // On to the next all the same.
  await titleIs(page, caseOf(2).name);
  await page.getByText('1 verdict is not sent yet').waitFor();
  site.made.gate.cut = undefined;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.getByText('1 verdict is not sent yet').waitFor({ state: 'detached' });
  const [first, ...more] = site.made.signatures.filter((s) => s.analysis === caseOf(1).analysis);
  expect(more.length).toBeGreaterThan(0);
  expect(new Set([first, ...more].map((s) => s?.key)).size).toBe(1);
  expect(caseOf(1).readings).toHaveLength(1);
  expect(Reading.parse(first?.reading).findings).toEqual([
    { finding: 0, verdict: 'agree', reasons: [], explanation: 5 },
  ]);
  await page.close();
});

test('a signature outlives the page: it is sent when the console is opened again', async () => {
  const page = await openCase(4);
  site.made.gate.cut = 'all';
  await press(page, 'a', 'Control+Enter');
  await page.getByText('1 verdict is not sent yet').waitFor();
  await page.reload();
  await page.getByText('The server does not answer').waitFor();
  expect(caseOf(4).readings).toHaveLength(0);
  site.made.gate.cut = undefined;
  await page.getByRole('button', { name: 'Ask again' }).click();
  await worklist(page);
  await page.getByText('1 verdict is not sent yet').waitFor({ state: 'detached' });
  expect(caseOf(4).readings).toHaveLength(1);
  await page.close();
});

test('a refusal is told with what to do, and what was said stays', async () => {
  const page = await openCase(6);
  await press(page, 'a', '4');
  await page.getByText('Draft kept', { exact: true }).waitFor();
  site.made.gate.status = 409;
  await press(page, 'Control+Enter');
  await page.getByText('as the test wants. Wait.').waitFor();
  expect(await page.getByRole('radio', { name: 'Agree A' }).getAttribute('aria-checked')).toBe('true');
  expect(caseOf(6).readings).toHaveLength(0);
  await page.close();
});

test('a session that has ended says so, with the way back', async () => {
  site.made.gate.status = 401;
  const page = await site.open('/review');
  await page.getByText('Your session has ended').waitFor();
  expect(await page.getByRole('link', { name: 'Log in again' }).getAttribute('href')).toBe(
    '/login?next=%2Freview',
  );
  await page.close();
});

test('blind: that another has read is said, what he said is nowhere', async () => {
  const found = caseOf(8);
  found.readers = { ...found.readers, wanted: 2, signed: 1, blind: true };
  found.hidden = 1;
  const page = await openCase(8);
  await page.getByText('Blind: 1 reading hidden').waitFor();
  expect(await page.locator('.rev-readers').textContent()).toMatch(
    /Reader 1done, hidden\s*Reader 2you, open/,
  );
  expect(await page.locator('.rev-reads').count()).toBe(0);
  await page.close();
});

test('readers who differ stand side by side before the arbiter; an amendment names what it takes the place of', async () => {
  const found = caseOf(9);
  const said = (id: string, name: string, verdict: 'agree' | 'disagree') => ({
    id,
    reader: { subject: name, name },
    role: 'reader' as const,
    reading: Reading.parse({
      findings: [{ finding: 0, verdict, reasons: verdict === 'agree' ? [] : ['falsePositive'] }],
      spentMs: 41_000,
    }),
    at: '2026-11-24T10:00:00.000Z',
  });
  found.state = 'differ';
  found.readings = [said('1', 'Anna Sample', 'agree'), said('2', 'Ben Sample', 'disagree')];
  found.readers = { ...found.readers, wanted: 2, signed: 2 };
  found.maySign = { may: true, as: 'arbiter' };
  const page = await openCase(9);
  await page.getByText('The readers differ. You decide.').waitFor();
  const boxes = await page
    .locator('.rev-reads article')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  expect(new Set(boxes).size).toBe(1);
  expect(await page.locator('.rev-reads').textContent()).toMatch(
    /Anna Sample[\s\S]*Agree[\s\S]*Ben Sample[\s\S]*False positive/,
  );
  await screenshot(page, 'review-arbitration');
  await press(page, 'd', '1', 'Control+Enter');
  await worklist(page);
  expect(found).toMatchObject({ state: 'judged' });
  const mine = found.mySignature;
  await page.goto(new URL(pathOf(9), page.url()).href);
  await page.getByRole('button', { name: 'Amend' }).click();
  await press(page, 'a', 'Control+Enter');
  await worklist(page);
  expect(found.readings.find(({ id }) => id === mine)?.amendedBy).toBe(found.mySignature);
  await page.close();
});

test('the overlays by keys: map, regions, hold to hide, less and more, against', async () => {
  const page = await openCase(0);
  const map = page.locator('.rev-image img[src*="/map.png"]');
  await map.waitFor();
  expect(await map.getAttribute('src')).toContain('top=0.2&colours=inferno&against=0');
  await press(page, ']');
  await page.locator('.rev-image img[src*="top=0.3"]').waitFor();
  await press(page, 'f');
  await page.locator('.rev-image img[src*="against=1"]').waitFor();
  expect(await page.locator('.rev-regions .line').count()).toBe(2);
  await press(page, 'g');
  await page.locator('.rev-regions').waitFor({ state: 'detached' });
  await page.keyboard.down('h');
  await page.locator('.rev-image .is-hidden').waitFor({ state: 'attached' });
  await page.keyboard.up('h');
  await page.locator('.rev-image .is-hidden').waitFor({ state: 'detached' });
  await press(page, 'e');
  await map.waitFor({ state: 'detached' });
  await page.close();
});

test('a mask that was corrected is said, shown, and taken away by a key', async () => {
  const found = caseOf(14);
  found.corrected = { by: 'Jane Sample', at: '2026-11-24T10:00:00.000Z' };
  found.allFindings = found.allFindings.map((finding) => ({ ...finding, overlays: ['mask', 'corrected'] }));
  const page = await openCase(14);
  await page.getByText('Jane Sample corrected masks of it').waitFor();
  const mask = page.locator('.rev-image img[src*="/corrected.png"]');
  await mask.waitFor();
  expect(await violations(page)).toEqual([]);
  await screenshot(page, 'review-corrected');
  await press(page, 'm');
  await mask.waitFor({ state: 'detached' });
  await page.close();
});

test('the window of a CT by keys and by name, and back to what the image asks for', async () => {
  const page = await openCase(20);
  const image = page.locator('.rev-image img[alt]').first();
  const asks = (words: string) =>
    page.locator(`.rev-image img[alt][data-state=ready][src*="${words}"]`).first().waitFor();
  expect(await image.getAttribute('src')).not.toContain('width');
  await press(page, 'w', 'w');
  await asks('centre=-600&width=1500');
  await page.locator('.cap2', { hasText: 'W 1500 C -600' }).waitFor();
  await press(page, 'v');
  await asks('centre=-450&width=1500');
  await press(page, 't');
  await asks('centre=-450&width=1357');
  await page.getByLabel('Window').selectOption({ label: 'Bone' });
  await asks('centre=480&width=2500');
  // The next image is seen through the same.
  await press(page, '.');
  await asks('/1.png?centre=480&width=2500');
  await press(page, 'w', 'w');
  await page.locator('.rev-image img[alt][data-state=ready]:not([src*=width])').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await page.close();
});

test('the window of a radiograph by dragging on it, from what it asks for; enlarged, the picture moves instead', async () => {
  const page = await openCase(3);
  const drag = async (dx: number, dy: number): Promise<void> => {
    const box = await page.locator('.rev-image').boundingBox();
    if (!box) throw new Error('no picture');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx, y + dy, { steps: 4 });
    await page.mouse.up();
  };
  expect(await page.locator('.rev-window').count()).toBe(0);
  await press(page, 't');
  // 2000 by e to the −0.1.
  await page.locator('.rev-image img[alt][src*="centre=1000&width=1810"]').first().waitFor();
  await drag(0, 150);
  await page.locator('.cap2', { hasText: /W 1810 C 19\d\d/ }).waitFor();
  await press(page, 'z');
  await drag(40, 40);
  await page.locator('.rev-image .sheet[style*="translate(40px, 40px)"]').waitFor();
  await page.locator('.cap2', { hasText: 'W 1810' }).waitFor();
  await press(page, 'w');
  await page.locator('.rev-window').waitFor({ state: 'detached' });
  await page.close();
});

test('news come in place: the row and what was said stay', async () => {
  const page = await site.open('/review?view=all');
  await worklist(page);
  await press(page, 'j', 'j', 'j');
  caseOf(5).headline = { ...caseOf(5).headline, label: 'Something new' };
  site.made.tell();
  await page.getByText('Something new').waitFor();
  expect(await page.locator('tr[aria-selected=true]').getAttribute('data-analysis')).toBe(caseOf(3).analysis);
  await page.close();
});

test.each([
  ['the worklist', '/review', '.rev-list'],
  ['a case', 'case', '.rev-image img[data-state=ready]'],
  ['a case with findings', 'head', '.rev-image img[data-state=ready]'],
  ['the figures', '/review/figures', '.rev-acts table'],
])('axe finds nothing wrong with %s; nothing is cut off on a laptop', async (_, path, ready) => {
  const page = await site.open(path === 'case' ? pathOf(10) : path === 'head' ? pathOf(11) : path);
  await page.locator(ready).first().waitFor();
  expect(await violations(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.close();
});

test('the figures print in grey: no state is told by a colour alone', async () => {
  const page = await site.open('/review/figures');
  await page.locator('.rev-acts table').waitFor();
  await page.getByText('The result was on the wrong side.').waitFor();
  await screenshot(page, 'review-figures', true);
  expect(await page.locator('.rev-fig .b.is-act').evaluate((bar) => getComputedStyle(bar).fill)).toContain(
    'rev-hatch',
  );
  expect(await page.locator('.rev-fig path.out').count()).toBeGreaterThan(2);
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.rev-acts').isVisible()).toBe(false);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
    'rgb(255, 255, 255)',
  );
  await screenshot(page, 'review-figures-print', true);
  await page.close();
});
