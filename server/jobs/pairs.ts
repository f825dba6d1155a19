import { z } from 'zod';
import type { Sql } from './database.ts';
import { FindingSummary } from './protocol.ts';

/** What two versions of a model made of the same set of images. */
export interface Pair {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly a: Made;
  readonly b: Made;
}

export interface Made {
  readonly findings: readonly FindingSummary[];
  /** Inferring and explaining, ms; absent where they are not known. */
  readonly ms?: number;
}

export interface VersionKey {
  readonly id: string;
  readonly version: string;
}

const Work = z
  .object({ findings: z.array(FindingSummary), timings: z.record(z.string(), z.number()) })
  .transform(
    ({ findings, timings: { inferring, explaining } }): Made => ({
      findings,
      ...(inferring === undefined ? {} : { ms: inferring + (explaining ?? 0) }),
    }),
  );
const Row = z.object({ StudyInstanceUID: z.string(), SeriesInstanceUID: z.string(), a: Work, b: Work });

/** The newest sets of images that both are done with, in whatever mode. */
export async function pairsOf(
  sql: Sql,
  [a, b]: readonly [VersionKey, VersionKey],
  limit: number,
): Promise<readonly Pair[]> {
  const rows = await sql.query(
    `select a.study as "StudyInstanceUID", a.series as "SeriesInstanceUID",
        jsonb_build_object('findings', a.findings, 'timings', a.timings) as a,
        jsonb_build_object('findings', b.findings, 'timings', b.timings) as b
      from (select distinct on (series, fingerprint) * from pellucid.analysis
          where model_id = $1 and model_version = $2 and state = 'done' order by series, fingerprint, updated_at desc) a
      join (select distinct on (series, fingerprint) * from pellucid.analysis
          where model_id = $3 and model_version = $4 and state = 'done' order by series, fingerprint, updated_at desc) b
        on b.series = a.series and b.fingerprint = a.fingerprint
      order by greatest(a.updated_at, b.updated_at) desc limit $5`,
    [a.id, a.version, b.id, b.version, limit],
  );
  return z.array(Row).parse(rows);
}
