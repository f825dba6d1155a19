import { type Response, Router } from 'express';
import type { Page, Route } from 'playwright-core';
import type { ClassificationFinding } from '../../server/contracts.ts';
import type { Results } from '../../server/encode/index.ts';
import { eventsRouter } from '../../server/jobs/events.ts';
import { madeAnalysis, madeJobs } from '../helpers/made-jobs.ts';
import { assessmentsOver } from './assessing.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';
import {
  colouredWhen,
  isDrawn,
  isGone,
  screenshot,
  startViewerSite,
  turnTo,
  type ViewerSite,
} from './viewer-site.ts';

jest.setTimeout(240_000);

const CR = (name: string): Marked => ({ ...MARKED.CR, name });
/** What a proxy sends in the place of anything once a session has ended. */
const LOG_IN = { contentType: 'text/html', body: `<html>${'<p>Please log in.</p>'.repeat(200)}</html>` };

/** By another model of the same kind. */
const by =
  (model: string) =>
  (results: Results): Results => ({
    ...results,
    job: { ...results.job, analysisId: `${results.job.analysisId} ${model}` },
    prediction: { ...results.prediction, model: { ...results.prediction.model, id: model, name: model } },
  });

/** The same model's, made at this time. */
const at =
  (createdAt: string, score?: number) =>
  (results: Results): Results => {
    const findings = results.prediction.findings as readonly ClassificationFinding[];
    return {
      ...results,
      job: { ...results.job, analysisId: `${results.job.analysisId} ${createdAt}`, createdAt },
      prediction: {
        ...results.prediction,
        findings: score === undefined ? findings : findings.map((finding) => ({ ...finding, score })),
      },
    } as Results;
  };

