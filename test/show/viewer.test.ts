import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { viewerRouter } from '../../server/show/viewer.ts';
import { type Listening, listen } from './listening.ts';

let folder: string;
let site: Listening;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-viewer-'));
  const put = (path: string, content: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  // Below a folder with a dot, as the real one is.
  put('.cache/dist/index.html', '<title>viewer</title>');
  put('.cache/dist/100.bundle.cb02411ce321d4e4.js', '1');
  put('.cache/dist/0ddf166f7a343eda.wasm', 'asm');
  put('.cache/dist/app-config.js', 'published default');
  put('secret.txt', 'secret');
  put('extension/host/app-config.js', 'ours');
  put('extension/host/host-shim.js', 'shim');
  put('extension/dist/index.umd.js', 'panel');
  const app = express();
  app.get('/api/analyses', (_, response) => void response.json([]));
  app.use(
    viewerRouter({
      dist: join(folder, '.cache/dist'),
      extension: join(folder, 'extension'),
      settings: { readFirst: true },
    }),
  );
  site = await listen(app);
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string) => {
  const answer = await fetch(site.url + path);
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
};

test.each([
  ['/', '<title>viewer</title>'],
  ['/viewer?StudyInstanceUIDs=1.2.3', '<title>viewer</title>'],
  ['/ai-reading?StudyInstanceUIDs=1.2.3', '<title>viewer</title>'],
  ['/viewer/orthanc?StudyInstanceUIDs=1.2.3', '<title>viewer</title>'],
  ['/app-config.js', 'ours'],
  ['/pellucid/host-shim.js', 'shim'],
  ['/pellucid/settings.json', '{"readFirst":true}'],
  ['/pellucid/index.umd.js', 'panel'],
  ['/api/analyses', '[]'],
])('%s is answered', async (path, body) => {
  expect(await get(path)).toMatchObject({ status: 200, body });
});

test.each([
  '/review',
  '/api/none',
  '/gone.js',
  '/viewerx',
  '/pellucid/gone.js',
  '/..%2f..%2fsecret.txt',
  '/%2e%2e/secret.txt',
])('%s is left to others', async (path) => {
  expect((await get(path)).status).toBeGreaterThanOrEqual(400);
});

test('decoders get their MIME type, and pages are isolated so that threads may share memory', async () => {
  expect((await get('/0ddf166f7a343eda.wasm')).headers.get('content-type')).toBe('application/wasm');
  const { headers } = await get('/viewer');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
});

test('pages embed what they have read as a blob, and frame nothing else', async () => {
  const policy = (await get('/viewer')).headers.get('content-security-policy')?.split('; ');
  expect(policy).toEqual(expect.arrayContaining(["object-src 'self' blob:", 'frame-src blob:']));
});

test('only files whose name holds their hash are kept by the browser', async () => {
  const cached = async (path: string) => (await get(path)).headers.get('cache-control');
  expect(await cached('/100.bundle.cb02411ce321d4e4.js')).toBe('public, max-age=31536000, immutable');
  expect(await cached('/0ddf166f7a343eda.wasm')).toBe('public, max-age=31536000, immutable');
  expect(await cached('/app-config.js')).toBe('no-cache');
  expect(await cached('/pellucid/index.umd.js')).toBe('no-cache');
  expect(await cached('/viewer')).toBe('no-cache');
});
