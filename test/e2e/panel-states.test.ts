import { readFileSync } from 'node:fs';
import { type Response, Router } from 'express';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { ClassificationFinding } from '../../server/contracts.ts';
import { readPart10, text } from '../../server/dicom/read.ts';
import { deriveUid } from '../../server/dicom/uid.ts';
import type { Results } from '../../server/encode/index.ts';
import { eventsRouter } from '../../server/jobs/events.ts';
import { onDemandRouter } from '../../server/jobs/on-demand.ts';
import { json, serve } from '../../server/shared/address.ts';
import { sendBytes, sendTo, seriesOf } from '../helpers/archive.ts';
import { keyObjectsByHighdicom } from '../helpers/key-objects.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import { madeAnalysis, madeJobs } from '../helpers/made-jobs.ts';
import { assessmentsOver } from './assessing.ts';
import { explainCine } from './made-cine.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';
import { sourceOfSegmentation } from './made-source.ts';
import {
  colouredWhen,
  imageInView,
  imageIsShown,
  inList,
  isDrawn,
  isGone,
  screenshot,
  showImage,
  shownImage,
  startViewerSite,
  turnTo,
  type ViewerSite,
} from './viewer-site.ts';

jest.setTimeout(240_000);

const CR = (name: string): Marked => ({ ...MARKED.CR, name });

/** Another model of the same kind, whose score is this. */
const answering =
  (model: string, score: number, label = 'Pneumonia') =>
  (results: Results): Results => {
    const [finding] = results.prediction.findings as readonly ClassificationFinding[];
    const findings = finding
      ? [{ ...finding, label: { ...finding.label, label }, score, positive: score >= finding.threshold }]
      : [];
    return {
      ...results,
      job: { ...results.job, analysisId: `${results.job.analysisId} ${model}` },
      prediction: {
        ...results.prediction,
        model: { ...results.prediction.model, id: model, name: model },
        findings,
      },
    };
  };

/** What the same model said at another time, by this version; its box lies so many pixels further down. */
const saidAt =
  (createdAt: string, { score = 0.91, version = '1.2.3', down = 0 }) =>
  (results: Results): Results => {
    const [finding] = results.prediction.findings as readonly ClassificationFinding[];
    const [explained] = results.explanation.findings;
    const [region] = explained?.regions ?? [];
    if (!finding || !explained || !region) throw new Error('no finding with a region');
    const moved = { ...region, top: region.top + down, bottom: region.bottom + down };
    return {
      ...results,
      job: { ...results.job, analysisId: `${results.job.analysisId} ${createdAt}`, createdAt },
      prediction: {
        ...results.prediction,
        model: { ...results.prediction.model, version },
        findings: [{ ...finding, score, positive: score >= finding.threshold }],
      },
      explanation: { ...results.explanation, findings: [{ ...explained, regions: [moved] }] },
    };
  };

/** As many findings as a nodule detector gives, one map each. */
const forty = (results: Results): Results => {
  const [finding] = results.prediction.findings as readonly ClassificationFinding[];
  const [explained] = results.explanation.findings;
  const [map] = results.explanation.maps;
  if (!finding || !explained || !map) throw new Error('no finding');
  const indices = Array.from({ length: 40 }, (_, i) => i);
  return {
    ...results,
    prediction: {
      ...results.prediction,
      findings: indices.map((i) => {
        const score = ((i * 37) % 40) / 40;
        return {
          ...finding,
          label: { ...finding.label, label: `Nodule ${i + 1}` },
          score,
          positive: score >= finding.threshold,
        };
      }),
    },
    explanation: {
      ...results.explanation,
      findings: indices.map((i) => ({
        ...explained,
        finding: i,
        sentence: `Nodule ${i + 1} in one plain sentence.`,
      })),
      maps: [map],
    },
  };
};

/** Beside what is seen, something that is not, with evidence against it at another place. */
const oneOfTwo = (results: Results): Results => {
  const [finding] = results.prediction.findings as readonly ClassificationFinding[];
  const [explained] = results.explanation.findings;
  const [map] = results.explanation.maps;
  if (!finding || !explained || !map) throw new Error('no finding');
  const against = Float32Array.from(map.data, (value, i) => (i === 0 ? -1 : value * 0.5));
  return {
    ...results,
    prediction: {
      ...results.prediction,
      findings: [
        { ...finding, label: { ...finding.label, label: 'Effusion' }, score: 0.1, positive: false },
        { ...finding, score: 0.9, positive: true },
      ],
    },
    explanation: {
      ...results.explanation,
      findings: [0, 1].map((index) => ({ ...explained, finding: index })),
      maps: [
        { ...map, finding: 0, data: against, range: [-1, 1] },
        { ...map, finding: 1 },
      ],
    },
  };
};

const doubtful = (results: Results): Results => ({
  ...results,
  explanation: {
    ...results.explanation,
    checks: [
      {
        name: 'features',
        state: 'failed',
        sentence:
          'The image is further from the images that the model knows than 99 % of them are from each other.',
      },
      { name: 'contrast', state: 'passed', sentence: 'The contrast is usual.' },
      { name: 'age', state: 'absent', sentence: 'The image does not say how old the patient is.' },
    ],
  },
});

