import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';

const FOLDER = resolve('ohif-extension');
const bundle = readFileSync(join(FOLDER, 'dist', 'index.umd.js'), 'utf8');
const { name } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as { name: string };

test('the bundle is at most 250 kB gzipped', () => {
  expect(gzipSync(bundle).length).toBeLessThanOrEqual(250_000);
});

test('loaded at run time it is the global of its name, and uses the React of its host', () => {
  const react = { createContext: () => undefined, Component: class {} };
  const page: Record<string, unknown> = { react, 'react/jsx-runtime': {} };
  page.self = page;
  page.globalThis = page;
  runInNewContext(bundle, page);
  expect(page[name]).toMatchObject({ id: name });
  expect(bundle).not.toContain('react.production');
});

describe('as a package', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pellucid-package-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const inFolder = (program: string, ...options: readonly string[]): string =>
    execFileSync(program, options, { cwd: folder, encoding: 'utf8' });

  test('it holds what each way to install it needs, and no more', () => {
    const [packed] = JSON.parse(
      inFolder('npm', 'pack', FOLDER, '--json', '--ignore-scripts', '--loglevel=error'),
    ) as readonly { filename: string; files: readonly { path: string }[] }[];
    expect(packed?.files.map(({ path }) => path).toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'dist/index.js',
      'dist/index.js.map',
      'dist/index.umd.js',
      'dist/index.umd.js.map',
      'dist/own-react.js',
      'host/app-config.js',
      'host/host-shim.js',
      'package.json',
    ]);
    const installed = join(folder, 'node_modules', name);
    mkdirSync(installed, { recursive: true });
    inFolder('tar', '-xzf', packed?.filename ?? '', '-C', installed, '--strip-components=1');
    // Nothing else is installed with it: all that it needs is in it, but the viewer's React.
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).dependencies).toBeUndefined();
  });

  test('a bundler takes it as pluginConfig.json has it taken, with the React of the viewer', () => {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'entry.js'),
      `export const load = () => import('${name}').then((plugin) => plugin.default);`,
    );
    inFolder(
      process.execPath,
      '-e',
      `import(${JSON.stringify(pathToFileURL(require.resolve('vite')).href)}).then(({ build }) => build(${JSON.stringify(
        {
          root: folder,
          logLevel: 'error',
          build: {
            outDir: 'out',
            lib: { entry: 'entry.js', formats: ['es'], fileName: 'viewer' },
            rolldownOptions: { external: ['react', 'react/jsx-runtime'] },
          },
        },
      )}))`,
    );
    const asked = readdirSync(join(folder, 'out'))
      .flatMap((file) => [
        ...readFileSync(join(folder, 'out', file), 'utf8').matchAll(
          /import \{([^}]*)\} from "(react[^"]*)"/g,
        ),
      ])
      .flatMap(([, names = '', from = '']) =>
        names.split(',').map((each) => `${from} ${each.trim().split(' as ')[0]}`),
      );
    expect(asked.length).toBeGreaterThan(5);
    const has = (from: string): readonly string[] => Object.keys(require(from)).map((it) => `${from} ${it}`);
    expect([...has('react'), ...has('react/jsx-runtime')]).toEqual(expect.arrayContaining(asked));
    symlinkSync(resolve('node_modules', 'react'), join(folder, 'node_modules', 'react'));
    const script = `import('./out/viewer.js').then(({ load }) => load()).then((it) => console.log(it.id, typeof it.getPanelModule))`;
    expect(inFolder(process.execPath, '-e', script).trim()).toBe(`${name} function`);
  });
});
