/** Brings the OHIF viewer. Plain JavaScript for any Node ≥ 20; called by setup.mjs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './build.mjs';

const OHIF = {
  package: '@ohif/app',
  version: '3.13.2',
  integrity:
    'sha512-WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA==',
};

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

function checkIntegrity(archive) {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found === OHIF.integrity) return;
  throw new Error(
    `${OHIF.package} ${OHIF.version} is not the file that was reviewed: its integrity is ${found}, expected ${OHIF.integrity}`,
  );
}