describe('states of the panel', () => {
  const jobs = madeJobs();
  /** As the server would be without the panel noticing: gone, or with another answer. */
  const gate = { status: 200, open: new Set<Response>() };
  const api = Router();
  const reveals: unknown[] = [];
  const demanded: unknown[] = [];
  let site: ViewerSite;
  let page: Page;
  const archive = () => ({ url: site.orthanc.url });

  beforeAll(async () => {
    api.use('/api', (_, response, next) => {
      if (gate.status !== 200) return void response.status(gate.status).end();
      gate.open.add(response);
      next();
    });
    serve(
      api,
      { method: 'post', path: '/api/reveals', says: 'Keeps it', body: json(z.unknown(), '2kb'), answers: {} },
      ({ body }, _, response) => {
        reveals.push(body);
        response.status(204).end();
      },
    );
    api.use(eventsRouter(jobs));
    api.use(
      onDemandRouter({
        offers: async () => [
          { model: 'head-mr@2.0.0', name: 'Head', runs: false, why: 'Modality is CR, the model reads MR' },
          { model: 'edge-case@1.2.0', name: 'Edge case', runs: true, why: 'it reads CR' },
        ],
        run: async ({ StudyInstanceUID, SeriesInstanceUID }, model) => {
          demanded.push([SeriesInstanceUID, model]);
          const analysis = madeAnalysis({
            id: 'demanded',
            StudyInstanceUID,
            SeriesInstanceUID,
            modelId: 'edge-case',
            modelVersion: '1.2.0',
          });
          jobs.change(analysis);
          return analysis;
        },
        onRun: () => undefined,
      }),
    );
    api.use(assessmentsOver(archive));
    site = await startViewerSite(api);
    page = await site.open('/');
  });
  afterEach(async () => {
    gate.status = 200;
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.evaluate('localStorage.clear()');
  });
  afterAll(() => site?.close());

  /** Opens a study in the one page for all, after the study before; `prepare` is undone after the test. */
  const open = async (study: string, prepare?: (page: Page) => Promise<void>): Promise<void> => {
    await prepare?.(page);
    await turnTo(page, `/viewer?StudyInstanceUIDs=${study}`);
  };
  const panelIs = (page: Page, state: string) =>
    page.locator(`[data-testid=pel-panel][data-state=${state}]`).waitFor({ timeout: 60_000 });

  test('no result, at work with its seconds, and there by itself', async () => {
    const marked = CR('arrives later');
    const study = deriveUid('study', marked.name);
    const sent = await sendMarked(archive(), { ...marked, withoutResult: true });
    expect(sent.StudyInstanceUID).toBe(study);
    jobs.change(
      madeAnalysis({
        id: 'none',
        StudyInstanceUID: study,
        modelId: 'head-mr-structures',
        state: 'skipped',
        reason: 'needs Modality MR; this series is CR',
      }),
    );
    await open(study);
    await panelIs(page, 'none');
    await page.getByText('needs Modality MR; this series is CR').waitFor();
    await shown(page, 'state-none');
    const began = new Date(Date.now() - 8_000).toISOString();
    const analysis = { id: 'run', StudyInstanceUID: study, createdAt: began };
    jobs.change(madeAnalysis({ ...analysis, state: 'explaining' }));
    expect(await page.getByTestId('pel-running').textContent()).toMatch(/^Explaining, \d+ s so far/);
    await shown(page, 'state-running');
    await sendMarked(archive(), marked);
    jobs.change(madeAnalysis({ ...analysis, state: 'done' }));
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    expect(await page.getByTestId('pel-running').count()).toBe(0);
  });

  test('a result that came between the question to the archive and the first word of the server is found', async () => {
    const marked = CR('just in time');
    const { StudyInstanceUID: study } = await sendMarked(archive(), marked);
    let asked = 0;
    await open(study, async (p) => {
      await p.route('**/series?Modality=SR', (route) =>
        asked++ === 0 ? route.fulfill({ json: [] }) : route.continue(),
      );
    });
    await panelIs(page, 'none');
    jobs.change(madeAnalysis({ id: 'late', StudyInstanceUID: study, state: 'done' }));
    await panelIs(page, 'ready');
    expect(asked).toBe(2);
  });

  test('a failed analysis says what to do; a server that goes away, or a session that ends, is said; the rest goes on', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('failed'));
    jobs.change(
      madeAnalysis({
        id: 'failed',
        StudyInstanceUID: study,
        modelId: 'edge-case',
        state: 'failed',
        fault: {
          code: 'RETRIEVE_INCOMPLETE',
          detail: 'x',
          action: 'Compare instance counts in Orthanc Explorer; resend the study if they differ.',
        },
      }),
    );
    await open(study);
    await page.getByText('Compare instance counts in Orthanc Explorer').waitFor();
    await page.getByRole('button', { name: 'Run again' }).waitFor();
    await colouredWhen(page, isDrawn);
    await shown(page, 'state-failed');
    gate.status = 503;
    for (const response of gate.open) response.destroy();
    await page.getByText('The AI server does not answer').waitFor();
    await shown(page, 'state-away');
    gate.status = 401;
    await page.getByText('Your session has ended').waitFor({ timeout: 40_000 });
    expect(await page.getByRole('link', { name: 'Log in' }).first().getAttribute('href')).toBe(
      `/login?next=${encodeURIComponent(`/viewer?StudyInstanceUIDs=${study}`)}`,
    );
    await colouredWhen(page, isDrawn);
  });

  test('a model that could read the series runs when it is asked for, by keyboard too, and again where it failed; of the others it is said why not', async () => {
    const { StudyInstanceUID: study, SeriesInstanceUID } = await sendMarked(archive(), {
      ...CR('on demand'),
      withoutResult: true,
    });
    await open(study);
    await panelIs(page, 'none');
    await page.keyboard.press('Alt+p');
    await page.locator('[data-testid=pel-demand] > summary').focus();
    await page.keyboard.press('Enter');
    await page.getByText('Does not run: Modality is CR, the model reads MR.').waitFor();
    await shown(page, 'state-on-demand');
    await page.getByTestId('pel-demand').getByRole('button', { name: 'Run' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('edge-case 1.2.0 is at work', { exact: true }).waitFor();
    expect(demanded).toEqual([[SeriesInstanceUID, 'edge-case@1.2.0']]);
    const failed = {
      id: 'demanded',
      StudyInstanceUID: study,
      SeriesInstanceUID,
      modelId: 'edge-case',
      modelVersion: '1.2.0',
      state: 'failed',
      fault: { code: 'MODEL_RUN_FAILED', detail: 'x', action: 'Try again.' },
    };
    jobs.change(madeAnalysis(failed));
    await page.getByRole('alert').getByRole('button', { name: 'Run again' }).click();
    await page.getByText('edge-case 1.2.0 is at work', { exact: true }).waitFor();
    expect(demanded).toHaveLength(2);
  });

  test('an archive without our server: results are shown, and that nothing can be signed is said', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('no server'));
    gate.status = 404;
    await open(study);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await page
      .getByText('No Pellucid server here: nothing can be accepted, corrected or rejected.')
      .waitFor();
    expect(await page.getByRole('button', { name: 'Accept' }).count()).toBe(0);
    expect(await page.getByTestId('pel-demand').count()).toBe(0);
    await shown(page, 'state-no-server');
  });

  test('an archive that wants a new sign-in: said, and the viewer goes on', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('expired'));
    await open(study, async (p) => {
      await p.route('**/series?*Modality=SR*', (route) => route.fulfill({ status: 401 }));
    });
    await page.getByText('Your session has ended. Sign in again').waitFor();
    await page.getByRole('link', { name: 'Log in' }).waitFor();
    await shown(page, 'state-signed-out');
  });

  test('forty findings: the strongest first, the rest folded, each by J', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('forty'), forty);
    await open(study);
    await panelIs(page, 'ready');
    await page.getByText('34 more').waitFor();
    expect(await page.locator('.pel-list tbody tr').first().textContent()).toContain('0.97');
    await page.getByTestId('pel-finding').click();
    for (let i = 0; i < 2; i++) await page.keyboard.press('j');
    expect(await page.locator('.pel-list .is-selected').textContent()).toContain('0.93');
    await shown(page, 'state-forty');
  });

  test('what was found opens with its mark, what was not without one; the evidence against it is one key away', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('one of two'), oneOfTwo);
    await open(study);
    await panelIs(page, 'ready');
    const selected = page.locator('.pel-list .is-selected');
    expect(await selected.textContent()).toContain('0.90');
    const one = await colouredWhen(page, isDrawn);
    await page.getByTestId('pel-finding').click();
    await page.keyboard.press('j');
    expect(await selected.textContent()).toContain('Effusion');
    await colouredWhen(page, isGone);
    await page.keyboard.press('e');
    await page.getByText('speaks against').waitFor();
    // The first cell of the map is far from the box.
    await colouredWhen(page, ({ width }) => width > one.width + 100);
    await shown(page, 'state-one-of-two');
    await page.keyboard.press('e');
    await colouredWhen(page, isGone);
  });

  test('two models disagree: said first, both scores on one axis; each may be opened', async () => {
    const { StudyInstanceUID: study } = await sendMarked(
      archive(),
      CR('disagree'),
      answering('Thorax A', 0.71),
      answering('Thorax B', 0.22),
    );
    await open(study);
    await page.getByText('Two models disagree about pneumonia').waitFor();
    await shown(page, 'state-disagree');
    await page.locator('.pel-result').click();
    await page.locator('.pel-result').waitFor();
  });

  test('older results are folded, and each says what is otherwise in the newest', async () => {
    const { StudyInstanceUID: study } = await sendMarked(
      archive(),
      CR('said before'),
      saidAt('2026-11-25T02:30:00.000Z', { score: 0.2, version: '1.2.2' }),
      (results) => doubtful(saidAt('2026-11-25T03:30:00.000Z', { score: 0.83, down: 40 })(results)),
      saidAt('2026-11-25T04:30:00.000Z', {}),
      saidAt('2026-11-25T05:30:00.000Z', {}),
    );
    await open(study);
    await panelIs(page, 'ready');
    const older = page.locator('.pel-older');
    expect(await older.count()).toBe(3);
    expect(await older.first().isVisible()).toBe(false);
    await page.getByText('3 older results').click();
    expect(
      await Promise.all((await older.all()).map((each) => each.locator('li').allTextContents())),
    ).toEqual([
      ['The same in all that was reported of its findings.'],
      [
        'Check failed only then: Likeness as the model sees it.',
        'Score: Pneumonia 0.83, now 0.91.',
        'Outline changed: Pneumonia.',
      ],
      ['Version 1.2.2, now 1.2.3. Scores on another scale.', 'Newly found: Pneumonia.'],
    ]);
    await older.last().scrollIntoViewIfNeeded();
    await shown(page, 'state-changed');
  });

  test('an archive that gives one series at a time, whatever it is asked: none of the results is lost', async () => {
    const { StudyInstanceUID: study } = await sendMarked(
      archive(),
      CR('capped'),
      answering('Thorax A', 0.71),
      answering('Thorax B', 0.22),
    );
    await open(study, async (p) => {
      await p.route('**/series?Modality=SR*', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: ((await answer.json()) as unknown[]).slice(0, 1) });
      });
    });
    await page.getByText('Two models disagree about pneumonia').waitFor();
  });

  test('check before use comes first, and takes the colour from the score', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('doubtful'), doubtful);
    await open(study);
    await page.getByText('Check before use').first().waitFor();
    expect(await page.locator('.pel-bar .fill.below').count()).toBe(1);
    await shown(page, 'state-check');
  });

  test('a map of 300 frames: over its own images, and its progress is said', async () => {
    const long: Marked = {
      ...MARKED.CT,
      name: 'long CT',
      shape: [300, 64, 64],
      box: { frames: [140, 150], rows: [15, 30], columns: [20, 35] },
    };
    const { StudyInstanceUID: study } = await sendMarked(archive(), long);
    await open(study);
    await panelIs(page, 'ready');
    await page.getByTestId('pel-regions').click();
    await colouredWhen(page, isGone);
    await page.getByTestId('pel-finding').click();
    await page.keyboard.press('u');
    await page.keyboard.press('Enter');
    await colouredWhen(page, isDrawn);
    await page.getByTestId('pel-legend').getByText('Difference of the two greatest probabilities').waitFor();
    await shown(page, 'state-300-frames');
  });

  test('masks that the archive does not give are said not to be drawn yet, and drawn once it does', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), { ...MARKED.CT, name: 'late masks' });
    await open(study, async (p) => {
      await p.route('**/series/*/metadata', async (route) => {
        const answer = await route.fetch();
        const isMasks = (await answer.text()).includes('"SEG"');
        await route.fulfill(isMasks ? { status: 404 } : { response: answer });
      });
    });
    await page.getByText('The masks are not drawn yet').waitFor();
    await colouredWhen(page, isGone);
    await shown(page, 'state-masks-unread');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByText('The masks are not drawn yet').waitFor({ state: 'detached' });
    await colouredWhen(page, isDrawn);
  });

  describe('images that nobody looks at yet wait for masks', () => {
    // A wait that nothing ends would be over by itself.
    beforeAll(() =>
      page.evaluate(
        'usual = setTimeout; setTimeout = (call, ms, ...rest) => (ms === 5000 ? 0 : usual(call, ms, ...rest))',
      ),
    );
    afterAll(() => page.evaluate('setTimeout = usual'));

    test.each<[until: string, act: (arrive: () => void) => unknown]>([
      ['they are drawn', (arrive) => arrive()],
      ['they are hidden', () => page.getByTestId('pel-regions').click()],
      ['the panel closes', () => page.locator('[data-cy="panelSegmentation-btn"]').click()],
    ])('until %s', async (until, act) => {
      const long: Marked = { ...MARKED.CT, name: until, shape: [80, 96, 128] };
      const { StudyInstanceUID: study } = await sendMarked(archive(), long);
      let arrive: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      await open(study, async (p) => {
        await p.route(/\/instances\/[\d.]+$/, async (route) => {
          await held;
          await route.continue();
        });
      });
      await page.waitForFunction(() => window.cornerstone.imageLoadPoolManager.maxNumRequests.prefetch === 0);
      expect(await page.evaluate(areAllFetched)).toBe(false);
      await act(arrive);
      await page.waitForFunction(areAllFetched);
      if (until === 'they are drawn') await colouredWhen(page, isDrawn);
      arrive();
      await page.locator('[data-cy="explain-btn"]').click();
    });
  });

  test('read first: nothing is said or drawn until it is asked for, and when is told to the server', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('read first'));
    await open(study, async (p) => {
      await p.evaluate("localStorage.setItem('pellucid.read-first', 'yes')");
    });
    await page.getByTestId('pel-reveal').waitFor();
    expect(await page.getByTestId('pel-finding').count()).toBe(0);
    await colouredWhen(page, isGone);
    await shown(page, 'state-hidden');
    await page.keyboard.press('Alt+p');
    await page.keyboard.press('v');
    await colouredWhen(page, isDrawn);
    await page.locator('[data-cy="panelSegmentation-btn"]').click();
    await page.getByTestId('pel-finding').waitFor({ state: 'detached' });
    await page.locator('[data-cy="explain-btn"]').click();
    await page.getByTestId('pel-finding').waitFor();
    expect(reveals).toMatchObject([{ StudyInstanceUID: study, revealedAt: expect.stringMatching(/Z$/) }]);
  });

  test('an assessment: chosen by a key, with its reason, signed by two; then it stands with the result', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('assessed'));
    await open(study);
    await panelIs(page, 'ready');
    await page.getByRole('button', { name: 'Reject' }).waitFor();
    await page.keyboard.press('Alt+p');
    await page.keyboard.press('r');
    await page.getByText('Not saved yet').waitFor();
    expect(await page.getByRole('button', { name: 'Sign as Jane Sample' }).isDisabled()).toBe(true);
    await page.getByLabel('Reason').selectOption('misleading');
    const note = page.getByLabel('Note (optional)');
    await note.fill('jumps here');
    // Another tab takes the panel away; the way back to the list asks.
    await page.locator('[data-cy="panelSegmentation-btn"]').click();
    await note.waitFor({ state: 'detached' });
    const asked: string[] = [];
    page.once('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await page.locator('[data-cy=return-to-work-list]').click();
    expect(asked).toEqual(['Your assessment is not signed. Leave and lose it?']);
    await page.locator('[data-cy="explain-btn"]').click();
    expect([await note.inputValue(), await page.getByLabel('Reason').inputValue()]).toEqual([
      'jumps here',
      'misleading',
    ]);
    await note.focus();
    await shown(page, 'state-assess');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Saved as a new report; the original stays.').waitFor();
    await page.locator('.pel-head').getByText('Rejected').waitFor();
    await page.getByText('Jane Sample · Explanation misleading · jumps here').waitFor();
    await shown(page, 'state-assessed');
  });

  test('an image that the map was not computed for: nothing is drawn, and that is said', async () => {
    const { StudyInstanceUID: study } = await sendMarked(archive(), CR('two images'));
    await sendMarked(archive(), { ...CR('two images'), series: 'another view', withoutResult: true });
    await open(study);
    await panelIs(page, 'ready');
    await colouredWhen(page, isDrawn);
    await inList(page, 2).dblclick();
    await page.getByText('Not computed for the image in view').waitFor();
    await colouredWhen(page, isGone);
    await shown(page, 'state-not-here');
  });

  describeWithKit('a cine of ultrasound', () => {
    test('its finding opens on its frame; the outline is on that frame alone, the map on each', async () => {
      const cine = await sendTo(
        archive(),
        kitPath('E_hostile', 'pydicom_test_files', 'examples_ybr_color.dcm'),
      );
      await explainCine(archive(), cine);
      await open(cine.StudyInstanceUID);
      await panelIs(page, 'ready');
      await colouredWhen(page, isDrawn);
      const outline = page.locator('.pel-regions path.line');
      expect(await outline.count()).toBe(0);
      await page.getByTestId('pel-regions').click();
      await outline.waitFor({ state: 'attached' });
      expect(await shownImage(page)).toBe(15);
      await shown(page, 'state-cine');
      await showImage(page, 3);
      await outline.waitFor({ state: 'detached' });
      await colouredWhen(page, isDrawn);
      expect(await page.getByText('Not computed for the image in view').count()).toBe(0);
      // The key images of the same analysis lead back, with nothing of the report's own.
      await page.getByText('Model facts', { exact: true }).click();
      const written = page.getByTestId('pel-written-with');
      await written.getByText('1 key image').waitFor();
      await written.scrollIntoViewIfNeeded();
      await shown(page, 'state-written-with');
      await written.getByRole('button', { name: 'Go to the key image' }).click();
      await outline.waitFor({ state: 'attached' });
      expect(await shownImage(page)).toBe(15);
    });
  });

  describeWithKit('results of other makers', () => {
    test('a report of highdicom: its maker, its values, its outlines', async () => {
      await sendTo(archive(), kitPath('F_reference_objects', 'highdicom', 'ct_image.dcm'));
      const { ParentSeries } = await sendBytes(
        archive(),
        kitBytes('F_reference_objects', 'highdicom', 'sr_document_with_multiple_groups.dcm'),
      );
      await sendTo(archive(), kitPath('F_reference_objects', 'pydicom', 'parametric_map_float.dcm'));
      const { StudyInstanceUID: study } = await seriesOf(archive(), ParentSeries);
      await open(study);
      await panelIs(page, 'ready');
      await page.getByText('John Doe').waitFor();
      await page.getByRole('button', { name: 'LungNodule0001' }).click();
      await page.getByText('Nodule, Lung.').waitFor();
      await page.locator('.pel-regions path.line').first().waitFor({ state: 'attached' });
      await page.getByTestId('pel-without-report').getByText('Map: feature_001').waitFor();
      await shown(page, 'state-other');
      await page.getByRole('button', { name: 'Vertebra0001' }).click();
      await page.getByText('Its place is given in 3D and is not drawn here.').waitFor();
      await page.locator('.pel-regions path.line').first().waitFor({ state: 'detached' });
    });

    test('a segmentation of dcmqi: alone it is named as one without a report; with its report, maker and values too, and it is over the images', async () => {
      const segmentation = kitBytes('F_reference_objects', 'dcmqi', 'sr-example_seg.dcm');
      const source = sourceOfSegmentation(segmentation);
      for (const image of [...source, ...sourceOfSegmentation(segmentation, 'another')])
        await sendBytes(archive(), image);
      const alone = await seriesOf(archive(), (await sendBytes(archive(), segmentation)).ParentSeries);
      await open(alone.StudyInstanceUID);
      await page.getByText('No AI report', { exact: true }).waitFor();
      const named = page.getByTestId('pel-without-report');
      await named.getByText('tumor segmentation - User2 Manual trial 1').waitFor();
      await named.getByText('Masks: Neoplasm, Primary').waitFor();
      expect(await named.textContent()).toContain('drawn by hand');
      await colouredWhen(page, isGone);
      // Over the images that they are of, whatever is in view.
      await inList(page, 2).dblclick();
      const isInView = (description: string) =>
        page.locator('[data-cy="viewport-pane"]').getByText(description).first();
      await isInView('another').waitFor();
      await named.getByRole('button', { name: 'Show over the image' }).click();
      await colouredWhen(page, isDrawn);
      await isInView('another').waitFor({ state: 'detached' });
      await shown(page, 'state-without-report');
      const report = kitBytes('F_reference_objects', 'dcmqi', 'sr-example_sr.dcm');
      const { StudyInstanceUID: study } = await seriesOf(
        archive(),
        (await sendBytes(archive(), report)).ParentSeries,
      );
      await open(study);
      await panelIs(page, 'ready');
      await page.getByText('User2').first().waitFor();
      await page.getByText('Neoplasm, Primary, pharyngeal tonsil (adenoid).').waitFor();
      await page.getByTestId('pel-finding').getByText('6.015 SUVbw').waitFor();
      await page.getByText('33.58 ml').waitFor();
      await colouredWhen(page, isDrawn);
      expect(await named.count()).toBe(0);
      await shown(page, 'state-other-dcmqi');
    });

    test('key images of highdicom: their title, why, and a way to each, whatever is in view', async () => {
      const segmentation = kitBytes('F_reference_objects', 'dcmqi', 'sr-example_seg.dcm');
      const source = sourceOfSegmentation(segmentation);
      const [, first, second] = source as [Uint8Array, Uint8Array, Uint8Array];
      const isShown = (image: Uint8Array) =>
        imageInView(page, text(readPart10(image).dataset, 'SOPInstanceUID') ?? 'none');
      for (const image of [...source, ...sourceOfSegmentation(segmentation, 'another')])
        await sendBytes(archive(), image);
      const selection = keyObjectsByHighdicom([second, first], {
        title: 'ForReferringProvider',
        description: 'Seen at the round.',
      });
      const { StudyInstanceUID: study } = await seriesOf(
        archive(),
        (await sendBytes(archive(), selection)).ParentSeries,
      );
      await open(study);
      const named = page.getByTestId('pel-without-report');
      await named.getByText('For Referring Provider').waitFor();
      await named.getByText('2 key images: Seen at the round.').waitFor();
      await inList(page, 2).dblclick();
      const another = page.locator('[data-cy="viewport-pane"]').getByText('another').first();
      await another.waitFor();
      await named.getByRole('button', { name: 'Go to key image 1 of 2' }).click();
      await another.waitFor({ state: 'detached' });
      await isShown(second);
      await named.getByRole('button', { name: 'Go to key image 2 of 2' }).click();
      await isShown(first);
      await shown(page, 'state-key-images');
      await named.getByRole('button', { name: 'Go to key image 1 of 2' }).waitFor();
    });

    test('a report that is broken leaves a notice and the others', async () => {
      const { StudyInstanceUID: study } = await sendMarked(archive(), CR('broken beside'));
      await open(study, async (p) => {
        await p.route('**/series/*/metadata', async (route) => {
          const answer = await route.fetch();
          const documents = (await answer.json()) as Record<string, unknown>[];
          const isReport = JSON.stringify(documents[0]?.['00080060']).includes('SR');
          if (isReport)
            documents.push({
              '00080018': { vr: 'UI', Value: ['1.2.3'] },
              '0040A730': { vr: 'SQ', Value: [null] },
            });
          await route.fulfill({ response: answer, json: documents });
        });
      });
      await panelIs(page, 'ready');
      await page.getByText('One more report in this study cannot be shown here: 1.2.3.').waitFor();
      await colouredWhen(page, isDrawn);
    });
  });

  describe('by keyboard, and for everyone', () => {
    let study: string;
    beforeAll(async () => {
      study = (await sendMarked(archive(), CR('keys'), forty)).StudyInstanceUID;
    });

    test('the whole reading, without a mouse', async () => {
      await open(study);
      await panelIs(page, 'ready');
      await colouredWhen(page, isDrawn);
      await page.keyboard.press('Alt+p');
      const selected = page.locator('.pel-list .is-selected');
      const first = await selected.textContent();
      await page.keyboard.press('j');
      expect(await selected.textContent()).not.toBe(first);
      await page.keyboard.press('k');
      expect(await selected.textContent()).toBe(first);
      await page.keyboard.press('Enter');
      await page.keyboard.press('e');
      await colouredWhen(page, isGone);
      await page.keyboard.press('e');
      await colouredWhen(page, isDrawn);
      await page.keyboard.press('3');
      expect(await page.locator('details.pel-card').nth(2).getAttribute('open')).not.toBeNull();
      // The viewer has a use of its own for Enter.
      await page.locator('details.pel-card > summary').nth(3).focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('details.pel-card').nth(3).getAttribute('open')).not.toBeNull();
      await page.keyboard.press('Enter');
      await page.locator('.pel-panel article').focus();
      // The list is seen wherever the panel was scrolled to.
      await page.locator('.pel-scroll').evaluate((scroll) => scroll.scrollTo(0, scroll.scrollHeight));
      await page.keyboard.press('?');
      await page.locator('.pel-keys').waitFor();
      await page.waitForFunction(() => document.querySelector('.pel-scroll')?.scrollTop === 0);
      await shown(page, 'keys');
      await page.keyboard.press('?');
      // Each control is reached by Tab, in the order of the panel, and shows that it is.
      const reached: string[] = [];
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        const name = await page.evaluate(() => {
          const active = document.activeElement;
          if (!active?.closest('.pel-panel')) return '';
          return `${active.tagName} ${(active.textContent ?? active.getAttribute('aria-label') ?? '').slice(0, 20)}`;
        });
        if (!name) break;
        reached.push(name);
      }
      const at = (word: string): number => reached.findIndex((name) => name.includes(word));
      const order = ['Nodule', 'more', 'Map', 'Where', 'What now', 'Model facts', '? keys'].map(at);
      expect({
        reached,
        order,
        isSorted: order.every((n, i) => n >= 0 && n >= (order[i - 1] ?? 0)),
      }).toMatchObject({
        isSorted: true,
      });
      await page.keyboard.press('Alt+p');
      await page.keyboard.press('Escape');
      expect(await page.evaluate(() => document.activeElement?.closest('.pel-panel') === null)).toBe(true);
    });

    test('no key of the panel flips or turns the image, whatever in it has the focus, or had it', async () => {
      await open(study);
      await panelIs(page, 'ready');
      await page.locator('.pel-assess .pel-btn').first().waitFor();
      const seen = await page.evaluate(VIEW);
      const pressAll = async () => {
        for (const key of 'hvr') await page.keyboard.press(key);
        expect(await page.evaluate(VIEW)).toEqual(seen);
        await page.keyboard.press('Escape');
      };
      await page.locator('.pel-foot button').click();
      await pressAll();
      // What was pressed is gone.
      await page.locator('.pel-list .is-quiet').click();
      await page.locator('.pel-list .is-quiet').waitFor({ state: 'detached' });
      await pressAll();
      // Outside it they are the viewer's own.
      await page.keyboard.press('Escape');
      await page.keyboard.press('h');
      await page.waitForFunction((before) => JSON.stringify(window.view()) !== JSON.stringify(before), seen);
      await page.keyboard.press('h');
    });

    test('a note may hold any letter, and Escape cancels what it is pressed in before it leaves the panel', async () => {
      await open(study);
      await page.getByRole('button', { name: 'Reject' }).click();
      const note = page.getByLabel('Note (optional)');
      await note.click();
      await page.keyboard.type('why here?');
      expect(await note.inputValue()).toBe('why here?');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Discard the changes' }).waitFor();
      await page.keyboard.press('Escape');
      await note.waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('ARTICLE');
    });

    test.each([
      ['1280 × 720', 'en', { width: 1280, height: 720 }],
      ['4K', 'en', { width: 1920, height: 1080, deviceScaleFactor: 2 }],
      ['1280 × 720', 'de', { width: 1280, height: 720 }],
      ['1280 × 720', 'fr', { width: 1280, height: 720 }],
    ])('axe finds nothing, and nothing is cut off, at %s in %s', async (name, language, size) => {
      const inLanguage = async (p: Page) => {
        await p.addInitScript(`localStorage.setItem('i18nextLng', '${language}')`);
      };
      const page = await site.open(`/viewer?StudyInstanceUIDs=${study}`, inLanguage, size);
      await imageIsShown(page);
      await panelIs(page, 'ready');
      await colouredWhen(page, isDrawn);
      await page.locator('.pel-assess .pel-btn').first().waitFor();
      expect(await page.getByTestId('pel-panel').getAttribute('lang')).toBe(language);
      await shown(page, `size-${size.width}-${language}`);
      for (const summary of await page.locator('.pel-card > summary').all()) await summary.click();
      await axeFindsNothing(page, name);
      const wide = await page.evaluate(() => {
        const scroll = document.querySelector('.pel-scroll');
        return scroll ? scroll.scrollWidth - scroll.clientWidth : -1;
      });
      expect(wide).toBe(0);
      // What is pinned is wider than the panel without making it scroll.
      const beyond = await page.locator('.pel-scroll :is(.pel-btn, kbd, .key)').evaluateAll((all) => {
        const end = (all[0]?.closest('.pel-scroll')?.getBoundingClientRect().right ?? 0) - 2;
        return all
          .filter((each) => each.getBoundingClientRect().right > end)
          .map(({ textContent }) => textContent);
      });
      expect(beyond).toEqual([]);
      await page.getByTestId('pel-more').click();
      expect(await page.evaluate(TOO_SMALL)).toEqual([]);
      const score = await page.locator('.pel-find .val').evaluate((each) => each.firstChild?.textContent);
      expect(score).toBe(language === 'en' ? '0.97' : '0,97');
    });

    test('where the system sets the colours, what is chosen and what the bar says stay to be seen', async () => {
      await open(study);
      await panelIs(page, 'ready');
      await colouredWhen(page, isDrawn);
      await page.emulateMedia({ forcedColors: 'active' });
      const styles = await page.evaluate(CHOSEN);
      await screenshot(page, 'state-forced-colours');
      await page.emulateMedia({ forcedColors: 'none' });
      expect(styles).toEqual({
        canvas: 'rgb(255, 255, 255)',
        words: 'rgb(0, 0, 0)',
        row: true,
        button: true,
      });
    });
  });
});

