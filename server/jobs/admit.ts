import type { AnalysisState, ModelIdentity, Priority, RunMode, SeriesArrived } from '../contracts.ts';
import type { DayWindow } from '../shared/day-window.ts';
import { type Analysis, analysisId, before, COLUMNS, INTO_STATE, parseAnalyses } from './analysis.ts';
import type { Sql } from './database.ts';
import { take } from './held.ts';

/** Whether a model runs on an arrived series, and why or why not in one sentence. */
export interface ModelDecision {
  readonly model: Pick<ModelIdentity, 'id' | 'version' | 'digest'>;
  readonly run: boolean;
  readonly why: string;
  /** `normal` when it does not say. */
  readonly priority?: Priority;
  /** Of off-peak work: when it may begin. */
  readonly notBefore?: Date;
  /** And the hours of every day in which it may. */
  readonly hours?: DayWindow;
  /** The rule that took the series of a whole study. */
  readonly takenBy?: string;
  /** Why the result stays in the record; absent when it goes into the archive. */
  readonly shadow?: string;
}

/**
 * Records an arrival, within the caller's transaction: an analysis for each model that runs, else one skipped record with
 * the reasons. Records of other sets of the series' instances are superseded, and which rules took it of its study is kept. Returns the records
 * that changed: none when the same set was here before. `createdAt` is ISO 8601, UTC.
 */
export async function admit(
  tx: Sql,
  arrived: SeriesArrived,
  decisions: readonly ModelDecision[],
  createdAt: string,
): Promise<readonly Analysis[]> {
  const old = await tx.query(
    `update pellucid.analysis set ${INTO_STATE} where series = $1 and fingerprint <> $3 and state = any($4::text[])
      returning ${COLUMNS}`,
    [arrived.SeriesInstanceUID, 'superseded', arrived.fingerprint, before('superseded')],
  );
  const changed = [...old];
  for (const entry of entriesOf(decisions)) changed.push(...(await insert(tx, arrived, entry, createdAt)));
  await take(
    tx,
    arrived,
    decisions.flatMap(({ run, takenBy }) => (run && takenBy ? [takenBy] : [])),
  );
  return parseAnalyses(changed);
}

/** The id of the analysis that a decision to run admits. */
export const admittedId = (
  SeriesInstanceUID: string,
  fingerprint: string,
  { model: { digest }, shadow }: ModelDecision,
): string =>
  analysisId(SeriesInstanceUID, fingerprint, { digest, mode: shadow === undefined ? 'clinical' : 'shadow' });

interface Entry {
  readonly model: ModelDecision['model'] | undefined;
  readonly mode: RunMode | null;
  readonly shadow: string | null;
  readonly priority: Priority;
  readonly notBefore: Date | null;
  readonly hours: DayWindow | null;
  readonly state: AnalysisState;
  readonly why: string | null;
  readonly reason: string | null;
}

function entriesOf(decisions: readonly ModelDecision[]): readonly Entry[] {
  const running = decisions.filter((d) => d.run);
  if (running.length > 0)
    return running.map(
      ({ model, why, shadow = null, priority = 'normal', notBefore = null, hours = null }) => ({
        model,
        mode: shadow === null ? 'clinical' : 'shadow',
        shadow,
        priority,
        notBefore,
        hours,
        state: 'queued',
        why,
        reason: null,
      }),
    );
  const reason = decisions.map(({ model, why }) => `${model.id}: ${why}`).join('; ');
  const skipped = {
    model: undefined,
    mode: null,
    shadow: null,
    priority: 'normal',
    notBefore: null,
    hours: null,
    state: 'skipped',
    why: null,
  } as const;
  return [{ ...skipped, reason: reason || 'no model is installed' }];
}

/** No effect when the record is there; a superseded one is current again. */
const insert = (
  tx: Sql,
  arrived: SeriesArrived,
  { model, mode, shadow, priority, notBefore, hours, state, why, reason }: Entry,
  createdAt: string,
): Promise<readonly unknown[]> =>
  tx.query(
    `insert into pellucid.analysis as a (id, study, series, fingerprint, instances, settled_at, model_id,
        model_version, model_digest, mode, shadow, priority, not_before, state, why, reason, created_at, hours)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::jsonb)
      on conflict (id) do update set state = excluded.state, updated_at = clock_timestamp()
        where a.state = 'superseded'
      returning ${COLUMNS}`,
    [
      analysisId(arrived.SeriesInstanceUID, arrived.fingerprint, { digest: model?.digest, mode }),
      arrived.StudyInstanceUID,
      arrived.SeriesInstanceUID,
      arrived.fingerprint,
      arrived.instanceCount,
      arrived.settledAt,
      model?.id ?? null,
      model?.version ?? null,
      model?.digest ?? null,
      mode,
      shadow,
      priority,
      notBefore,
      state,
      why,
      reason,
      createdAt,
      hours && JSON.stringify(hours),
    ],
  );
