import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';

const FOLDER = resolve('ohif-extension');
const bundle = readFileSync(join(FOLDER, 'dist', 'index.umd.js'), 'utf8');
const { name } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as { name: string };

test('the bundle is at most 250 kB gzipped', () => {
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(250_000);
});

test('loaded at run time it is the global of its name, and uses the React of its host', () => {
  const react = { createContext: () => undefined };
  const page: Record<string, unknown> = { react, 'react/jsx-runtime': {} };
  page.self = page;
  page.globalThis = page;
  runInNewContext(bundle, page);
  expect(page[name]).toMatchObject({ id: name });
  expect(bundle).not.toContain('react.production');
});

test('built into a viewer as a package, it is the module of its name', () => {
  const script = `import('@pellucid/ohif-extension').then(({ default: it }) => console.log(it.id, typeof it.getPanelModule))`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()).toBe(
    `${name} function`,
  );
});