/** A state of the panel: kept for people to look at, and looked at by axe. */
async function shown(page: Page, state: string): Promise<void> {
  await screenshot(page, state);
  await axeFindsNothing(page, state);
}

async function axeFindsNothing(page: Page, state: string): Promise<void> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const violations = await page.evaluate(async () => {
    const { violations: found } = await window.axe.run('.pel-panel');
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
  expect({ state, violations }).toEqual({ state, violations: [] });
}

/** Runs in the page: controls under 24 pixels (WCAG 2.5.8), and letters under 11, as they are drawn. */
const TOO_SMALL = `[...document.querySelectorAll('.pel-panel :is(button, summary, a, input, select, text, span, p)')].filter((each) => {
  const { width, height } = each.getBoundingClientRect();
  if (each.matches('.pel-hidden') || width === 0) return false;
  if (each.matches('button, summary, a, input, select')) return Math.min(width, height) < 24;
  const { a = 1 } = each.getScreenCTM?.() ?? {};
  return Number.parseFloat(getComputedStyle(each).fontSize) * a < 11;
}).map(({ outerHTML }) => outerHTML)`;

/** Runs in the page: whether what is chosen differs from what is not, and in which colour the bar has its words. */
const CHOSEN = `(() => {
  const ground = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
  return {
    canvas: ground('.pel-panel'),
    words: getComputedStyle(document.querySelector('.pel-bar text')).fill,
    row: ground('.pel-list .is-selected') !== ground('.pel-list tr:not(.is-selected)'),
    button: ground('.pel-overlay [aria-pressed=true]') !== ground('.pel-overlay [aria-pressed=false]'),
  };
})()`;

/** Runs in the page: how the active viewport is flipped and turned. */
const VIEW = `window.view = () => {
  const { viewportGridService, cornerstoneViewportService } = window.services;
  const viewport = cornerstoneViewportService.getCornerstoneViewport(viewportGridService.getState().activeViewportId);
  const { flipHorizontal, flipVertical, rotation } = viewport.getViewPresentation();
  return { flipHorizontal, flipVertical, rotation };
}, window.view()`;

/** Runs in the page: whether the host has all images of the active viewport. */
function areAllFetched(): boolean {
  const { viewportGridService, cornerstoneViewportService } = window.services;
  const id = viewportGridService.getState().activeViewportId;
  return cornerstoneViewportService
    .getCornerstoneViewport(id)
    .getImageIds()
    .every((imageId) => window.cornerstone.cache.isLoaded(imageId));
}

/** What the functions above find in the page. */
interface Element {
  readonly firstChild: { readonly textContent: string | null } | null;
  readonly tagName: string;
  readonly textContent: string | null;
  readonly scrollWidth: number;
  readonly scrollHeight: number;
  readonly scrollTop: number;
  scrollTo(x: number, y: number): void;
  readonly clientWidth: number;
  closest(selector: string): Element | null;
  getAttribute(name: string): string | null;
}
declare const document: {
  readonly activeElement: Element | null;
  querySelector(selector: string): Element | null;
};
declare const window: {
  view(): unknown;
  readonly services: {
    readonly viewportGridService: { getState(): { readonly activeViewportId: string } };
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): { getImageIds(): readonly string[] };
    };
  };
  readonly cornerstone: {
    readonly cache: { isLoaded(imageId: string): boolean };
    readonly imageLoadPoolManager: { readonly maxNumRequests: { readonly prefetch: number } };
  };
  readonly axe: {
    run(selector: string): Promise<{
      readonly violations: readonly {
        readonly id: string;
        readonly nodes: readonly { readonly html: string }[];
      }[];
    }>;
  };
};
