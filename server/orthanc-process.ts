import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fault } from './shared/fault.ts';
import { call } from './shared/http.ts';

export interface OrthancOptions {
  /** Its configuration, storage and log go here, and stay. */
  readonly folder: string;
  readonly port: number;
  readonly hookSecret: string;
  /** Where the hook calls. */
  readonly hookUrl: string;
  /** Merged over orthanc-config/orthanc.json. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface Orthanc {
  /** REST address without a trailing slash; DICOMweb is below it at `/dicom-web`. */
  readonly url: string;
  /** Ends it in good order; with SIGKILL after 10 s. */
  stop(): Promise<void>;
}

const CONFIG = fileURLToPath(new URL('../orthanc-config/', import.meta.url));
/** Where Debian and Ubuntu put it. */
const BINARY = process.env.ORTHANC_BINARY ?? '/usr/sbin/Orthanc';
const START_MS = 60_000;
const STOP_MS = 10_000;

/**
 * Starts the machine's Orthanc on loopback with orthanc-config/ and a storage of its own; resolves when it answers.
 * Throws CONFIG_INVALID when it isn't installed, ARCHIVE_UNREACHABLE when it does not come up.
 */
export async function startOrthanc({
  folder,
  port,
  hookSecret,
  hookUrl,
  config = {},
}: OrthancOptions): Promise<Orthanc> {
  await access(BINARY).catch((cause: unknown) => {
    throw new Fault(
      'CONFIG_INVALID',
      `no Orthanc at ${BINARY}: install it (Debian: apt-get install orthanc orthanc-dicomweb), or set ORTHANC_BINARY, or set ORTHANC_URL to one that runs`,
      { cause },
    );
  });
  const url = `http://127.0.0.1:${port}`;
  const file = await writeConfig(resolve(folder), port, config);
  const logFile = join(folder, 'orthanc.log');
  const sink = await open(logFile, 'a');
  const child = spawn(BINARY, [file], {
    stdio: ['ignore', 'ignore', sink.fd],
    // DIMSE is four times slower without TCP_NODELAY.
    env: { ...process.env, HOOK_SECRET: hookSecret, HOOK_URL: hookUrl, TCP_NODELAY: '1' },
  });
  await sink.close();
  const abandon = (): void => void child.kill('SIGKILL');
  process.once('exit', abandon);
  child.once('exit', () => process.off('exit', abandon));
  await untilReady(url, child, logFile);
  return { url, stop: () => end(child) };
}

/** The configuration with its paths made absolute, written beside the storage. */
async function writeConfig(
  folder: string,
  port: number,
  config: Readonly<Record<string, unknown>>,
): Promise<string> {
  const text = await readFile(join(CONFIG, 'orthanc.json'), 'utf8');
  const base = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const storage = join(folder, 'storage');
  await mkdir(storage, { recursive: true });
  const file = join(folder, 'orthanc.json');
  await writeFile(
    file,
    JSON.stringify({
      ...base,
      HttpPort: port,
      StorageDirectory: storage,
      IndexDirectory: storage,
      LuaScripts: [join(CONFIG, 'pellucid-hook.lua')],
      ...config,
    }),
    { mode: 0o600 },
  );
  return file;
}

async function untilReady(url: string, child: ChildProcess, logFile: string): Promise<void> {
  let failed = '';
  child.once('error', (error) => {
    failed = error.message;
  });
  child.once('exit', (code, signal) => {
    failed = `it ended with ${signal ?? `code ${code}`}`;
  });
  for (const until = Date.now() + START_MS; Date.now() < until && !failed; await wait(100)) {
    const answer = await call({ url }, '/system').catch(() => undefined);
    await answer?.body.dump();
    if (answer?.status === 200 && !failed) return;
  }
  child.kill('SIGKILL');
  throw new Fault(
    'ARCHIVE_UNREACHABLE',
    `Orthanc did not start: ${failed || 'no answer'}; its log is ${logFile}`,
  );
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([gone, wait(STOP_MS, undefined, { ref: false })]);
  child.kill('SIGKILL');
  await gone;
}
