import { z } from 'zod';
import { type AnalysisState, PRIORITIES, type Priority, type SeriesArrived } from '../contracts.ts';
import type { StudyInstanceUID } from '../dicom/uid.ts';
import type { Fault } from '../shared/fault.ts';
import { admittedId, type ModelDecision } from './admit.ts';
import {
  type Analysis,
  before,
  COLUMNS,
  History,
  INTO_STATE,
  parseAnalyses,
  remembered,
  UNFINISHED,
} from './analysis.ts';
import type { Sql } from './database.ts';
import { type StoredObject, seriesOf, type WorkResult } from './protocol.ts';

export interface Filter {
  readonly StudyInstanceUID?: StudyInstanceUID | undefined;
  readonly states?: readonly AnalysisState[] | undefined;
  /** Only what is for readers of images: nothing that ran in shadow. */
  readonly forReaders?: boolean;
  readonly limit: number;
}

export type Analyses = ReturnType<typeof openAnalyses>;

/**
 * The records. Each change of state is checked in the database, so that no two processes disagree; where a change answers
 * false, the analysis was superseded and its work is called off. `onChange` is told of each.
 */
export function openAnalyses(sql: Sql, onChange: (analysis: Analysis) => void) {
  const update = async (on: Sql, set: string, values: readonly unknown[]): Promise<readonly Analysis[]> =>
    parseAnalyses(await on.query(`update pellucid.analysis set ${set} returning ${COLUMNS}`, values));
  const told = (changed: readonly Analysis[]): boolean => {
    for (const analysis of changed) onChange(analysis);
    return changed.length > 0;
  };

  return {
    async get(id: string): Promise<Analysis | undefined> {
      return parseAnalyses(
        await sql.query(`select ${COLUMNS} from pellucid.analysis where id = $1`, [id]),
      )[0];
    },

    /** Newest first. */
    async list({
      StudyInstanceUID,
      states,
      forReaders = false,
      limit,
    }: Filter): Promise<readonly Analysis[]> {
      return parseAnalyses(
        await sql.query(
          `select ${COLUMNS} from pellucid.analysis
            where ($1::text is null or study = $1) and ($2::text[] is null or state = any($2))
              and not ($3 and mode is not distinct from 'shadow')
            order by created_at desc, id limit $4`,
          [StudyInstanceUID ?? null, states ?? null, forReaders, limit],
        ),
      );
    },

    /** The studies of which something was decided last, the latest first. */
    async latestStudies(count: number): Promise<readonly string[]> {
      const rows = await sql.query(
        'select study from pellucid.analysis group by study order by max(created_at) desc, study limit $1',
        [count],
      );
      return z
        .array(z.object({ study: z.string() }))
        .parse(rows)
        .map(({ study }) => study);
    },

    /** Of models that are to run on a series, those of which no analysis is current. */
    async missing(
      { SeriesInstanceUID, fingerprint }: SeriesArrived,
      decisions: readonly ModelDecision[],
    ): Promise<readonly ModelDecision[]> {
      const ids = decisions.map((d) => admittedId(SeriesInstanceUID, fingerprint, d));
      const rows = await sql.query(
        `select id from pellucid.analysis where id = any($1::text[]) and state <> 'superseded'`,
        [ids],
      );
      const known = z.array(z.object({ id: z.string() })).parse(rows);
      return decisions.filter((_, i) => !known.some(({ id }) => id === ids[i]));
    },

    /** A worker takes it: counts the attempt. Undefined when no work is owed any more. */
    async claim(id: string): Promise<Analysis | undefined> {
      const claimed = await update(
        sql,
        `${INTO_STATE}, attempts = attempts + 1, parked = null where id = $1 and state = any($3::text[])`,
        [id, 'queued', UNFINISHED],
      );
      told(claimed);
      return claimed[0];
    },

    /** One that came to an end is owed again, as if it had never been tried. Undefined when it had not. */
    async reopen(
      tx: Sql,
      id: string,
      { from, priority }: { readonly from: readonly AnalysisState[]; readonly priority?: Priority },
    ): Promise<Analysis | undefined> {
      const [reopened] = await update(
        tx,
        `${INTO_STATE}, tries = '{}', fault = null, reason = null, priority = coalesce($4, priority), not_before = null, hours = null
          where id = $1 and state = any($3::text[])`,
        [id, 'queued', from, priority ?? null],
      );
      return reopened;
    },

    /** What happened to each of these, by id. */
    async histories(ids: readonly string[]): Promise<ReadonlyMap<string, History>> {
      const rows = await sql.query('select id, history from pellucid.analysis where id = any($1::text[])', [
        ids,
      ]);
      return new Map(
        z
          .array(z.object({ id: z.string(), history: History }))
          .parse(rows)
          .map(({ id, history }) => [id, history]),
      );
    },

    async failedBy(code: string): Promise<readonly string[]> {
      const rows = await sql.query(
        `select id from pellucid.analysis where state = 'failed' and fault ->> 'code' = $1 order by created_at`,
        [code],
      );
      return z
        .array(z.object({ id: z.string() }))
        .parse(rows)
        .map(({ id }) => id);
    },

    /** A queued one is wanted sooner. Undefined when it is not queued, or is wanted as soon already. */
    async hasten(tx: Sql, id: string, priority: Priority): Promise<Analysis | undefined> {
      const later = PRIORITIES.slice(PRIORITIES.indexOf(priority) + 1);
      const [hastened] = await update(
        tx,
        `priority = $2, not_before = null, hours = null where id = $1 and state = 'queued' and priority = any($3::text[])`,
        [id, priority, later],
      );
      return hastened;
    },

    /** It may begin at another hour only. Undefined when no work is owed any more. */
    async setBack(tx: Sql, id: string, notBefore: Date): Promise<Analysis | undefined> {
      const [later] = await update(
        tx,
        `${INTO_STATE}, not_before = $3 where id = $1 and state = any($4::text[])`,
        [id, 'queued', notBefore, UNFINISHED],
      );
      return later;
    },

    /** Nobody wants it any more, for the reason. Undefined when it is done, or its objects are being stored. */
    async cancel(id: string, reason: string): Promise<Analysis | undefined> {
      const cancelled = await update(
        sql,
        `${INTO_STATE}, reason = $4, parked = null where id = $1 and state = any($3::text[])`,
        [id, 'cancelled', before('cancelled'), reason],
      );
      told(cancelled);
      return cancelled[0];
    },

    /** The same of all that failed by one fault; how many. */
    async leaveAll(code: string, reason: string): Promise<number> {
      const left = await update(
        sql,
        `${INTO_STATE}, reason = $3 where state = 'failed' and fault ->> 'code' = $1`,
        [code, 'cancelled', reason],
      );
      told(left);
      return left.length;
    },

    /** Keeps one from the workers, for the reason. */
    async park(id: string, reason: string): Promise<void> {
      told(
        await update(sql, `${INTO_STATE}, parked = $4 where id = $1 and state = any($3::text[])`, [
          id,
          'queued',
          UNFINISHED,
          reason,
        ]),
      );
    },

    async parked(): Promise<readonly Analysis[]> {
      return parseAnalyses(
        await sql.query(
          `select ${COLUMNS} from pellucid.analysis where parked is not null and state = 'queued' order by created_at limit 10000`,
        ),
      );
    },

    /** Undefined when another process was first, or it was cancelled. */
    async unpark(tx: Sql, id: string): Promise<Analysis | undefined> {
      const [free] = await update(
        tx,
        `parked = null where id = $1 and parked is not null and state = 'queued'`,
        [id],
      );
      return free;
    },

    async advance(id: string, state: AnalysisState): Promise<boolean> {
      return told(
        await update(sql, `${INTO_STATE} where id = $1 and state = any($3::text[])`, [
          id,
          state,
          before(state),
        ]),
      );
    },

    /** Records what is about to be stored, and its series as ours. False also for what runs in shadow. */
    async announce(id: string, objects: readonly StoredObject[]): Promise<boolean> {
      const changed = await sql.transaction(async (tx) => {
        const announced = await update(
          tx,
          `objects = $2::jsonb where id = $1 and state = 'storing' and mode = 'clinical'`,
          [id, JSON.stringify(objects)],
        );
        if (announced.length > 0)
          await tx.query(
            'insert into pellucid.own_series (uid, analysis) select unnest($2::text[]), $1 on conflict do nothing',
            [id, seriesOf(objects)],
          );
        return announced;
      });
      return told(changed);
    },

    /** Work that ended well. */
    async finish(id: string, { findings, objects, context, timings }: WorkResult): Promise<boolean> {
      return told(
        await update(
          sql,
          `${INTO_STATE} || $3::jsonb, fault = null, findings = $4::jsonb, objects = $5::jsonb,
            context = $6::jsonb where id = $1 and state = any($7::text[])`,
          [
            id,
            'done',
            JSON.stringify(timings),
            JSON.stringify(findings),
            JSON.stringify(objects),
            JSON.stringify(context),
            before('done'),
          ],
        ),
      );
    },

    /** Counts a fault. Returns how often this code has come, or 0 when no work is owed any more. */
    async countFault(id: string, { code, detail, spec }: Fault): Promise<number> {
      const [row] = await sql.query(
        `update pellucid.analysis set fault = $3::jsonb, history = ${remembered(`'fault', $2::text, 'detail', $5::text`)},
            tries = jsonb_set(tries, array[$2::text], to_jsonb(coalesce((tries ->> $2::text)::int, 0) + 1))
          where id = $1 and state = any($4::text[]) returning (tries ->> $2::text)::int as tries`,
        [id, code, JSON.stringify({ code, detail, action: spec.action }), UNFINISHED, detail],
      );
      return row === undefined ? 0 : z.object({ tries: z.number() }).parse(row).tries;
    },

    async isOwnSeries(uid: string): Promise<boolean> {
      return (await sql.query('select 1 from pellucid.own_series where uid = $1', [uid])).length > 0;
    },
  };
}
