import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type DemoFile, demoFiles } from './demo-input.ts';
import { askForKnown, type SentSeries } from './demo-known.ts';
import { describeRefused, describeResults, missingObjects, waitForResults } from './demo-results.ts';
import { startOrthanc } from './orthanc-process.ts';
import { asFault, Fault } from './shared/fault.ts';
import { freePort } from './shared/free-port.ts';
import { call, getJson, type Origin } from './shared/http.ts';

/**
 * The whole product on this machine, on real input: Orthanc, the server and OHIF on loopback; a study is sent; the table
 * of results is printed. `--once` ends then, with exit code 0 only when the archive lists every object.
 */

const stopping: (() => Promise<void>)[] = [];

async function demo(): Promise<number> {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      once: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      port: { type: 'string' },
    },
  });
  const input = await demoFiles(positionals);
  const folder = resolve('.pellucid', options.once ? `once-${process.pid}` : 'demo');
  await mkdir(folder, { recursive: true });
  if (options.once) stopping.push(() => rm(folder, { recursive: true, force: true }));

  const port = Number(options.port ?? (options.once ? await freePort() : 3000));
  const server = { url: `http://127.0.0.1:${port}` };
  const secret = randomBytes(24).toString('hex');
  const archive = await startArchive(folder, secret, server);
  await startServer({ folder, secret, archive, port, watch: options.watch });
  say(`Server ready at ${server.url}`);

  const sent = await send(archive, input);
  if (sent.length === 0) throw new Fault('REQUEST_INVALID', 'none of the files was accepted as DICOM');
  await askForKnown(server, sent, say);
  const analyses = await waitForResults(
    server,
    new Set(sent.map(({ SeriesInstanceUID }) => SeriesInstanceUID)),
    progress,
  );
  progress('');
  const missing = await missingObjects(archive, analyses);
  say(describeResults(analyses, server, missing));
  if (analyses.some((a) => a.state === 'skipped')) say(await describeRefused(server));
  const failed = analyses.some((a) => a.state === 'failed') || analyses.every((a) => a.objects.length === 0);
  if (!options.once) {
    say('Stop with Ctrl-C. The results stay; the next start shows them again.');
    await new Promise<void>((stop) => process.once('SIGINT', stop).once('SIGTERM', stop));
    return 0;
  }
  return missing.length === 0 && !failed ? 0 : 1;
}

/** The archive named by ORTHANC_URL, else one of our own beside the server. */
async function startArchive(folder: string, secret: string, server: Origin): Promise<Origin> {
  if (process.env.ORTHANC_URL) {
    const { ORTHANC_URL: url, ORTHANC_USER: user, ORTHANC_PASSWORD: password } = process.env;
    say(`Using the Orthanc at ${url}`);
    return {
      url,
      ...(user
        ? { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` }
        : {}),
    };
  }
  const orthanc = await startOrthanc({
    folder: join(folder, 'orthanc'),
    port: await freePort(),
    hookSecret: secret,
    hookUrl: `${server.url}/hooks/orthanc`,
  });
  stopping.push(() => orthanc.stop());
  say(`Orthanc ready at ${orthanc.url}`);
  return { url: orthanc.url };
}

interface ServerOptions {
  readonly folder: string;
  readonly secret: string;
  readonly archive: Origin;
  readonly port: number;
  readonly watch: boolean;
}

/** The server as a process of its own, as an operator runs it; its log goes to a file. */
async function startServer({ folder, secret, archive, port, watch }: ServerOptions): Promise<void> {
  const logFile = join(folder, 'server.log');
  const child = spawn(process.execPath, [...(watch ? ['--watch'] : []), 'server/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ORTHANC_URL: archive.url,
      HOOK_SECRET: secret,
      PORT: String(port),
      DATA_DIR: join(folder, 'server'),
      // In an archive of its own the demo finds again what it sent; in someone else's it touches nothing of the past.
      START: process.env.START ?? (process.env.ORTHANC_URL ? 'now' : 'all'),
    },
  });
  const sink = createWriteStream(logFile);
  child.stdout?.pipe(sink);
  child.stderr?.pipe(sink);
  stopping.push(() => end(child));
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', (code) =>
      reject(new Fault('INTERNAL', `the server ended with code ${code}; its log is ${logFile}`)),
    ),
  );
  ended.catch(() => undefined);
  await Promise.race([ended, untilHealthy({ url: `http://127.0.0.1:${port}` })]);
}

async function untilHealthy(server: Origin): Promise<void> {
  for (let tries = 0; tries < 900; tries++) {
    const answer = await call(server, '/healthz').catch(() => undefined);
    await answer?.body.dump();
    if (answer?.status === 200) return;
    await pause(200);
  }
  throw new Fault('INTERNAL', `the server did not answer at ${server.url} within three minutes`);
}

const Stored = z.object({ ParentSeries: z.string(), ParentStudy: z.string(), Status: z.string() });

/** Sends each file to the archive. Returns the series that were accepted; says which files were not, and why. */
async function send(archive: Origin, files: readonly DemoFile[]): Promise<readonly SentSeries[]> {
  const series = new Map<string, { readonly study: string; isNew: boolean }>();
  let refused = 0;
  for (const [i, file] of files.entries()) {
    progress(`Sending ${i + 1} of ${files.length}`);
    const answer = await call(archive, '/instances', { method: 'POST', body: await file.read() });
    const stored = Stored.safeParse(await answer.body.json().catch(() => ({})));
    if (answer.status === 200 && stored.success) {
      const { ParentSeries, ParentStudy, Status } = stored.data;
      const known = series.get(ParentSeries) ?? { study: ParentStudy, isNew: false };
      known.isNew ||= Status !== 'AlreadyStored';
      series.set(ParentSeries, known);
    } else {
      refused++;
      progress('');
      say(`Refused by the archive, not readable as DICOM: ${file.name}`);
    }
  }
  progress('');
  say(`Sent ${files.length - refused} of ${files.length} files in ${series.size} series`);
  const uid = async (level: 'series' | 'studies', id: string, keyword: string): Promise<string> =>
    Resource.parse(await getJson(archive, `/${level}/${id}`)).MainDicomTags[keyword] ?? '';
  return Promise.all(
    [...series].map(async ([id, { study, isNew }]) => ({
      StudyInstanceUID: await uid('studies', study, 'StudyInstanceUID'),
      SeriesInstanceUID: await uid('series', id, 'SeriesInstanceUID'),
      isNew,
    })),
  );
}

const Resource = z.object({ MainDicomTags: z.record(z.string(), z.string()) });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  await Promise.race([gone, pause(5000)]);
  child.kill('SIGKILL');
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const say = (line: string): void => console.log(line);

/** A line that is written over, on a terminal only. */
const progress = (line: string): void => {
  if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(100)}${line ? '' : '\r'}`);
};

async function stopAll(): Promise<void> {
  for (const stop of stopping.reverse()) await stop();
}

try {
  process.exitCode = await demo();
} catch (error) {
  const fault = asFault(error);
  say(`\n${fault.code}: ${fault.detail}\nWhat to do: ${fault.spec.action}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
