import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Recorder } from '../../server/audit/recorder.ts';
import { loadConfig } from '../../server/config.ts';
import type { Analysis, Jobs, ModelDecision } from '../../server/jobs/index.ts';
import { onDemandRouter } from '../../server/jobs/on-demand.ts';
import { asFault } from '../../server/shared/fault.ts';
import { onDemandOf } from '../../server/wiring/on-demand.ts';
import { type SeriesInArchive, sendTo } from '../helpers/archive.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { madeAnalysis } from '../helpers/made-jobs.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type Listening, listen } from '../show/listening.ts';

jest.setTimeout(120_000);

/** The offers by the real packages and the real archive; of the queue only what is asked of it. */
describeWithKit('models on demand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-on-demand-'));
  const known: Analysis[] = [];
  const demanded: [series: string, decision: ModelDecision][] = [];
  const noted: unknown[] = [];
  let orthanc: TestOrthanc;
  let site: Listening;
  let chest: SeriesInArchive;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    chest = await sendTo(
      { url: orthanc.url },
      kitPath('B_chest_xray', 'dicom', 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm'),
    );
    const config = loadConfig({ ORTHANC_URL: orthanc.url, DATA_DIR: folder, MODEL_PATH: 'models' });
    const jobs: Pick<Jobs, 'analyses' | 'demand'> = {
      analyses: { get: async () => undefined, list: async () => known, isOwnSeries: async () => false },
      demand: async (arrived, decision) => {
        demanded.push([arrived.SeriesInstanceUID, decision]);
        return madeAnalysis({ id: 'made', modelId: decision.model.id, modelVersion: decision.model.version });
      },
    };
    const recorder = { note: (entry: unknown) => noted.push(entry) } as unknown as Recorder;
    const app = express().use(onDemandRouter(onDemandOf({ config, jobs: jobs as Jobs, recorder })));
    app.use(((error, _request, response, _next) => {
      const { spec, code, detail } = asFault(error);
      response.status(spec.status).json({ code, detail });
    }) as express.ErrorRequestHandler);
    site = await listen(app);
    // A series counts as complete when nothing came for a while.
    for (let i = 0; i < 100 && !(await isStable()); i++) await new Promise((r) => setTimeout(r, 200));
  });
  afterAll(async () => {
    await site?.close();
    await orthanc?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const isStable = async () =>
    ((await (await fetch(`${orthanc.url}/series?expand`)).json()) as { IsStable: boolean }[])[0]?.IsStable;
  const uids = () => ({
    StudyInstanceUID: chest.StudyInstanceUID,
    SeriesInstanceUID: chest.SeriesInstanceUID,
  });
  const offers = async () => {
    const answer = await fetch(`${site.url}/api/on-demand?${new URLSearchParams(uids())}`);
    return (
      (await answer.json()) as { models: { model: string; runs: boolean; why: string; state?: string }[] }
    ).models;
  };
  const ask = (body: object) =>
    fetch(`${site.url}/api/on-demand`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const of = (models: Awaited<ReturnType<typeof offers>>, id: string) =>
    models.find((m) => m.model.startsWith(`${id}@`));

  test('each installed model is named, with why it reads the series or does not, and what it made of it', async () => {
    const models = await offers();
    const { runs, state } = of(models, 'chest-xr-pneumonia') ?? {};
    expect([runs, state]).toEqual([true, undefined]);
    expect(of(models, 'head-mr-structures')).toMatchObject({
      runs: false,
      why: expect.stringContaining('the model reads MR'),
    });
    const { model = '' } = of(models, 'chest-xr-pneumonia') ?? {};
    const loaded = await import('../../server/models/load.ts').then((m) => m.loadModels('models'));
    const digest = loaded.ready.find((m) => model.startsWith(m.identity.id))?.identity.digest;
    known.push(madeAnalysis({ ...uids(), modelDigest: digest, state: 'failed' }));
    expect(of(await offers(), 'chest-xr-pneumonia')?.state).toBe('failed');
  });

  test('one that reads it is demanded, urgently, for the series as it is now; who asked is noted', async () => {
    const { model = '' } = of(await offers(), 'chest-xr-pneumonia') ?? {};
    const answer = await ask({ ...uids(), model });
    expect([answer.status, await answer.json()]).toEqual([202, { id: 'made', state: 'queued' }]);
    expect(demanded).toEqual([
      [
        chest.SeriesInstanceUID,
        expect.objectContaining({
          run: true,
          priority: 'urgent',
          why: expect.stringContaining('a reader asked for it'),
        }),
      ],
    ]);
    expect(noted).toMatchObject([
      { action: 'analysis-retried', object: 'made', detail: expect.stringContaining(model) },
    ]);
  });

  test.each([
    [
      'a model that does not read it',
      async () => ({ ...uids(), model: of(await offers(), 'head-mr-structures')?.model }),
      422,
    ],
    ['a model that is not installed', () => ({ ...uids(), model: 'nothing@1.0.0' }), 400],
    ['no version', () => ({ ...uids(), model: 'chest-xr-pneumonia' }), 400],
    ['more than is asked for', () => ({ ...uids(), model: 'nothing@1.0.0', priority: 'urgent' }), 400],
    ['a series that is not there', () => ({ ...uids(), SeriesInstanceUID: '1.2.3', model: 'a@1.0.0' }), 404],
  ])('%s is refused, and nothing is demanded', async (_, body, status) => {
    const before = demanded.length;
    expect((await ask(await body())).status).toBe(status);
    expect(demanded).toHaveLength(before);
  });
});
