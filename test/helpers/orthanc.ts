import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../server/shared/free-port.ts';

const BINARY = process.env.ORTHANC_BINARY ?? '/usr/sbin/Orthanc';
const DICOMWEB = process.env.ORTHANC_DICOMWEB ?? '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const START_MS = 60_000;

export interface TestOrthanc {
  /** REST address on loopback, without a trailing slash; DICOMweb is below it at `/dicom-web`. */
  readonly url: string;
  /** Its temporary folder: configuration, storage, index. */
  readonly folder: string;
  /** What it wrote to its log until now. */
  log(): string;
  /** Ends it with SIGTERM; the storage stays for restart(). */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and storage; ends it first when it runs. */
  restart(): Promise<void>;
  /** Ends it and deletes the folder. */
  remove(): Promise<void>;
}

export interface OrthancOptions {
  /** Merged over the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real, empty Orthanc with DICOMweb on a free loopback port, of its own until remove(). */
export async function startOrthanc({ config = {}, env = {} }: OrthancOptions = {}): Promise<TestOrthanc> {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-orthanc-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(folder, 'orthanc.json'),
    JSON.stringify({
      Name: 'test',
      HttpPort: port,
      AuthenticationEnabled: false,
      RemoteAccessAllowed: false,
      DicomServerEnabled: false,
      StorageDirectory: join(folder, 'storage'),
      IndexDirectory: join(folder, 'storage'),
      StableAge: 1,
      OverwriteInstances: false,
      Plugins: [DICOMWEB],
      DicomWeb: { Enable: true, Root: '/dicom-web/' },
      ...config,
    }),
  );
  let child: ChildProcess | undefined;
  let text = '';

  const start = async (): Promise<void> => {
    const started = spawn(BINARY, [join(folder, 'orthanc.json')], { env: { ...process.env, ...env } });
    child = started;
    started.stderr.on('data', (chunk) => {
      text += chunk;
    });
    started.stdout.resume();
    const until = performance.now() + START_MS;
    while (!(await answers(url))) {
      if (started.exitCode !== null || performance.now() > until)
        throw new Error(`Orthanc did not start:\n${text}`);
      await wait(50);
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  };
  const abandon = (): void => void child?.kill('SIGKILL');
  process.once('exit', abandon);

  await start();
  return {
    url,
    folder,
    log: () => text,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    remove: async () => {
      await end('SIGTERM');
      process.off('exit', abandon);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/system`)).ok;
  } catch {
    return false;
  }
};
