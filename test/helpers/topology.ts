import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../server/shared/random.ts';
import { slice } from './instances.ts';
import { type JobsProcess, type Seen, startJobs } from './jobs-process.ts';
import { startOrthanc } from './orthanc.ts';
import { startPostgres } from './postgres.ts';

export interface TopologyOptions {
  readonly studies: number;
  readonly kills: number;
  /** Processes that work, beside the server that listens; none: the server works alone, on its embedded database. */
  readonly workers: number;
  readonly seed: number;
  /** Told of each kill, for people. */
  readonly onKill?: (what: string) => void;
}

export interface TopologyResult {
  /** Series with a result in the archive and exactly one analysis that is done. */
  readonly done: number;
  /** Series whose analysis failed, with the code. */
  readonly failed: readonly string[];
  /** Series of which no analysis came to an end. */
  readonly lost: number;
  /** Results in the archive that are there more than once, or of an analysis that knows nothing of them. */
  readonly doubled: number;
  readonly attempts: number;
  readonly seconds: number;
}

const FINAL = ['done', 'failed', 'skipped', 'superseded', 'cancelled'];
const LIMIT_MS = 30 * 60_000;

/**
 * Studies come into a real Orthanc while its processes, the database's, the server's and the workers' are killed by SIGKILL at random and
 * started again. The workers analyse nothing and store one object for each series, so that what is counted is the product's own doing.
 */
export async function topology({
  studies,
  kills,
  workers,
  seed,
  onKill,
}: TopologyOptions): Promise<TopologyResult> {
  const started = Date.now();
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-topology-'));
  const orthanc = await startOrthanc({ config: { StableAge: 1 } });
  const postgres = workers > 0 ? await startPostgres() : undefined;
  const common = {
    ORTHANC_URL: orthanc.url,
    DATABASE_URL: postgres?.url ?? '',
    FAKE_MS: '20',
    POLL_MS: '200',
    SETTLE_MS: '1000',
  };
  const roles = ['server', ...Array.from({ length: workers }, (_, i) => `worker ${i + 1}`)];
  const processes = new Map<string, JobsProcess>();
  const start = async (role: string): Promise<void> => {
    const DATA_DIR = join(folder, role.replace(' ', '-'));
    // Where others work the server only listens.
    const env = role === 'server' ? { LISTEN: '1', ...(workers > 0 ? { CONCURRENCY: '0' } : {}) } : {};
    for (let tries = 1; ; tries++) {
      try {
        processes.set(role, await startJobs({ ...common, DATA_DIR, ...env }));
        return;
      } catch (error) {
        // As a service manager would: until the database is there again.
        if (tries === 20) throw error;
        await wait(500);
      }
    }
  };
  for (const role of roles) await start(role);
  const targets = [...roles, 'Orthanc', ...(postgres ? ['PostgreSQL'] : [])];
  const kill = async (what: string): Promise<void> => {
    onKill?.(what);
    if (what === 'Orthanc') {
      await orthanc.kill9();
      return orthanc.restart();
    }
    if (what === 'PostgreSQL') return postgres?.restart();
    await processes.get(what)?.kill9();
    return start(what);
  };
  try {
    const sending = (async () => {
      for (let n = 1; n <= studies; n++) {
        const body = Buffer.from(slice({ study: `1.2.3.${n}`, series: `1.2.3.${n}.1`, number: 1 }));
        while (!(await stored(orthanc.url, body))) await wait(200);
      }
    })();
    for (let k = 0; k < kills; k++) {
      await wait(200 + random() * 1_500);
      // By chance, but each before the first comes again.
      if (k % targets.length === 0) targets.sort(() => random() - 0.5);
      await kill(targets[k % targets.length] as string);
    }
    await sending;
    const analyses = await settled(() => processes.get('server') as JobsProcess, studies, start);
    return { ...(await counted(orthanc.url, analyses, studies)), seconds: (Date.now() - started) / 1000 };
  } finally {
    for (const { kill9 } of processes.values()) await kill9();
    await orthanc.remove();
    await postgres?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const stored = (url: string, body: Buffer): Promise<boolean> =>
  fetch(`${url}/instances`, { method: 'POST', body }).then(
    (answer) => answer.ok,
    () => false,
  );

/** All analyses, when every series has one that came to an end, or when nothing moves any more. */
async function settled(
  server: () => JobsProcess,
  studies: number,
  start: (role: string) => Promise<void>,
): Promise<readonly Seen[]> {
  let last: readonly Seen[] = [];
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await wait(500)) {
    const listed = await server()
      .list('?limit=1000')
      .catch(() => undefined);
    if (!listed) {
      await start('server');
      continue;
    }
    last = listed;
    const ended = new Set(listed.filter((a) => FINAL.includes(a.state)).map((a) => a.SeriesInstanceUID));
    if (ended.size >= studies && listed.every((a) => FINAL.includes(a.state))) return listed;
  }
  return last;
}

/** Each series against what the archive holds. */
async function counted(
  url: string,
  analyses: readonly Seen[],
  studies: number,
): Promise<Omit<TopologyResult, 'seconds'>> {
  const current = analyses.filter((a) => a.state !== 'superseded');
  const failed = current.filter((a) => a.state === 'failed').map((a) => a.fault?.code ?? 'unnamed');
  let [done, lost, doubled] = [0, 0, 0];
  for (let n = 1; n <= studies; n++) {
    const mine = current.filter((a) => a.SeriesInstanceUID === `1.2.3.${n}.1`);
    const found = (await (await fetch(`${url}/dicom-web/studies/1.2.3.${n}/instances`)).json()) as readonly {
      '00080018': { Value: readonly string[] };
      '0020000E': { Value: readonly string[] };
    }[];
    const results = found.filter((i) => i['0020000E'].Value[0] !== `1.2.3.${n}.1`);
    const known = mine.flatMap(({ objects }) => objects.map((o) => o.SOPInstanceUID));
    const ours = results.filter((i) => known.includes(i['00080018'].Value[0] as string));
    if (mine.length === 1 && mine[0]?.state === 'done' && ours.length === 1) done++;
    else if (!mine.some((a) => FINAL.includes(a.state)) || (mine[0]?.state === 'done' && ours.length === 0))
      lost++;
    doubled += Math.max(0, mine.length - 1) + (results.length - ours.length);
  }
  return { done, failed, lost, doubled, attempts: analyses.reduce((sum, a) => sum + a.attempts, 0) };
}
