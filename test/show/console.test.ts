import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../server/app.ts';
import { consoleRouter } from '../../server/show/console.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';
import { type Listening, listen } from './listening.ts';

let folder: string;
let site: Listening;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-console-'));
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'index.html'), '<title>console</title>');
  writeFileSync(join(folder, 'dist', 'assets', 'index-1.js'), 'script');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  site = await listen(
    createApp({ access: NO_LOG_IN, routers: [consoleRouter({ dist: join(folder, 'dist') })] }),
  );
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

const ID = '0123456789abcdef0123456789abcdef';

test.each(['/review', '/review/', '/review/figures', `/review/cases/${ID}`, '/review?view=needs-me'])(
  '%s is the console, asked again each time, and nothing that stands in a page runs',
  async (path) => {
    const answer = await fetch(site.url + path);
    expect(await answer.text()).toBe('<title>console</title>');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("frame-ancestors 'self'");
  },
);

test('what has the hash of its content in its name never changes', async () => {
  const answer = await fetch(`${site.url}/review/assets/index-1.js`);
  expect(await answer.text()).toBe('script');
  expect(answer.headers.get('cache-control')).toContain('immutable');
});

test.each([
  '/review/cases/1',
  '/review/elsewhere',
  '/review/assets/none.js',
  '/review/assets/..%2f..%2fsecret.txt',
])('%s is not there', async (path) => {
  expect((await fetch(site.url + path)).status).toBe(404);
});
