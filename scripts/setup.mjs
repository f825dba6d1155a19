#!/usr/bin/env node
/**
 * Makes this machine ready: `setup.mjs [demo|test]`. Plain JavaScript for any Node ≥ 20. Each step says what it does and
 * how long it took; a step that is already done takes no time. Without root, or off Debian, it says what to install.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const purpose = process.argv[2] ?? 'demo';
const cache = join(root, '.cache');
const binaries = join(root, 'node_modules', '.bin');

/** What each purpose needs of Debian: the program that proves it is there, and the package that brings it. */
const DEBIAN = {
  demo: [
    // The head that the demo shows where there is no test kit.
    {
      package: 'mricron-data',
      proof: existsSync('../shared/data') ? undefined : '/usr/share/mricron/templates/ch2.nii.gz',
      optional: true,
    },
    { package: 'orthanc', proof: process.env.ORTHANC_URL ? undefined : '/usr/sbin/Orthanc' },
    {
      package: 'orthanc-dicomweb',
      proof: process.env.ORTHANC_URL ? undefined : '/usr/share/orthanc/plugins/libOrthancDicomWeb.so',
    },
  ],
  test: [
    { package: 'mricron-data', proof: '/usr/share/mricron/templates/ch2.nii.gz' },
    { package: 'orthanc', proof: '/usr/sbin/Orthanc' },
    { package: 'orthanc-dicomweb', proof: '/usr/share/orthanc/plugins/libOrthancDicomWeb.so' },
    { package: 'postgresql', proof: '/usr/lib/postgresql' },
    { package: 'chromium', proof: '/usr/bin/chromium' },
    { package: 'dicom3tools', proof: '/usr/bin/dciodvfy' },
    { package: 'dcmtk', proof: '/usr/bin/dsrdump' },
    { package: 'poppler-utils', proof: '/usr/bin/pdftotext' },
    { package: 'python3-pip', proof: '/usr/bin/pip3' },
    { package: 'python3-pydicom', proof: '/usr/lib/python3/dist-packages/pydicom' },
    { package: 'python3-nibabel', proof: '/usr/lib/python3/dist-packages/nibabel' },
    { package: 'python3-scipy', proof: '/usr/lib/python3/dist-packages/scipy' },
  ],
};

if (!Object.hasOwn(DEBIAN, purpose)) fail(`unknown purpose "${purpose}": use demo or test`);
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node ${process.versions.node} is too old: install Node 20 or later`);

await step('npm packages', installPackages);
await step('Debian packages', installDebianPackages);
if (purpose === 'test') await step('highdicom', installHighdicom);
const ohif = await import(pathToFileURL(join(root, 'scripts', 'ohif.mjs')).href);
await step('OHIF viewer', () => ohif.fetchOhif(cache, say));
const build = await import(pathToFileURL(join(root, 'scripts', 'build.mjs')).href);
await step('OHIF extension', () => build.buildExtension(say));
await step('review console', () => build.buildConsole(say));

/** Runs one step; a step answers false when there was nothing to do. A step that fails ends set-up with its reason. */
async function step(name, work) {
  const start = performance.now();
  const done = await Promise.resolve()
    .then(work)
    .catch((error) => fail(`${name}: ${error.message}`));
  if (done === false) return;
  say(`${name}: ready in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.pellucid-lock');
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const isDone =
    existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(join(binaries, 'node'));
  if (isDone) return false;
  say('npm packages: installing (npm ci)…');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  ensureNode();
  writeFileSync(stamp, wanted);
}

/** The `node` package brings Node 24 by an install script; some npm settings skip those, so run it when it was. */
function ensureNode() {
  const version = spawnSync(join(binaries, 'node'), ['--version'], { encoding: 'utf8' }).stdout ?? '';
  if (version.startsWith('v24.')) return;
  run(process.execPath, ['installArchSpecificPackage.js'], { cwd: join(root, 'node_modules', 'node') });
}

function installDebianPackages() {
  const lacking = DEBIAN[purpose].filter(({ proof }) => proof && !existsSync(proof));
  const missing = lacking.map((p) => p.package);
  if (missing.length === 0) return false;
  const command = `apt-get install ${missing.join(' ')}`;
  const installs = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (!installs && lacking.every((p) => p.optional)) {
    say(`without ${missing.join(', ')} the demo needs an image of your own (as root: ${command})`);
    return false;
  }
  if (!existsSync('/usr/bin/apt-get')) {
    fail(
      `these programs are missing: ${missing.join(', ')}. Install them (on Debian: ${command})${orUrl()}, then run this again.`,
    );
  }
  if (process.getuid?.() !== 0) fail(`please run as root: ${command}${orUrl()}, then run this again.`);
  say(`Debian packages: installing ${missing.join(', ')}…`);
  const quiet = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  run('apt-get', ['update', '-qq'], quiet);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quiet);
  stopSystemOrthanc(missing);
}

/** Debian has no highdicom: pip brings it, beside the checkout's own packages. Without it `npm run conformance` says so and fails. */
function installHighdicom() {
  const folder = join(cache, 'python');
  const has = (PYTHONPATH) =>
    spawnSync('python3', ['-c', 'import highdicom'], { env: { ...process.env, PYTHONPATH } }).status === 0;
  if (has(folder)) return false;
  say('highdicom: installing…');
  const quiet = ['--quiet', '--no-warn-conflicts', '--root-user-action=ignore'];
  const pip = ['-m', 'pip', 'install', ...quiet, '--target', folder, 'highdicom==0.28.2'];
  spawnSync('python3', pip, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!has(folder))
    say('*** highdicom could not be installed: the conformance of pixels is checked by pydicom alone ***');
}

/** Debian starts its own Orthanc, open to the network, when the package is installed: nobody asked for that. */
function stopSystemOrthanc(installed) {
  if (!installed.includes('orthanc')) return;
  if (existsSync('/run/systemd/system'))
    spawnSync('systemctl', ['disable', '--now', 'orthanc'], { stdio: 'ignore' });
  else spawnSync('service', ['orthanc', 'stop'], { stdio: 'ignore' });
}

function orUrl() {
  return purpose === 'demo' ? ', or set ORTHANC_URL to an Orthanc that runs already' : '';
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (status !== 0)
    fail(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ` (exit ${status})`}`);
}

function say(line) {
  console.error(`[setup] ${line}`);
}

function fail(reason) {
  say(reason);
  process.exit(1);
}
