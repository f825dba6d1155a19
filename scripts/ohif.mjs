/** Brings the OHIF viewer and builds our panel for it. Plain JavaScript for any Node ≥ 20; called by setup.mjs. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OHIF = {
  package: '@ohif/app',
  version: '3.13.2',
  integrity:
    'sha512-WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA==',
};
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * OHIF's published build in `<cacheDir>/ohif/dist`. It is packed, not installed: one of its dependencies was never
 * published. `ort/`, 136 MB of models' runtime, stays out. Answers false when it is there already.
 */
export async function fetchOhif(cacheDir, log) {
  const folder = join(cacheDir, 'ohif');
  const stamp = join(folder, 'integrity');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === OHIF.integrity) return false;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'unpack-'));
  try {
    log(`OHIF viewer: fetching ${OHIF.package} ${OHIF.version} (about 50 MB)…`);
    run('npm', ['pack', `${OHIF.package}@${OHIF.version}`, '--pack-destination', work, '--loglevel=error']);
    const archive = join(work, readdirSync(work).find((name) => name.endsWith('.tgz')) ?? 'nothing');
    checkIntegrity(archive);
    run('tar', ['-xzf', archive, '-C', work, '--exclude=package/dist/ort', 'package/dist']);
    rmSync(stamp, { force: true });
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    await rename(join(work, 'package', 'dist'), join(folder, 'dist'));
    writeFileSync(stamp, OHIF.integrity);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Our panel in `ohif-extension/dist`, and React for hosts that share none. Answers false when no source is newer than it. */
export async function buildExtension(log) {
  const folder = join(root, 'ohif-extension');
  // The last that is built.
  const built = join(folder, 'dist', 'own-react.js');
  const sources = [
    ...filesOf(join(folder, 'src')),
    join(folder, 'vite.config.ts'),
    join(folder, 'vite.own-react.config.ts'),
    join(folder, 'package.json'),
    join(root, 'server', 'dicom', 'code.ts'),
  ];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return false;
  log('OHIF extension: building…');
  // Vite wants a recent Node: the `node` package's, where it is there.
  const node = [join(root, 'node_modules', '.bin', 'node'), process.execPath].find(existsSync);
  const vite = [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'];
  run(node, vite, folder);
  run(node, [...vite, '--config', 'vite.own-react.config.ts'], folder);
  return true;
}

function checkIntegrity(archive) {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found === OHIF.integrity) return;
  throw new Error(
    `${OHIF.package} ${OHIF.version} is not the file that was reviewed: its integrity is ${found}, expected ${OHIF.integrity}`,
  );
}

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** Runs a program quietly; what it said is in the error when it fails. */
function run(command, args, cwd = root) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${command} ${args[0]} failed: ${error?.message ?? `exit ${status}`}\n${stdout}${stderr}`);
}
