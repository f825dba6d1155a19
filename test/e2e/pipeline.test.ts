import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DicomObject, ModelJob, RunMode, WorkState } from '../../server/contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../../server/dicom/uid.ts';
import { USUAL_SITE } from '../../server/encode/index.ts';
import { loadModels } from '../../server/models/load.ts';
import { type Outcome, runPipeline } from '../../server/pipeline.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { type SeriesInArchive, sendBytes, sendTo, seriesOf, storedBytes } from '../helpers/archive.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { disagreementsOf, errorsOf, reportHtml } from '../helpers/validators.ts';

jest.setTimeout(120_000);

const identity = ({ bytes, ...facts }: DicomObject) => ({ ...facts, bytes: sha256(bytes) });

const CHEST = kitPath('B_chest_xray', 'dicom', 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');

describeWithKit('retrieve → infer → explain → encode → store, on a real Orthanc', () => {
  let orthanc: TestOrthanc;
  let folder: string;
  beforeAll(async () => {
    orthanc = await startOrthanc();
    folder = mkdtempSync(join(tmpdir(), 'pellucid-pipeline-'));
  });
  afterAll(async () => {
    await orthanc.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (
    series: SeriesInArchive,
    modelId: string,
    onState: (s: WorkState) => void = () => undefined,
    { mode = 'clinical', path = 'models' }: { mode?: RunMode; path?: string } = {},
  ): Promise<Outcome> => {
    const { ready } = await loadModels(path);
    const model = ready.find((m) => m.identity.id === modelId);
    if (!model) throw new Error(`no model ${modelId}`);
    const job: ModelJob = {
      analysisId: `${series.SeriesInstanceUID}/${modelId}`.replaceAll('/', '-'),
      arrived: {
        StudyInstanceUID: StudyInstanceUID.parse(series.StudyInstanceUID),
        SeriesInstanceUID: SeriesInstanceUID.parse(series.SeriesInstanceUID),
        instanceCount: series.instanceCount,
        fingerprint: 'test',
        settledAt: '2026-11-25T12:00:00.000Z',
      },
      model: model.identity,
      why: 'test',
      mode,
      createdAt: '2026-11-25T12:00:00.000Z',
    };
    return runPipeline(job, {
      archive: { url: orthanc.url },
      dicomWebPath: '/dicom-web',
      models: ready,
      spoolFolder: join(folder, 'spool'),
      gradientFolder: join(folder, 'gradients'),
      threads: 2,
      alsoWrite: ['KOS'],
      furtherTargets: [],
      site: USUAL_SITE,
      onState,
      beforeStore: async () => undefined,
    });
  };

  const stored = (outcome: Outcome): Promise<readonly Uint8Array[]> =>
    Promise.all(outcome.objects.map((o) => storedBytes({ url: orthanc.url }, o.SOPInstanceUID)));

  test('a radiograph: SC, value map and SR are stored, valid, and agree with the source', async () => {
    const states: WorkState[] = [];
    const outcome = await run(await sendTo({ url: orthanc.url }, CHEST), 'chest-xr-pneumonia', (s) =>
      states.push(s),
    );
    expect(states).toEqual(['retrieving', 'inferring', 'explaining', 'encoding', 'storing']);
    expect(outcome.objects.map((o) => o.kind)).toEqual(['SC', 'MAP', 'KOS', 'SR']);
    const bytes = await stored(outcome);
    expect(bytes.flatMap(errorsOf)).toEqual([]);
    expect(disagreementsOf([readFileSync(CHEST), ...bytes])).toEqual([]);
    expect(reportHtml(bytes.at(-1) as Uint8Array)).toContain('The model sees signs of pneumonia');
  });

  test('the same work again writes the same bytes, and nothing is doubled', async () => {
    const series = await sendTo({ url: orthanc.url }, CHEST);
    const first = await run(series, 'chest-xr-pneumonia');
    const second = await run(series, 'chest-xr-pneumonia');
    expect(second.objects.map(identity)).toEqual(first.objects.map(identity));
    const all = (await (await fetch(`${orthanc.url}/instances`)).json()) as string[];
    expect(all).toHaveLength(1 + first.objects.length);
  });

  test('a package that is not accepted: in shadow a result and nothing in the archive or the spool, else a refusal', async () => {
    const unchecked = join(folder, 'models');
    cpSync('models/chest-xr-pneumonia', join(unchecked, 'chest'), { recursive: true });
    rmSync(join(unchecked, 'chest', 'acceptance.json'));
    const series = await sendTo({ url: orthanc.url }, CHEST);
    const before = await (await fetch(`${orthanc.url}/instances`)).json();
    const states: WorkState[] = [];
    const inShadow = { mode: 'shadow', path: unchecked } as const;
    const outcome = await run(series, 'chest-xr-pneumonia', (s) => states.push(s), inShadow);
    expect(outcome).toMatchObject({ objects: [], findings: [{ label: 'Pneumonia', positive: true }] });
    expect(states).toEqual(['retrieving', 'inferring', 'explaining']);
    expect(await (await fetch(`${orthanc.url}/instances`)).json()).toEqual(before);
    expect(existsSync(join(folder, 'spool')) ? readdirSync(join(folder, 'spool')) : []).toEqual([]);
    await expect(
      run(series, 'chest-xr-pneumonia', () => undefined, { path: unchecked }),
    ).rejects.toMatchObject({ code: 'MODEL_NOT_ACCEPTED' });
  });

  test('a patient whom the model does not know: the decision stands, marked in record and report, without a probability', async () => {
    const adult = kitPath('B_chest_xray', 'dicom', 'nih_00000001_000.dcm');
    const outcome = await run(await sendTo({ url: orthanc.url }, adult), 'chest-xr-pneumonia');
    const [finding] = outcome.findings;
    expect(finding?.positive).toBe(false);
    expect(finding?.checkBeforeUse).toContainEqual(expect.stringContaining('Its fine detail is unlike'));
    expect(finding).not.toHaveProperty('probability');
    const report = reportHtml((await stored(outcome)).at(-1) as Uint8Array);
    expect(report).toContain('Check before use');
    expect(report).not.toContain('Certainty of Finding');
  });

  test('an archive that is down costs no second inference', async () => {
    const series = await sendTo(
      { url: orthanc.url },
      kitPath('B_chest_xray', 'dicom', 'kermany_test_NORMAL_IM-0099-0001.dcm'),
    );
    const down = run(series, 'chest-xr-pneumonia', (state) => {
      if (state === 'encoding') orthanc.kill9().catch(() => undefined);
    });
    await expect(down).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
    await orthanc.restart();
    const states: WorkState[] = [];
    const outcome = await run(series, 'chest-xr-pneumonia', (s) => states.push(s));
    expect(states).toEqual(['storing']);
    expect((await stored(outcome)).map(sha256)).toEqual(outcome.objects.map((o) => sha256(o.bytes)));
    expect(outcome.findings[0]).toMatchObject({
      positive: false,
      sentence: expect.stringContaining('does not rule it out'),
    });
  });

  test('an image with fewer pixels than its header promises gets a clear fault, and the next study is unharmed', async () => {
    const archive = { url: orthanc.url };
    const damaged = Buffer.from(
      kitBytes('B_chest_xray', 'dicom', 'kermany_test_PNEUMONIA_person50_virus_102.dcm'),
    );
    const rows = Buffer.from([0x28, 0, 0x10, 0, 0x55, 0x53, 2, 0]); // (0028,0010) US, 2 bytes
    damaged.writeUInt16LE(448, damaged.indexOf(rows) + rows.length);
    const { ParentSeries } = await sendBytes(archive, damaged);
    await expect(run(await seriesOf(archive, ParentSeries), 'chest-xr-pneumonia')).rejects.toMatchObject({
      code: 'PIXELS_TRUNCATED',
      detail: 'the header promises 100352 bytes of pixels, the file holds 50176',
    });
    const next = await sendTo(
      archive,
      kitPath('B_chest_xray', 'dicom', 'kermany_test_NORMAL_NORMAL2-IM-0095-0001.dcm'),
    );
    expect((await run(next, 'chest-xr-pneumonia')).objects).toHaveLength(3);
  });
});
