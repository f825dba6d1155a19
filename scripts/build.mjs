/** Builds what runs in browsers: the panel for OHIF, the review console. Plain JavaScript for any Node ≥ 20; called by setup.mjs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What both have in them of the server. */
const OF_SERVER = ['../server/dicom/code.ts', '../server/shared/colour-map.ts'];

/** Our panel in `ohif-extension/dist`, and React for hosts that share none. Answers false when no source is newer than it. */
export const buildExtension = (log) =>
  build(log, {
    name: 'OHIF extension',
    folder: 'ohif-extension',
    // The last that is built.
    built: 'own-react.js',
    sources: ['src', 'vite.config.ts', 'vite.own-react.config.ts', 'package.json', ...OF_SERVER],
    configs: ['vite.config.ts', 'vite.own-react.config.ts'],
  });

/** The review console in `review-console/dist`, which has parts of the panel in it. Answers false as above. */
export const buildConsole = (log) =>
  build(log, {
    name: 'review console',
    folder: 'review-console',
    built: 'index.html',
    sources: ['src', 'index.html', 'vite.config.ts', 'package.json', '../ohif-extension/src', ...OF_SERVER],
    configs: ['vite.config.ts'],
  });

function build(log, { name, folder, built, sources, configs }) {
  const home = join(root, folder);
  const last = join(home, 'dist', built);
  const newest = Math.max(...sources.flatMap((path) => filesOf(join(home, path))).map(timeOf));
  if (existsSync(last) && timeOf(last) >= newest) return false;
  log(`${name}: building…`);
  // Vite wants a recent Node: the `node` package's, where it is there.
  const node = [join(root, 'node_modules', '.bin', 'node'), process.execPath].find(existsSync);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  for (const config of configs) run(node, [vite, 'build', '--logLevel', 'warn', '--config', config], home);
  return true;
}

const timeOf = (path) => statSync(path).mtimeMs;

const filesOf = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** Runs a program quietly; what it said is in the error when it fails. */
export function run(command, args, cwd = root) {
  // Where a test calls this, React would be built as it is for development, half as large again.
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${command} ${args[0]} failed: ${error?.message ?? `exit ${status}`}\n${stdout}${stderr}`);
}
