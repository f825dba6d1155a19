import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { type JobsProcess, startJobs } from '../helpers/jobs-process.ts';

jest.setTimeout(240_000);

/** The page on real records in a process of its own. */
describe('the operator’s page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-operations-'));
  let server: JobsProcess;
  const arrive = (series: number, model: string, run = true) =>
    server.arrive({
      arrived: {
        StudyInstanceUID: StudyInstanceUID.parse('1.2.3'),
        SeriesInstanceUID: SeriesInstanceUID.parse(`1.2.3.${series}`),
        fingerprint: 'a',
        instanceCount: 1,
        settledAt: '2026-01-01T00:00:00.000Z',
      },
      decisions: [
        {
          model: { id: model, version: '1.0.0', digest: model },
          run,
          why: run ? 'it is a test' : 'not <b>this</b>',
        },
      ],
    });
  const get = async (path: string) => {
    const answer = await fetch(server.url + path, { redirect: 'manual' });
    return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') };
  };

  beforeAll(async () => {
    server = await startJobs({ DATA_DIR: folder });
    await arrive(1, 'works');
    await arrive(2, 'refuses');
    await arrive(3, 'works', false);
    await arrive(4, 'works', false);
    await server.settled(4);
  });
  afterAll(async () => {
    await server.kill9();
    rmSync(folder, { recursive: true });
  });

  test('says what failed with what to do, and why series were skipped', async () => {
    const { text } = await get('/operations');
    expect(text).toMatch(/Failed, 24 h<\/dt><dd>1 /);
    expect(text).toMatch(/Done, 24 h<\/dt><dd>1 /);
    expect(text).toContain('✖ frames of 3 bits');
    expect(text).toContain('This kind of pixel data is not read yet');
    expect(text).toMatch(/works: not &lt;b&gt;this&lt;\/b&gt;<\/td><td class="number">2</);
    expect(text).toContain('Nothing waits.');
    expect(text).toMatch(/Arrival to visible<\/dt><dd>[\d.]+ m?s <small>median/);
    expect(text).toMatch(/Archive<\/dt><dd>21 ms <small>answers/);
    expect(text).toMatch(/action="\/api\/analyses\/[0-9a-f]{32}\/cancel"><button>Leave it/);
  });

  test('a study tells every analysis, the time in each state, and the fault', async () => {
    const { text } = await get('/operations/studies/1.2.3');
    expect(text.match(/<section class="card">/g)).toHaveLength(4);
    expect(text).toContain('<b>PIXELS_UNSUPPORTED:</b> frames of 3 bits');
    expect(text).toContain('Nothing was looked at.');
    expect(text).toContain('href="/viewer?StudyInstanceUIDs=1.2.3"');
    // The one that was done passed through every stage, each with a bar and a line.
    const done = text.split('<section class="card">').find((card) => card.includes('works 1.0.0')) ?? '';
    for (const state of ['queued', 'retrieving', 'inferring', 'explaining', 'encoding', 'storing']) {
      expect(done).toMatch(new RegExp(`<text class="l" x="0" y="\\d+">${state}</text>`));
      expect(done).toMatch(new RegExp(`<li><time datetime="[^"]+">[^<]+</time> ${state}</li>`));
    }
    const failed = text.split('<section class="card">').find((card) => card.includes('refuses 1.0.0')) ?? '';
    expect(failed).toMatch(/<rect class="retry"/);
    expect(failed).toMatch(/<b>PIXELS_UNSUPPORTED<\/b> frames of 3 bits<\/li>/);
  });

  const find = async (text: string) => {
    const answer = await fetch(`${server.url}/operations/find`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ find: text }),
    });
    return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
  };

  test.each(['1.02', '<script>alert(1)</script>', "1.2.3/../..' or 1=1--"])(
    '%s is no study, and does not come back',
    async (text) => {
      const found = await find(text);
      expect(found.status).toBe(200);
      expect(found.text).toContain('Nothing found');
      expect(found.text).not.toContain(text);
    },
  );

  test.each(['*', 'PAT-?', 'A\\B', 'A\tB', ' ', 'x'.repeat(65)])(
    '%j is not sought: it may be many things, or none',
    async (text) => {
      expect((await find(text)).status).toBe(400);
    },
  );

  test('half a character is not sought either', async () => {
    const answer = await fetch(`${server.url}/operations/find`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"find":"A\\ud800"}',
    });
    expect(answer.status).toBe(400);
  });

  test('a study is found by its UID, its accession number, or its patient’s ID', async () => {
    expect((await find(' 1.2.3 ')).to).toBe('/operations/studies/1.2.3');
    expect((await find('ACC 1')).to).toBe('/operations/studies/1.2.3');
    const several = await find('PAT-1');
    expect(several.text).toMatch(/2 studies.*studies\/1\.2\.3".*2026-01-31.*CT, SEG.*studies\/1\.2\.4"/s);
    expect(several.text).not.toContain('PAT-1');
    // Each that was shown is told of, and nothing of what was asked stands in the log.
    expect(server.said.filter((s) => s.type === 'found').map(({ id }) => id)).toEqual([
      '1.2.3',
      '1.2.3',
      '1.2.4',
    ]);
    expect(server.log()).not.toMatch(/ACC|PAT-1/);
  });

  test('what failed has a list of its own, and a form there comes back to it', async () => {
    expect((await get('/operations/list?of=failed')).text).toContain('✖ frames of 3 bits');
    expect((await get('/operations/list?of=failed&skip=1')).text).not.toContain('✖ frames of 3 bits');
    expect((await get('/operations/list?of=done')).status).toBe(400);
    const answer = await fetch(`${server.url}/api/analyses/cancel`, {
      method: 'POST',
      redirect: 'manual',
      headers: { accept: 'text/html', referer: `${server.url}/operations/list?of=failed&skip=50` },
      body: new URLSearchParams({ code: 'OF_NONE' }),
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/operations/list?of=failed&skip=50',
    ]);
  });

  test('a study has its buttons, for who may act', async () => {
    const read = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/operations/studies/1.2.3`, { headers })).text();
    const text = await read({});
    // One failed (two buttons), one is done, two were skipped.
    expect(text.match(/\/retry"><button>Try again/g)).toHaveLength(1);
    expect(text.match(/\/cancel"><button>Leave it/g)).toHaveLength(1);
    expect(text.match(/\/rerun">/g)).toHaveLength(3);
    for (const path of ['/operations', '/operations/studies/1.2.3', '/operations/list?of=failed'])
      expect(await (await fetch(server.url + path, { headers: { 'x-reader': 'yes' } })).text()).not.toMatch(
        /action="\/api\/(?!route)/,
      );
  });

  test('who pressed a button comes back to the page, or reads why not', async () => {
    const press = async (path: string, accept: string) => {
      const answer = await fetch(server.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { accept, referer: `${server.url}/operations/studies/1.2.3` },
        body: new URLSearchParams({ model: 'works@1.0.0' }),
      });
      return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
    };
    const id = (await server.list()).find((a) => a.state === 'done')?.id as string;
    expect(await press(`/api/analyses/${id}/rerun`, 'text/html')).toMatchObject({
      status: 303,
      to: '/operations/studies/1.2.3',
    });
    await server.settled(4);
    const none = `/api/analyses/${'0'.repeat(32)}/retry`;
    const page = await press(none, 'text/html');
    expect(page.status).toBe(404);
    expect(page.text).toMatch(/<h1>Not done<\/h1>.*NOT_FOUND.*<b>Do:<\/b> Check the address/s);
    expect(JSON.parse((await press(none, 'application/json')).text)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a study that a rule waits for stands there, on its own page and in the API, with what is missing', async () => {
    const { text } = await get('/operations');
    expect(text).toMatch(
      /href="\/operations\/studies\/1\.2\.77"[^>]*>1\.2\.77<\/a><\/td>\s*<td[^>]*>thinnest-ct<\/td><td[^>]*class="number">2<\/td><td[^>]*>2026-01-01 00:00 UTC<\/td><td[^>]*>no series with ImageType LOCALIZER has come<\/td><td[^>]*>2026-01-01 00:30 UTC: it is skipped</,
    );
    const study = (await get('/operations/studies/1.2.77')).text;
    expect(study).toContain('Rule thinnest-ct <span>held since 2026-01-01 00:00 UTC');
    expect(study).toContain('<b>It waits:</b> no series with ImageType LOCALIZER has come.');
    expect(study).not.toContain('No analysis of this study is known here');
    expect((await get('/operations/studies/1.2.78')).text).toContain(
      'No analysis of this study is known here',
    );
    const held = async (query: string) =>
      ((await (await fetch(`${server.url}/api/held${query}`)).json()) as { held: readonly unknown[] }).held
        .length;
    expect([await held(''), await held('?StudyInstanceUID=1.2.78')]).toEqual([1, 0]);
  });

  test('a backfill stands there with how far it is, and is stopped by a form', async () => {
    // No server of this test reads the archive: it stays where it is.
    const begun = await fetch(`${server.url}/api/backfills`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: '2026-01-01', to: '2026-01-10' }),
    });
    const { id } = (await begun.json()) as { readonly id: string };
    const { text } = await get('/operations');
    expect(text).toMatch(/2026-01-01 to 2026-01-10.*0 of 10 days, 0 studies/s);
    expect(text).toContain(`action="/api/backfills/${id}/stop"`);
    const answer = await fetch(`${server.url}/api/backfills/${id}/stop`, {
      method: 'POST',
      redirect: 'manual',
      headers: { accept: 'text/html' },
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/operations']);
    expect((await get('/operations')).text).toContain(`action="/api/backfills/${id}/resume"`);
  });

  test('what failed is tried again, once; what did not fail is not', async () => {
    const records = await server.list();
    const [failed, done] = ['failed', 'done'].map(
      (state) => records.find((a) => a.state === state)?.id as string,
    );
    const retry = (id: string | undefined) =>
      fetch(`${server.url}/api/analyses/${id}/retry`, {
        method: 'POST',
        headers: { accept: 'application/json' },
      });
    expect((await retry(failed)).status).toBe(202);
    await server.until((s) => s.type === 'acted' && s.id === failed);
    await server.settled(4);
    const again = (await server.list()).find((a) => a.id === failed);
    expect(again).toMatchObject({ state: 'failed', attempts: 2, fault: { code: 'PIXELS_UNSUPPORTED' } });
    expect((await retry(done)).status).toBe(404);
    expect((await retry('0'.repeat(32))).status).toBe(404);
    expect((await retry('x')).status).toBe(404);
  });

  test('what Prometheus reads counts the same, and names no study', async () => {
    const { text } = await get('/metrics');
    const value = (line: string) =>
      Number(
        text
          .split('\n')
          .find((l) => l.startsWith(line))
          ?.split(' ')
          .at(-1),
      );
    // Done, and done again as someone wanted.
    expect(value('pellucid_analyses_total{model="works@1.0.0",mode="clinical",state="done"}')).toBe(2);
    // Queued at first and when they were wanted again, and not when a worker took them.
    for (const model of ['works', 'refuses'])
      expect(value(`pellucid_analyses_total{model="${model}@1.0.0",mode="clinical",state="queued"}`)).toBe(2);
    expect(value('pellucid_analyses_total{model="none",mode="none",state="skipped"}')).toBe(2);
    expect(value('pellucid_faults_total{model="refuses@1.0.0",code="PIXELS_UNSUPPORTED"}')).toBe(2);
    expect(value('pellucid_stage_seconds_count{model="works@1.0.0",stage="inferring"}')).toBe(2);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(text).not.toContain('1.2.3');
  });

  test('rules are asked about a study or a file', async () => {
    const ask = async (type: string, body: string | Uint8Array) => {
      const answer = await fetch(`${server.url}/api/route/test`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: Buffer.from(body),
      });
      return [answer.status, ((await answer.json()) as { lines?: readonly string[] }).lines];
    };
    expect(await ask('application/json', '{"StudyInstanceUID":"1.2.3"}')).toEqual([
      200,
      ['1.2.3 by those in force'],
    ]);
    expect(await ask('application/json', '{"StudyInstanceUID":"1.2.3","rules":"these"}')).toEqual([
      200,
      ['1.2.3 by these'],
    ]);
    expect(await ask('application/dicom', new Uint8Array(1000))).toEqual([200, ['of 1000 bytes']]);
    expect(await ask('application/json', '{"StudyInstanceUID":"1.02"}')).toEqual([400, undefined]);
    expect(await ask('text/plain', 'x')).toEqual([400, undefined]);
    const studies = await fetch(`${server.url}/api/route/studies?last=1`);
    expect(await studies.json()).toEqual({ studies: ['1.2.3'] });
  });

  test('what failed a check is marked before what the model says', async () => {
    await server.arrive({
      arrived: {
        StudyInstanceUID: StudyInstanceUID.parse('1.2.4'),
        SeriesInstanceUID: SeriesInstanceUID.parse('1.2.4.1'),
        fingerprint: 'a',
        instanceCount: 1,
        settledAt: '2026-01-01T00:00:00.000Z',
      },
      decisions: [
        { model: { id: 'doubts', version: '1.0.0', digest: 'doubts' }, run: true, why: 'it is a test' },
      ],
    });
    await server.settled(5);
    const { text } = await get('/operations/studies/1.2.4');
    expect(text).toMatch(
      /<p class="doubt"><b>Check before use:<\/b> Not &lt;b&gt;like&lt;\/b&gt; what it knows\.<\/p>\s*<p>Nothing was looked at\.<\/p>/,
    );
  });
});
