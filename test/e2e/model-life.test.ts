import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInShare } from '../../server/models/canary.ts';
import { accept } from '../helpers/accepted.ts';
import { model as command } from '../helpers/command.ts';
import { madeClassifier, spotted } from '../helpers/made-classifier.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { type TestServer, testServer } from '../helpers/server.ts';

jest.setTimeout(180_000);

/** One story on the real server, which is never restarted: a new version comes, is watched, replaces the old one, and is stopped. */
describe('a model’s life', () => {
  let folder: string;
  let orthanc: TestOrthanc;
  let server: TestServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pellucid-model-life-'));
    await madeClassifier(join(folder, 'box'), {
      id: 'spots',
      label: 'Spot',
      type: ['4147007', 'Mass'],
      cells: 9,
    });
    orthanc = await startOrthanc();
    server = await testServer(folder, { ORTHANC_URL: orthanc.url, MODEL_PATH: join(folder, 'box') });
    await server.start();
  });
  afterAll(async () => {
    await server.stop();
    await orthanc.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const [OLD, NEW] = ['spots@1.0.0', 'spots@9.0.0'];
  const yamlOf = (...parts: readonly string[]): string => join(folder, ...parts, 'model.yaml');
  /** `pellucid model` beside the server; throws what the command throws. */
  const model = async (...args: readonly string[]): Promise<string> => {
    const { port: PORT } = new URL(server.url);
    const settings = {
      MODEL_PATH: join(folder, 'box'),
      DATA_DIR: join(folder, 'server'),
      HOST: '127.0.0.1',
      PORT,
    };
    const { fault, stdout } = await command(settings, ...args);
    if (fault) throw fault;
    return stdout;
  };
  /** A radiograph, and by the version of each model that ran on it what came of it. */
  const send = async (study: string) => {
    await fetch(`${orthanc.url}/instances`, { method: 'POST', body: spotted(study, [4, 4]) });
    const analyses = await server.settled(`${study}.1`);
    return Object.fromEntries(
      analyses.map(({ modelVersion, mode, state, objects }) => [
        modelVersion ?? state,
        `${mode} ${state} ${objects.length > 0 ? 'with' : 'without'} objects`,
      ]),
    );
  };
  /** Every image in the archive is one that was sent or an object of a clinical analysis. */
  const onlyClinicalIsStored = async (sent: number): Promise<void> => {
    const stored = (await (await fetch(`${orthanc.url}/instances`)).json()) as readonly unknown[];
    const made = (await server.analyses()).flatMap((a) => (a.mode === 'clinical' ? a.objects : []));
    expect(stored).toHaveLength(sent + made.length);
  };

  test('an added version runs beside the old one and writes nothing', async () => {
    const given = join(folder, 'given');
    cpSync(join(folder, 'box', 'spots'), given, { recursive: true });
    writeFileSync(
      yamlOf('given'),
      readFileSync(yamlOf('given'), 'utf8').replace(/^version: .*$/m, 'version: 9.0.0'),
    );
    expect(await model('add', given)).toMatch(/^shadow +spots@9\.0\.0/);
    expect(await send('1.2.840.1')).toEqual({
      '1.0.0': 'clinical done with objects',
      '9.0.0': 'shadow done without objects',
    });
    await onlyClinicalIsStored(1);
    const [shadow] = (await server.analyses()).filter((a) => a.mode === 'shadow');
    expect(shadow).toMatchObject({
      shadow: expect.stringContaining('a file changed after it was checked'),
      findings: [{ label: 'Spot', score: expect.any(Number) }],
    });
    expect(server.log()).toContain('a file changed after it was checked');
  });

  test('not accepted, it is not promoted; accepted and promoted, it writes instead of the old one', async () => {
    await expect(model('promote', NEW)).rejects.toThrow('MODEL_NOT_ACCEPTED');
    await accept(join(folder, 'server', 'models', NEW));
    await model('promote', NEW);
    expect(await send('1.2.840.2')).toEqual({
      '1.0.0': 'shadow done without objects',
      '9.0.0': 'clinical done with objects',
    });
    await onlyClinicalIsStored(2);
  });

  test('with a share of studies each version answers its own, all series and whatever is sent again alike', async () => {
    await model('promote', OLD);
    await model('promote', NEW, '--share', '50');
    const studies = Array.from({ length: 50 }, (_, i) => `1.2.840.9.${i + 1}`);
    const of = (its: boolean) => studies.find((study) => isInShare(NEW, 50, study) === its) as string;
    const [answers, watches] = ['clinical done with objects', 'shadow done without objects'];
    expect(await send(of(false))).toEqual({ '1.0.0': answers, '9.0.0': watches });
    expect(await send(of(true))).toEqual({ '1.0.0': watches, '9.0.0': answers });
    await onlyClinicalIsStored(4);
    const made = (await server.analyses()).find(
      (a) => a.StudyInstanceUID === of(true) && a.mode === 'clinical',
    );
    const again = await fetch(`${server.url}/api/analyses/${made?.id}/rerun`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{}',
    });
    expect([again.status, await again.json()]).toMatchObject([202, { id: made?.id }]);
    const page = await (await fetch(`${server.url}/operations`)).text();
    expect(page).toContain('it answers 50 in 100 studies');
  });

  test('rolled back and disabled, the server says so and runs what is left', async () => {
    await model('promote', OLD);
    await model('disable', NEW);
    const { models } = (await (await fetch(`${server.url}/api/models`)).json()) as {
      models: readonly { readonly version: string; readonly mode: string; readonly accepted: boolean }[];
    };
    expect(models.map((m) => [m.version, m.mode, m.accepted])).toEqual([
      ['1.0.0', 'clinical', true],
      ['9.0.0', 'disabled', true],
    ]);
    expect(JSON.parse(await model('list', '--json'))).toEqual({ models, refused: [] });
    expect(Object.keys(await send('1.2.840.3'))).toEqual(['1.0.0']);
  });

  test('each step stands in the audit trail, and none that was refused', async () => {
    const answer = await fetch(`${server.url}/api/audit?limit=1000`);
    const { entries } = (await answer.json()) as {
      entries: readonly { readonly action: string; readonly object?: string; readonly detail?: string }[];
    };
    const changes = entries.filter(({ action }) => action === 'model-changed').map(({ detail }) => detail);
    const shared = `promote ${NEW} for 50 in 100 studies`;
    const steps = [
      `add ${NEW}`,
      `promote ${NEW}`,
      `promote ${OLD}`,
      shared,
      `promote ${OLD}`,
      `disable ${NEW}`,
    ];
    expect(changes.toSorted()).toEqual(steps.toSorted());
  });
});
