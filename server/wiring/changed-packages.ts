import { OURSELVES } from '../audit/entry.ts';
import type { Recorder } from '../audit/recorder.ts';
import { type Installed, keyOf } from '../models/installed.ts';
import { log } from '../shared/log.ts';
import type { Sql } from '../shared/sql.ts';

/**
 * Tells, in the log and in the audit trail, of each version whose files are not those that its last result came from: a package that was
 * exchanged under the same number looks like the one before.
 */
export async function noteChangedPackages(
  models: readonly Pick<Installed, 'identity' | 'mode'>[],
  { sql, recorder }: { readonly sql: Pick<Sql, 'query'>; readonly recorder: Pick<Recorder, 'note'> },
): Promise<void> {
  for (const { identity, mode } of models) {
    const { id, version, digest } = identity;
    const [last] = (await sql.query(
      `select model_digest as digest from pellucid.analysis where model_id = $1 and model_version = $2 and state = 'done'
        order by created_at desc limit 1`,
      [id, version],
    )) as readonly { readonly digest: string }[];
    if (!last || last.digest === digest) continue;
    log.warn(
      { model: id, version, mode, before: last.digest, now: digest },
      'the files of this version are not those that its last result came from; a change needs another version',
    );
    recorder.note({
      ...OURSELVES,
      action: 'model-changed',
      object: id,
      outcome: 'done',
      detail: `the files of ${keyOf(identity)} are not those that its last result came from`,
    });
  }
}
