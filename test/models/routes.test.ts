import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../server/app.ts';
import type { Installed } from '../../server/models/installed.ts';
import { type Change, modelsRouter } from '../../server/models/routes.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';
import { type Listening, listen } from '../show/listening.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-cases-'));
const PICTURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
const changes: Change[] = [];
let server: Listening;
beforeAll(async () => {
  mkdirSync(join(folder, 'reference', 'cases'), { recursive: true });
  for (const name of ['case-001.png', 'case-002.png'])
    writeFileSync(join(folder, 'reference', 'cases', name), PICTURE);
  writeFileSync(join(folder, 'reference', 'vectors.json'), '{}');
  const model = {
    folder,
    mode: 'clinical',
    identity: { id: 'chest', version: '1.0.0', answers: { task: 'Pneumonia?' } },
    spec: { kind: 'classification' },
    reference: { gallery: { cases: [{ id: 'case-001' }, { id: 'case-003' }] } },
  } as unknown as Installed;
  const tried = {
    ...model,
    mode: 'canary',
    share: 10,
    identity: { id: 'chest', version: '2.0.0' },
  } as Installed;
  const router = modelsRouter(
    async () => ({ models: [model, tried], refused: [] }),
    (_, change) => changes.push(change),
  );
  server = await listen(createApp({ access: NO_LOG_IN, routers: [router] }));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('each model with what its package answers', async () => {
  const { models } = (await (await fetch(`${server.url}/api/models`)).json()) as { models: unknown[] };
  expect(models[0]).toMatchObject({ id: 'chest', answers: { task: 'Pneumonia?' } });
});

test('the picture of a known image, as PNG', async () => {
  const response = await fetch(`${server.url}/api/models/chest/1.0.0/cases/case-001.png`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(PICTURE);
});

test.each([
  ['a case that the gallery does not list', 'chest/1.0.0/cases/case-002.png'],
  ['a picture that is missing', 'chest/1.0.0/cases/case-003.png'],
  ['another version', 'chest/3.0.0/cases/case-001.png'],
  ['another model', 'head/1.0.0/cases/case-001.png'],
  ['a way out of the folder', 'chest/1.0.0/cases/..%2Fvectors.json'],
])('%s is not found', async (_, path) => {
  expect((await fetch(`${server.url}/api/models/${path}`)).status).toBe(404);
});

test.each<[string, object, number]>([
  ['a promotion that is so', { verb: 'promote', key: 'chest@1.0.0' }, 200],
  ['all versions of a model', { verb: 'enable', key: 'chest' }, 200],
  ['a stop that is not so', { verb: 'disable', key: 'chest' }, 400],
  ['a version that is not there', { verb: 'promote', key: 'chest@3.0.0' }, 404],
  ['a share that is so', { verb: 'promote', key: 'chest@2.0.0', share: 10 }, 200],
  ['another share', { verb: 'promote', key: 'chest@2.0.0', share: 20 }, 400],
  ['all of what has a share', { verb: 'promote', key: 'chest@2.0.0' }, 400],
  ['a share of what has all', { verb: 'promote', key: 'chest@1.0.0', share: 10 }, 400],
  ['a share of everything', { verb: 'promote', key: 'chest@2.0.0', share: 100 }, 400],
  ['a word that is none', { verb: 'erase', key: 'chest' }, 400],
  ['more than is asked', { verb: 'enable', key: 'chest', who: 'me' }, 400],
])('%s: noted only when it is so', async (_, body, status) => {
  changes.length = 0;
  const response = await fetch(`${server.url}/api/models/changes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(status);
  const { verb, key, share } = body as { verb: string; key: string; share?: number };
  const said = share === undefined ? '' : ` for ${share} in 100 studies`;
  expect(changes).toEqual(status === 200 ? [{ object: 'chest', detail: `${verb} ${key}${said}` }] : []);
});
