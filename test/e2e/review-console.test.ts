import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import type { Case } from '../../server/review/contract/case.ts';
import type { Figures } from '../../server/review/contract/figures.ts';
import type { FindingVerdict, Signed } from '../../server/review/contract/reading.ts';
import type { CaseLine } from '../../server/review/contract/worklist.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { spotted } from '../helpers/made-classifier.ts';
import { errorsOf } from '../helpers/validators.ts';
import { caseIsShown, type ReviewSite, startReviewSite } from './review-site.ts';
import { violations } from './violations.ts';

jest.setTimeout(900_000);

const ARTEFACTS = resolve('test-artefacts');
const PACKAGES = '.cache/python';
const PEOPLE = { ann: 'reviewer', bob: 'reviewer', cat: 'reviewer', ada: 'admin', vera: 'viewer' } as const;
const MODELS = [
  {
    id: 'bright-spots',
    label: 'Pneumonia',
    type: ['233604007', 'Pneumonia'],
    cells: 12,
  },
  { id: 'large-spots', label: 'Nodule', type: ['27925004', 'Nodule'], cells: 20 },
] as const;
const IMAGES = 30;
const RESULTS = IMAGES * MODELS.length;
/** So many each by the keyboard; the others by the addresses that the console calls. */
const BY_KEYS = { ann: 20, bob: 10 } as const;

/** What is so in image `i`: its spot, and whether there is truly something. */
const spotOf = (i: number): readonly [number, number] => [1 + ((i * 7) % 6), 1 + ((i * 5) % 7)];
const isSick = (i: number): boolean => spotOf(i)[0] * spotOf(i)[1] >= 16;
const studyOf = (i: number): string => `1.2.826.0.1.60.${i + 1}`;

