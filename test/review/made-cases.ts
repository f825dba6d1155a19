import { createHash } from 'node:crypto';
import type { Sql } from '../../server/shared/sql.ts';

/** A result as the worker's record has it; what is left out is a positive pneumonia at 0.8. */
export interface MadeCase {
  readonly study?: string;
  readonly series?: string;
  readonly model?: string;
  readonly version?: string;
  readonly findings?: readonly object[];
  readonly context?: object;
  readonly objects?: readonly object[];
  /** When it was done. */
  readonly at?: string;
}

export const PNEUMONIA = {
  label: 'Pneumonia',
  sentence: 'Pneumonia is likely.',
  score: 0.8,
  threshold: 0.5,
  positive: true,
};

let made = 0;

/** Finishes an analysis as the queue does; gives its id. */
export async function makeCase(sql: Sql, it: MadeCase = {}): Promise<string> {
  const n = ++made;
  const id = createHash('sha256').update(`made ${n}`).digest('hex').slice(0, 32);
  const { study = `1.2.${n}`, series = `1.2.${n}.1`, model = 'chest', version = '1.0.0' } = it;
  await sql.query(
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest,
        mode, state, created_at) values ($1, $2, $3, 'f', 1, '2026-11-25T12:00:00.000Z', $4, $5, 'd', 'clinical', 'storing', '2026-11-25T12:00:00.000Z')`,
    [id, study, series, model, version],
  );
  await sql.query(
    `update pellucid.analysis set state = 'done', findings = $2::jsonb, context = $3::jsonb, objects = $4::jsonb,
        updated_at = $5::timestamptz where id = $1`,
    [
      id,
      JSON.stringify(it.findings ?? [PNEUMONIA]),
      JSON.stringify(it.context ?? { inputs: {} }),
      JSON.stringify(
        it.objects ?? [
          { kind: 'SR', SOPInstanceUID: `1.9.${n}`, SeriesInstanceUID: `1.8.${n}`, SOPClassUID: '1' },
        ],
      ),
      it.at ?? '2026-11-25T12:00:05.000Z',
    ],
  );
  return id;
}
