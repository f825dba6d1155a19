import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** What each folder of server/ may import, beside itself and packages. server/*.ts may import anything. */
const LEAVES = ['shared', 'dicom', 'contracts.ts', 'explanation.ts', 'models', 'results'];
const STAGES = ['listen', 'route', 'retrieve', 'infer', 'explain', 'encode', 'store', 'show', 'review'];
const MAY: Record<string, readonly string[]> = {
  shared: [],
  dicom: ['shared'],
  'contracts.ts': ['shared', 'dicom'],
  'explanation.ts': ['dicom'],
  models: ['shared', 'dicom', 'contracts.ts'],
  results: ['shared', 'dicom', 'contracts.ts', 'explanation.ts'],
  ...Object.fromEntries(STAGES.map((s) => [s, LEAVES])),
  jobs: LEAVES,
  deidentify: LEAVES,
  access: ['shared'],
  audit: ['shared', 'jobs'],
  surface: ['shared', 'access'],
  alerts: ['shared', 'jobs'],
  operations: [...LEAVES, 'jobs'],
  worklist: [...LEAVES, 'jobs'],
  metrics: [...LEAVES, 'jobs'],
};

const folder = (path: string): string => relative('server', path).split(sep)[0] ?? '';
const files = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f))
    .map((f) => join(root, f));
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map((m) =>
    join(dirname(file), m[1] as string),
  );

test.each(files('server').filter((f) => MAY[folder(f)]))('%s imports only what its folder may', (file) => {
  const allowed = [folder(file), ...(MAY[folder(file)] ?? [])];
  expect(
    importsOf(file)
      .map(folder)
      .filter((f) => !allowed.includes(f)),
  ).toEqual([]);
});

/** The panel works from DICOM objects alone: of the server it may know the codes and the colours of values, nothing else. */
const SHARED_WITH_PANEL = [join('server', 'dicom', 'code.ts'), join('server', 'shared', 'colour-map.ts')];

test.each([...files('ohif-extension/src'), 'ohif-extension/vite.config.ts'])(
  '%s imports nothing of the server but codes and colours',
  (file) => {
    expect(importsOf(file).filter((f) => f.startsWith('server') && !SHARED_WITH_PANEL.includes(f))).toEqual(
      [],
    );
  },
);
