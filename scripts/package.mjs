/**
 * `npm run package`: the server and its commands as an npm package, `pellucid-<version>.tgz`. Node strips no types below node_modules, so the
 * package holds JavaScript. Plain JavaScript for any Node ≥ 20.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole, buildExtension } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const home = join(root, '.cache', 'package');
/** What the server reads beside its own code, in the places in which it looks for it (server/shared/home.ts). */
const BESIDE = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'docs',
  'models',
  'orthanc-config',
  'deploy',
  'ohif-extension/dist',
  'ohif-extension/host',
  'ohif-extension/src/styles',
  'review-console/dist',
];

rmSync(home, { recursive: true, force: true });
mkdirSync(home, { recursive: true });
buildExtension(console.error);
buildConsole(console.error);
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'deploy/npm'], {
  cwd: root,
  stdio: 'inherit',
});
for (const file of filesOf('server').filter((f) => extname(f) !== '.ts')) copy(file);
for (const file of filesOf('.cache/package/server')) startJavaScript(join(root, file));
for (const path of BESIDE) copy(path);
writeFileSync(join(home, 'package.json'), JSON.stringify(described(), null, 2));
execFileSync('npm', ['pack', home, '--pack-destination', process.argv[2] ?? root], {
  cwd: root,
  stdio: 'inherit',
});

function copy(path) {
  cpSync(join(root, path), join(home, path), { recursive: true });
}

function filesOf(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** tsc renames what is imported; what is started as a process or thread of its own, we do. */
function startJavaScript(file) {
  const code = readFileSync(file, 'utf8');
  writeFileSync(file, code.replace(/(new URL\('\.[^']*)\.ts'/g, "$1.js'"));
}

/** package.json of the package: what the server needs at run time, and nothing of how it is built. */
function described() {
  const { name, version, description, license, type, engines, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: { pellucid: 'server/cli.js' },
    dependencies,
  };
}