describe('what fails around the panel is said, and asked for again without a reload', () => {
  const jobs = madeJobs();
  const streams = new Set<Response>();
  const api = Router();
  /** Of our server in the place of itself; undefined: it is there. */
  let instead: ((response: Response, next: () => void) => void) | undefined;
  /** Who is logged in. */
  let person = 'Jane Sample';
  let site: ViewerSite;
  let page: Page;
  const archive = () => ({ url: site.orthanc.url });

  beforeAll(async () => {
    api.use('/api', (_, response, next) => (instead ? instead(response, next) : next()));
    api.use('/api/events', (_, response, next) => {
      streams.add(response);
      next();
    });
    api.use(eventsRouter(jobs));
    api.use(assessmentsOver(archive, { signer: () => person }));
    site = await startViewerSite(api);
    page = await site.open('/');
  });
  afterEach(async () => {
    instead = undefined;
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
  afterAll(() => site?.close());

  const open = (study: string) => turnTo(page, `/viewer?StudyInstanceUIDs=${study}`);
  const panel = () => page.getByTestId('pel-panel');
  const says = (words: string) => panel().getByText(words).first().waitFor();
  const press = (name: string) => panel().getByRole('button', { name }).first().click();
  const isSaid = (words: string) => panel().getByText(words).first().isVisible();
  const reportsOf = async (study: string): Promise<number> => {
    const found = await fetch(`${archive().url}/dicom-web/studies/${study}/series?Modality=SR`);
    return ((await found.json()) as unknown[]).length;
  };

  test('a page to log in at is no map, whatever its length; asked for again the map is there', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('page for a map'));
    await page.route('**/frames/1', (route) =>
      route.request().headers().accept?.includes('octet-stream') ? route.fulfill(LOG_IN) : route.continue(),
    );
    await open(study);
    await says('The map could not be loaded');
    await colouredWhen(page, isGone);
    expect(await page.getByTestId('pel-legend').count()).toBe(0);
    await screenshot(page, 'failure-map');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await press('Look again');
    await colouredWhen(page, isDrawn);
  });

  test('a report that the archive does not give takes no other with it, and is said to be missing', async () => {
    const { StudyInstanceUID: study } = await sendMarked(
      archive(),
      CR('one of two'),
      by('Thorax A'),
      by('Thorax B'),
    );
    await page.route('**/metadata', async (route: Route) => {
      const answer = await route.fetch();
      const isOne = (await answer.text()).includes('"Thorax B"');
      await route.fulfill(isOne ? { status: 500 } : { response: answer });
    });
    await open(study);
    await says('One report could not be read');
    await says('Thorax A');
    await colouredWhen(page, isDrawn);
    await screenshot(page, 'failure-one-report');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await press('Look again');
    await says('Thorax B');
    expect(await isSaid('One report could not be read')).toBe(false);
  });

  test('what is shown stays where the archive does not answer again, and is said to be from before', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('again'));
    const analysis = { id: 'again', StudyInstanceUID: study };
    jobs.change(madeAnalysis({ ...analysis, state: 'explaining' }));
    await open(study);
    await says('is at work');
    await colouredWhen(page, isDrawn);
    await page.route('**/series?Modality=SR*', (route) => route.fulfill({ status: 503 }));
    jobs.change(madeAnalysis({ ...analysis, state: 'done' }));
    await says('The archive did not answer again');
    await colouredWhen(page, isDrawn);
    await screenshot(page, 'failure-again');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await press('Look again');
    await panel().getByText('The archive did not answer again').waitFor({ state: 'detached' });
  });

  test('an archive that is silent: said after a while, for silence is no answer', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('silent'));
    let answer: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/series?Modality=SR*', async (route) => {
      await silence;
      await route.continue();
    });
    await open(study);
    await says('The archive takes its time.');
    answer();
    await colouredWhen(page, isDrawn);
  });

  test('a stream that is cut is there again and nothing is said; a server that is away is, at the start too, and who may sign is asked again', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('cut'));
    jobs.change(madeAnalysis({ id: 'cut', StudyInstanceUID: study, state: 'explaining' }));
    await open(study);
    await says('is at work');
    const heard: boolean[] = [];
    for (let i = 0; i < 8; i++) {
      if (i % 4 === 0) for (const stream of streams) stream.destroy();
      await page.waitForTimeout(1_000);
      heard.push((await isSaid('is at work')) && !(await isSaid('The AI server does not answer')));
    }
    expect(heard).not.toContain(false);
    instead = (response) => response.status(502).end();
    await open(study);
    await says('nothing can be accepted, corrected or rejected until it does');
    await panel().getByText('The AI server does not answer', { exact: true }).waitFor();
    instead = undefined;
    await panel().getByRole('button', { name: 'Accept' }).waitFor({ timeout: 30_000 });
    await panel().getByText('The AI server does not answer').first().waitFor({ state: 'detached' });
  });

  test('what was made, and what did not answer, while our server was out of reach is looked for once it is there again', async () => {
    const marked = CR('out of reach');
    const { StudyInstanceUID: study } = await sendMarked(archive(), marked, at('2026-11-25T02:30:00.000Z'));
    await open(study);
    await says('25 Nov 2026 02:30');
    instead = (response) => response.status(502).end();
    for (const stream of streams) stream.destroy();
    await panel().getByText('The AI server does not answer', { exact: true }).waitFor();
    await sendMarked(archive(), marked, at('2026-11-25T04:30:00.000Z'));
    jobs.change(madeAnalysis({ id: 'unheard', StudyInstanceUID: study, state: 'done' }));
    instead = undefined;
    await says('25 Nov 2026 04:30');
    instead = (response) => response.status(502).end();
    await page.route('**/series?Modality=SR*', (route) => route.fulfill({ status: 502 }));
    await open(study);
    await says('The AI results could not be read');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    instead = undefined;
    await says('25 Nov 2026 04:30');
  });

  test('while a verdict is on its way no other is signed, in another tab or after it; it is there when its reader comes back', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('on its way'));
    await open(study);
    await press('Accept');
    let arrive: () => void = () => undefined;
    instead = (_, next) => {
      arrive = next;
    };
    await press('Sign as');
    await says('Saving…');
    expect(await panel().getByRole('button', { name: 'Reject' }).isDisabled()).toBe(true);
    await page.locator('[data-cy="panelSegmentation-btn"]').click();
    await panel().waitFor({ state: 'detached' });
    const sent = arrive;
    instead = undefined;
    await page.locator('[data-cy="explain-btn"]').click();
    await says('Saving…');
    expect(await panel().getByRole('button', { name: 'Sign as' }).isDisabled()).toBe(true);
    sent();
    await says('Saved as a new report');
    await page.locator('.pel-head').getByText('Accepted').waitFor();
    expect(await reportsOf(study)).toBe(2);
  });

  test('a verdict whose answer is lost is signed again, and is one report', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('lost'));
    await open(study);
    await press('Accept');
    let written = 0;
    instead = (response, next) => {
      response.json = () => {
        written++;
        return response.destroy();
      };
      next();
    };
    await press('Sign as');
    await says('No answer came: it may be saved.');
    expect(written).toBeGreaterThan(0);
    instead = undefined;
    await press('Sign as');
    await says('Saved as a new report');
    expect(await reportsOf(study)).toBe(2);
  });

  test('a page to log in at is no confirmation; a session that has ended is said, and what was written stays until it is signed', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('ended'));
    await open(study);
    await press('Accept');
    const note = panel().getByLabel('Note (optional)');
    await note.fill('as last year');
    await page.route('**/api/assessments', (route) => route.fulfill(LOG_IN));
    await press('Sign as');
    await says('Not saved. Try again');
    expect(await reportsOf(study)).toBe(1);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    instead = (response) => response.status(401).json({ detail: 'nobody is logged in' });
    await press('Sign as');
    await says('Not saved: your session has ended.');
    expect(await panel().getByRole('link', { name: 'Log in' }).getAttribute('target')).toBe('_blank');
    expect(await note.inputValue()).toBe('as last year');
    await screenshot(page, 'failure-session');
    instead = undefined;
    await press('Sign as');
    await says('Saved as a new report');
    await says('as last year');
    expect(await reportsOf(study)).toBe(2);
  });

  test('what one has rejected is not hidden by another who accepts it without knowing', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('two readers'));
    await open(study);
    const head = page.locator('.pel-head');
    await head.getByText('Unverified').waitFor();
    const second = await site.open(`/viewer?StudyInstanceUIDs=${study}`);
    const theirs = second.getByTestId('pel-panel');
    await theirs.getByRole('button', { name: 'Reject' }).click();
    await theirs.getByLabel('Reason').selectOption('falsePositive');
    await theirs.getByRole('button', { name: 'Sign as' }).click();
    await theirs.getByText('Saved as a new report').waitFor();
    await second.close();
    person = 'John Doe';
    await press('Accept');
    await press('Sign as');
    await head.getByText('Accepted').waitFor();
    await head.getByText('Rejected Jane Sample · False positive').waitFor();
    await screenshot(page, 'failure-two-readers');
    person = 'Jane Sample';
  });

  test('a newer result takes nothing from a reader who paints: it is said to be there, and shown once the work is done', async () => {
    const marked: Marked = { ...MARKED.CT, name: 'painted meanwhile' };
    const { StudyInstanceUID: study } = await sendMarked(archive(), marked, at('2026-11-25T02:30:00.000Z'));
    const analysis = { id: 'newer', StudyInstanceUID: study };
    jobs.change(madeAnalysis({ ...analysis, state: 'explaining' }));
    await open(study);
    await colouredWhen(page, isDrawn);
    await press('Modify');
    await page.getByTestId('pel-edit').waitFor({ timeout: 60_000 });
    await stroke(page);
    await says('Changed and not saved yet');
    await sendMarked(archive(), marked, at('2026-11-25T04:30:00.000Z'));
    jobs.change(madeAnalysis({ ...analysis, state: 'done' }));
    await says('A newer result is here');
    await says('Changed and not saved yet');
    expect(await panel().getByText('25 Nov 2026 02:30').count()).toBe(1);
    await screenshot(page, 'failure-newer');
    await press('Cancel');
    await press('Discard the changes');
    await panel().getByText('A newer result is here').waitFor({ state: 'detached' });
    await says('25 Nov 2026 04:30');
    await colouredWhen(page, isDrawn);
  });
});

/** Of the brush, over the first viewport. */
async function stroke(page: Page): Promise<void> {
  const box = await page.locator('[data-cy="viewport-pane"]').first().boundingBox();
  if (!box) throw new Error('no viewport');
  const [x, y] = [box.x + box.width * 0.3, box.y + box.height * 0.3];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + box.width * 0.15, y, { steps: 8 });
  await page.mouse.up();
}
