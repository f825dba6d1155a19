import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Role } from '../../server/access/identity.ts';
import { contextOf } from '../../server/case-context.ts';
import { encode, type Results } from '../../server/encode/index.ts';
import { allStable } from '../helpers/archive.ts';
import { startOrthanc, type TestOrthanc } from '../helpers/orthanc.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { type TestServer, testServer } from '../helpers/server.ts';
import { MARKED, type Marked, sendMarked } from './made-markers.ts';
import { type Ask, askAs, keysFor } from './review-people.ts';

export interface ReviewApi {
  readonly orthanc: TestOrthanc;
  readonly server: TestServer;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  readonly ask: Ask;
  close(): Promise<void>;
}

/** A result that a worker left: its marked series (made-markers.ts), and what the model is called. */
export interface MadeResult {
  readonly name: string;
  readonly kind: Marked['modality'];
  readonly model: string;
}

export const analysisOf = (name: string): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 32);

const AT = '2026-11-25T12:00:00.000Z';

/** The real server by its API, on a real archive and a real PostgreSQL, with people who are logged in and results to review. */
export async function startReviewApi(
  people: Readonly<Record<string, Role>>,
  results: readonly MadeResult[],
): Promise<ReviewApi> {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-review-api-'));
  const file = join(folder, 'keys.yaml');
  const keys = keysFor(file, people);
  const [orthanc, postgres] = await Promise.all([startOrthanc(), startPostgres()]);
  const server = await testServer(folder, {
    ORTHANC_URL: orthanc.url,
    START: 'now',
    DATABASE_URL: postgres.url,
    ACCESS_KEYS: file,
    MODEL_PATH: folder,
    ASSESSMENT_ORGANIZATION: 'Sample Hospital',
  });
  // Before the server starts: it leaves the past of the archive alone.
  const made = new Map<MadeResult, Results>();
  for (const result of results)
    await sendMarked({ url: orthanc.url }, { ...MARKED[result.kind], name: result.name }, (it) => {
      made.set(result, it);
      return it;
    });
  await allStable({ url: orthanc.url });
  await server.start();
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const sql: ReviewApi['sql'] = async (text, values = []) => (await client.query(text, [...values])).rows;
  for (const [result, it] of made) await record(sql, result, it);

  return {
    orthanc,
    server,
    sql,
    ask: askAs(server.url, keys),
    close: async () => {
      await client.end();
      await server.stop();
      await Promise.all([postgres.remove(), orthanc.remove()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As the queue and its worker leave it. In one piece: the server takes up what it finds unfinished when it starts. */
async function record(sql: ReviewApi['sql'], { name, model }: MadeResult, made: Results): Promise<void> {
  const { StudyInstanceUID, SeriesInstanceUID, instanceCount } = made.job.arrived;
  await sql('begin');
  await sql(
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest,
        mode, state, created_at) values ($1, $2, $3, 'f', $4, $5, $6, '1.2.3', 'd', 'clinical', 'storing', $5)`,
    [analysisOf(name), StudyInstanceUID, SeriesInstanceUID, instanceCount, AT, model],
  );
  const findings = made.prediction.findings.map((finding, i) => ({
    label: finding.label.label,
    sentence: made.explanation.findings[i]?.sentence ?? '',
    ...(finding.kind === 'classification'
      ? { score: finding.score, threshold: finding.threshold, positive: finding.positive }
      : { volumeMl: finding.kind === 'segment' ? finding.volumeMm3 / 1000 : 0 }),
  }));
  const objects = encode(made).map((o) => ({
    kind: o.kind,
    SOPInstanceUID: o.SOPInstanceUID,
    SeriesInstanceUID: o.SeriesInstanceUID,
    SOPClassUID: o.SOPClassUID,
  }));
  await sql(
    `update pellucid.analysis set state = 'done', findings = $2::jsonb, context = $3::jsonb, objects = $4::jsonb, updated_at = now()
      where id = $1`,
    [
      analysisOf(name),
      JSON.stringify(findings),
      JSON.stringify(contextOf(made.volume)),
      JSON.stringify(objects),
    ],
  );
  await sql('commit');
}