/** Sixty results by two models, two readers who do not see each other, and a third where they differ: all on the real server, archive and database. */
describe('the review console', () => {
  let site: ReviewSite;
  /** The results, by analysis. */
  const lines = new Map<string, CaseLine & { readonly i: number }>();
  /** Of each result, by analysis: the report that each verified one follows in turn. */
  const chains = new Map<string, string[]>();
  let originals: ReadonlyMap<string, string>;

  beforeAll(async () => {
    site = await startReviewSite({
      people: PEOPLE,
      models: MODELS,
      images: Array.from({ length: IMAGES }, (_, i) =>
        spotted(studyOf(i), spotOf(i), {
          PatientAge: `0${10 + i * 2}Y`,
          PatientSex: i % 2 === 0 ? 'F' : 'M',
          ManufacturerModelName: `DR ${i % 3}`,
          InstitutionName: i % 4 === 0 ? 'North' : 'South',
        }),
      ),
    });
    originals = await digests();
  });
  afterAll(() => site?.close());

  const shot = async (page: Page, name: string): Promise<void> => {
    mkdirSync(ARTEFACTS, { recursive: true });
    await page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  };
  /** Of all objects in the archive, by its own id. */
  const digests = async (): Promise<ReadonlyMap<string, string>> => {
    const ids = (await (await fetch(`${site.orthanc.url}/instances`)).json()) as readonly string[];
    const read = async (id: string) =>
      [
        id,
        sha256(new Uint8Array(await (await fetch(`${site.orthanc.url}/instances/${id}/file`)).arrayBuffer())),
      ] as const;
    const found = new Map<string, string>();
    for (const id of ids) found.set(...(await read(id)));
    return found;
  };
  const known = (analysis: string) => {
    const line = lines.get(analysis);
    if (!line) throw new Error(`no result ${analysis}`);
    return line;
  };

  /** What a person says of a result. They differ in every seventh; what is so decides what the third says. */
  const saidBy = (
    person: string,
    analysis: string,
  ): Pick<FindingVerdict, 'verdict' | 'reasons' | 'explanation'> => {
    const { i, model, headline } = known(analysis);
    const place = i + 3 * MODELS.findIndex(({ id }) => id === model.id);
    const isRight = headline.positive === isSick(i);
    const differs = person === 'bob' && place % 7 === 3;
    if (place % 15 === 8 && !differs) return { verdict: 'cannot-tell', reasons: [] };
    if (isRight !== differs) return { verdict: 'agree', reasons: [], explanation: 4 };
    return {
      verdict: 'disagree',
      reasons: [headline.positive ? 'falsePositive' : 'falseNegative', 'misleading'],
      explanation: 2,
    };
  };
  const doDiffer = (analysis: string): boolean =>
    saidBy('ann', analysis).verdict !== saidBy('bob', analysis).verdict;
  const KEYS: Readonly<Record<string, string>> = { falsePositive: '1', falseNegative: '2', misleading: '9' };
  /** The same with keys alone, in the case that is open. */
  const press = async (page: Page, person: string, analysis: string): Promise<void> => {
    const { verdict, reasons, explanation } = saidBy(person, analysis);
    const keys = {
      agree: ['a', String(explanation)],
      disagree: ['d', ...reasons.map((reason) => KEYS[reason] ?? ''), 'Tab', String(explanation)],
      'cannot-tell': ['c'],
    }[verdict];
    for (const key of keys) await page.keyboard.press(key);
  };
  const openIn = (page: Page): string => /\/cases\/([0-9a-f]{32})$/.exec(page.url())?.[1] ?? '';
  /** Goes through the first `count` of the list in view, by keys; told of each before it is signed. */
  const judgeByKeys = async (
    page: Page,
    person: string,
    count: number,
    look: (at: number, analysis: string) => Promise<void>,
  ): Promise<readonly string[]> => {
    const judged: string[] = [];
    await page.keyboard.press('Enter');
    for (let at = 0; at < count; at++) {
      await page.getByText(`Case ${at + 1} of `).waitFor();
      await caseIsShown(page);
      const analysis = openIn(page);
      await press(page, person, analysis);
      await look(at, analysis);
      judged.push(analysis);
      await page.keyboard.press('Control+Enter');
      await page.waitForURL((url) => !url.pathname.endsWith(analysis));
    }
    return judged;
  };
  const sign = async (person: string, analysis: string, more: object = {}): Promise<Signed> => {
    const truth = { present: isSick(known(analysis).i), source: 'pathology' };
    const body = {
      key: randomUUID(),
      reading: { findings: [{ finding: 0, ...saidBy(person, analysis), truth }] },
      ...more,
    };
    const once = () => site.ask(person, 'POST', `/api/review/cases/${analysis}/readings`, body);
    let answer = await once();
    // The server may be sending the report by itself just then; the same again says how that went.
    for (let tries = 0; answer.status === 202 && tries < 50; tries++) {
      await wait(200);
      answer = await once();
    }
    expect([answer.status, answer.json()]).toEqual([
      201,
      expect.objectContaining({ id: expect.any(String) }),
    ]);
    return answer.json<Signed>();
  };
  const inBrowser = async (
    person: string,
    path: string,
    story: (page: Page, context: BrowserContext) => Promise<void>,
  ) => {
    const context = await site.logIn(person);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(path);
    await story(page, context);
    expect(faults).toEqual([]);
    await context.close();
  };

  test('a viewer is kept out, of the page and of what it asks', async () => {
    const context = await site.logIn('vera');
    const page = await context.newPage();
    expect((await page.goto('/review'))?.status()).toBe(403);
    const answer = await context.request.post('/api/review/cases/query', { data: {} });
    expect(answer.status()).toBe(403);
    await context.close();
  });

  test('sixty results have come; an admin has all read by two, who do not see each other', async () => {
    await inBrowser('ada', '/review?view=all-unverified', async (page) => {
      await page.locator('.rev-list tbody tr').nth(40).waitFor();
      await page.getByRole('button', { name: 'Plan', exact: true }).click();
      await page.getByLabel('Name').fill('All by two');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Plan “All by two” is saved.').waitFor();
      // It is changed, and takes what is there.
      await page.getByRole('button', { name: 'Edit plan All by two' }).click();
      await page.getByRole('combobox', { name: 'Readers' }).selectOption('2');
      await page.getByRole('button', { name: 'Apply to results that are there' }).click();
      await page.getByRole('button', { name: `All by two 0 of ${RESULTS}` }).waitFor();
    });
    const page = await site.ask('ann', 'POST', '/api/review/cases/query', { limit: 200 });
    for (const line of page.json<{ cases: readonly CaseLine[] }>().cases)
      lines.set(line.analysis, {
        ...line,
        i:
          Array.from({ length: IMAGES }, (_, i) => i).find((i) => studyOf(i) === line.StudyInstanceUID) ?? -1,
      });
    expect(lines.size).toBe(RESULTS);
    for (const { readers } of lines.values())
      expect(readers).toMatchObject({ wanted: 2, signed: 0, blind: true });
    const count = (test: (line: CaseLine) => boolean): number => [...lines.values()].filter(test).length;
    // Both models say both, so that there is something to judge.
    for (const { id } of MODELS)
      expect(count(({ model, headline }) => model.id === id && headline.positive === true)).toBeGreaterThan(
        5,
      );
    for (const { analysis } of lines.values())
      chains.set(analysis, [
        (await site.ask('ada', 'GET', `/api/review/cases/${analysis}`)).json<Case>().reportUID,
      ]);
  });

  test('the first reader judges twenty at a laptop by keyboard alone', async () => {
    await inBrowser('ann', '/review', async (page) => {
      await page.locator('.rev-list tbody tr').nth(40).waitFor();
      await shot(page, 'review-worklist-real');
      const judged = await judgeByKeys(page, 'ann', BY_KEYS.ann, async (at) => {
        if (at === 0) expect(await violations(page)).toEqual([]);
        if (at === 2) await shot(page, 'review-case-real');
      });
      await page.getByText(`Case ${BY_KEYS.ann + 1} of `).waitFor();
      for (const analysis of lines.keys()) if (!judged.includes(analysis)) await sign('ann', analysis);
    });
    const [row] = await site.sql(
      `select count(distinct analysis)::int as n, count(*)::int as readings from pellucid.review_reading where subject = 'key:ann' and role = 'reader'`,
    );
    expect(row).toEqual({ n: RESULTS, readings: RESULTS });
    expect(await site.sql('select * from pellucid.review_report')).toEqual([]);
  });

  test('the second sees that another has signed and never what: on the page, nor by any address', async () => {
    await inBrowser('bob', '/review', async (page, context) => {
      await page.locator('.rev-list tbody tr').nth(40).waitFor();
      const judged = await judgeByKeys(page, 'bob', BY_KEYS.bob, async (at, analysis) => {
        await page.getByText('Blind: 1 reading hidden').waitFor();
        expect(await page.locator('.rev-reads').count()).toBe(0);
        const seen = await (await context.request.get(`/api/review/cases/${analysis}`)).json();
        expect([seen.hidden, seen.readings]).toEqual([1, []]);
        if (at === 3) await shot(page, 'review-verdict-real');
      });
      for (const analysis of lines.keys()) if (!judged.includes(analysis)) await sign('bob', analysis);
    });
  });

  test('where they differ a third decides, with both readings before him', async () => {
    const differing = [...lines.keys()].filter(doDiffer);
    expect(differing.length).toBeGreaterThan(5);
    await inBrowser('cat', '/review?view=to-arbitrate', async (page) => {
      await page
        .locator('.rev-list tbody tr')
        .nth(differing.length - 1)
        .waitFor();
      expect(await page.locator('.rev-list tbody tr').count()).toBe(differing.length);
      const judged = await judgeByKeys(page, 'cat', differing.length, async (at) => {
        await page.getByText('The readers differ. You decide.').waitFor();
        const said = await page.locator('.rev-reads article h3').allTextContents();
        expect([...said].sort()).toEqual(['ann', 'bob']);
        if (at === 0) await shot(page, 'review-arbitration-real');
      });
      expect([...judged].sort()).toEqual([...differing].sort());
    });
  });

  test('the arbiter amends: a further report follows the one before', async () => {
    const analysis =
      [...lines.keys()].find((id) => doDiffer(id) && saidBy('cat', id).verdict !== 'cannot-tell') ?? '';
    const amends = (await site.ask('cat', 'GET', `/api/review/cases/${analysis}`)).json<Case>().mySignature;
    const before = await site.sql('select uid from pellucid.review_report where analysis = $1', [analysis]);
    expect(before).toHaveLength(1);
    const { report, state } = await sign('cat', analysis, { amends });
    expect(state).toBe('judged');
    chains.get(analysis)?.push(String(before[0]?.uid));
    expect(report).not.toBe(before[0]?.uid);
  });

  test('each verdict is a verified report that validates, and that another library reads; no original is changed', async () => {
    const rows = (await site.sql(
      `select analysis, uid from pellucid.review_report where state = 'stored' order by analysis, made_at`,
    )) as readonly { readonly analysis: string; readonly uid: string }[];
    const judged = [...lines.keys()].filter(
      (id) => doDiffer(id) || saidBy('ann', id).verdict !== 'cannot-tell',
    );
    const told = [...lines.keys()].filter(
      (id) => saidBy(doDiffer(id) ? 'cat' : 'ann', id).verdict !== 'cannot-tell',
    );
    expect([...new Set(rows.map(({ analysis }) => analysis))].sort()).toEqual([...told].sort());
    expect(judged.length).toBeGreaterThanOrEqual(told.length);
    expect(rows).toHaveLength(told.length + 1);

    const after = await digests();
    for (const [id, digest] of originals) expect([id, after.get(id)]).toEqual([id, digest]);
    expect(after.size).toBe(originals.size + rows.length);

    const folder = mkdtempSync(join(tmpdir(), 'pellucid-sixty-'));
    const files: string[] = [];
    for (const { uid } of rows) {
      const bytes = await bytesOf(uid);
      expect([uid, errorsOf(bytes)]).toEqual([uid, []]);
      files.push(join(folder, `${uid}.dcm`));
      writeFileSync(files.at(-1) ?? '', bytes);
    }
    const read = readByHighdicom(files);
    rmSync(folder, { recursive: true });
    const nth = new Map<string, number>();
    rows.forEach(({ analysis }, at) => {
      const k = nth.get(analysis) ?? 0;
      nth.set(analysis, k + 1);
      if (read)
        expect(read[at]).toMatchObject({
          verified: 'VERIFIED',
          complete: 'COMPLETE',
          observers: doDiffer(analysis) ? ['cat'] : ['ann', 'bob'],
          predecessors: [chains.get(analysis)?.[k]],
        });
    });
  });

  test('the figures of each model are those of SciPy and NumPy over the same readings', async () => {
    for (const { id, label } of MODELS) {
      const reference = await acceptanceOf(id, label);
      const ours = (await site.ask('ann', 'GET', `/api/review/figures?model=${id}`)).json<Figures>();
      const cases = await Promise.all(
        [...lines.values()].filter(({ model }) => model.id === id).map(asCounted),
      );
      const theirs = JSON.parse(
        execFileSync('/usr/bin/python3', ['test/oracle/figures_of.py'], {
          input: JSON.stringify({ cases, reference }),
          encoding: 'utf8',
        }),
      );
      const { drift, ...figures } = theirs;
      expect(cases.length).toBe(IMAGES);
      expect(ours).toMatchObject(close(figures));
      expect(Object.fromEntries(ours.drift.map(({ name, psi, ks }) => [name, { psi, ks }]))).toMatchObject(
        close(drift),
      );
    }
  });

  test('what was judged is in the figures, in each of their exports, and what follows from it is one press away', async () => {
    await inBrowser('ada', '/review/figures?model=large-spots', async (page, context) => {
      const [counted] = (await site.sql(
        `select count(*) filter (where verdict <> 'cannot-tell')::int as n, count(*) filter (where verdict = 'agree')::int as k
          from pellucid.review_verdict v join pellucid.review_finding f using (analysis, n) where f.label = 'Nodule'`,
      )) as [{ n: number; k: number }];
      const { n, k } = counted;
      await page.locator('.rev-box h2', { hasText: `(${k} of ${n})` }).waitFor();
      await page.locator('.rev-sum dd', { hasText: `${((100 * k) / n).toFixed(1)} %` }).waitFor();
      for (const name of ['CSV', 'Registry export', 'Governance report']) {
        const href = await page.getByRole('link', { name }).getAttribute('href');
        expect([name, (await context.request.get(href ?? '')).status()]).toEqual([name, 200]);
      }
      expect(await violations(page)).toEqual([]);
      await shot(page, 'review-figures-real');

      const stop = page.locator('.rev-box', { hasText: 'Stop switch' });
      await stop.getByLabel('Reason').fill('It misses what is small.');
      await stop.getByRole('button', { name: 'Stop the model' }).click();
      await stop.getByText('The model is stopped:').waitFor();
      await stop.getByLabel('Reason').fill('It was the scanner.');
      await stop.getByRole('button', { name: 'Start it again' }).click();
      await stop.getByRole('button', { name: 'Stop the model' }).waitFor();

      await page.goto(`/review/cases/${[...lines.keys()][0]}`);
      await page.getByRole('tab', { name: 'Provenance' }).click();
      await page.getByRole('button', { name: 'Report an incident' }).click();
      await page.getByLabel('What happened').fill('It was read as of another patient.');
      await page.getByRole('button', { name: 'Record the incident' }).click();
      await page.getByText('The incident is recorded').waitFor();
      await page.goto('/review/figures?model=large-spots');
      const incidents = page.locator('.rev-incidents li', { hasText: 'It was read as of another patient.' });
      await incidents.getByLabel('What was done').fill('The worklist was corrected.');
      await incidents.getByRole('button', { name: 'Close it' }).click();
      await incidents.getByText('· closed ·').waitFor();
    });
    const acts = await site.sql(
      `select action, detail from pellucid.audit where who = 'key:ada' and action in ('model-changed', 'incident', 'review-plan') order by seq`,
    );
    const said = acts.map(({ action, detail }) => `${action}: ${detail}`);
    for (const words of ['It misses what is small.', 'It was the scanner.', 'reported', 'closed'])
      expect(said.filter((line) => line.includes(words))).toHaveLength(1);
    expect(said.filter((line) => line.startsWith('review-plan')).length).toBeGreaterThanOrEqual(2);
  });

  const bytesOf = async (uid: string): Promise<Uint8Array> => {
    const found = await fetch(`${site.orthanc.url}/tools/lookup`, { method: 'POST', body: uid });
    const [{ ID }] = (await found.json()) as [{ ID: string }];
    return new Uint8Array(await (await fetch(`${site.orthanc.url}/instances/${ID}/file`)).arrayBuffer());
  };
  /** What counts of a result, from what the readers sent and the truth that we made. */
  const asCounted = async ({ analysis, i, headline, context }: CaseLine & { readonly i: number }) => {
    const { readings } = (await site.ask('ada', 'GET', `/api/review/cases/${analysis}`)).json<Case>();
    const [first, second] = readings.filter(({ role }) => role === 'reader');
    const arbitrated = readings.filter(({ role }) => role === 'arbiter').at(-1);
    const counting = arbitrated ? [arbitrated] : [first, second];
    const knows = counting.some((one) => one?.reading.findings[0]?.truth);
    expect(
      readings
        .filter(({ role }) => role === 'reader')
        .map(({ reader }) => reader.name)
        .sort(),
    ).toEqual(['ann', 'bob']);
    return {
      verdict: saidBy(doDiffer(analysis) ? 'cat' : 'ann', analysis).verdict,
      first: first?.reading.findings[0]?.verdict,
      second: second?.reading.findings[0]?.verdict,
      positive: headline.positive,
      truth: knows ? isSick(i) : null,
      score: headline.score,
      inputs: context.inputs,
    };
  };
  /** What a model said in shadow before it was let on patients: 200 results, the fewest that stand for acceptance. */
  const acceptanceOf = async (model: string, label: string) => {
    const said = Array.from({ length: 200 }, (_, i) => ({
      score: ((i * 37) % 100) / 100,
      inputs: { brightness: 200 + ((i * 13) % 97), contrast: 40 + ((i * 29) % 61) / 2 },
    }));
    await site.sql(
      `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest, mode, state, created_at)
        select md5($1 || i), '1.2.9.' || i, '1.3.9.' || i, 'f', 1, '2026-01-01T00:00:00Z', $1, '1.0.0', 'd', 'shadow', 'storing', '2026-01-01T00:00:00Z'
        from generate_series(0, 199) i`,
      [model],
    );
    await site.sql(
      `update pellucid.analysis a set state = 'done', context = jsonb_build_object('inputs', x.v -> 'inputs'),
          findings = jsonb_build_array(jsonb_build_object('label', $2::text, 'sentence', '', 'score', x.v -> 'score', 'threshold', 0.5, 'positive', true))
        from jsonb_array_elements($3::jsonb) with ordinality x (v, i) where a.id = md5($1 || (x.i - 1))`,
      [model, label, JSON.stringify(said)],
    );
    return said;
  };
});

/** To 1e-6 wherever there is a number. */
const close = (value: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([key, v]) => [
      key,
      typeof v === 'number' ? expect.closeTo(v, 6) : close(v),
    ]),
  );

/** What highdicom reads of verified reports; undefined where it is not installed. */
function readByHighdicom(files: readonly string[]): readonly Record<string, unknown>[] | undefined {
  if (!existsSync(join(PACKAGES, 'highdicom'))) {
    process.stderr.write('\n*** NOT RUN: highdicom (npm test installs it in .cache/python) ***\n');
    return undefined;
  }
  const out = execFileSync('python3', ['test/oracle/read_verified.py', ...files], {
    env: { ...process.env, PYTHONPATH: PACKAGES },
    maxBuffer: 1e8,
  });
  return JSON.parse(out.toString()) as readonly Record<string, unknown>[];
}
