import { Fault } from '../shared/fault.ts';
import type { Sql } from './database.ts';
import { REVIEW_TABLES } from './migrations-review.ts';

/** Each step once and in order, one statement an entry. A step that was released never changes: append. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table pellucid.analysis (
      id text primary key,
      study text not null,
      series text not null,
      fingerprint text not null,
      instances integer not null,
      settled_at text not null,
      model_id text,
      model_version text,
      model_digest text,
      state text not null,
      why text,
      reason text,
      fault jsonb,
      attempts integer not null default 0,
      tries jsonb not null default '{}',
      timings jsonb not null default '{}',
      findings jsonb not null default '[]',
      objects jsonb not null default '[]',
      created_at text not null,
      updated_at timestamptz not null default clock_timestamp()
    )`,
    'create index on pellucid.analysis (study)',
    'create index on pellucid.analysis (series)',
    'create index on pellucid.analysis (created_at)',
    `create table pellucid.own_series (
      uid text primary key,
      analysis text not null references pellucid.analysis (id)
    )`,
    'create table pellucid.listen_state (source text primary key, state jsonb not null)',
  ],
  [
    'alter table pellucid.analysis add column mode text, add column shadow text',
    `update pellucid.analysis set mode = 'clinical' where model_id is not null`,
  ],
  [
    `create table pellucid.audit (
      seq bigint primary key,
      at text not null,
      who text not null,
      who_name text not null,
      action text not null,
      study text,
      object text,
      outcome text not null,
      detail text,
      before text not null,
      hash text not null
    )`,
    'create index on pellucid.audit (at)',
    // The hash of the last entry that retention took away.
    'create table pellucid.audit_anchor (seq bigint primary key, hash text not null)',
    `create function pellucid.audit_append_only() returns trigger language plpgsql as $$
      begin
        if tg_op = 'DELETE' and current_setting('pellucid.audit_retention', true) = 'on' then return old; end if;
        raise exception 'the audit trail is append-only';
      end $$`,
    `create trigger audit_append_only before update or delete on pellucid.audit
      for each row execute function pellucid.audit_append_only()`,
    `create trigger audit_no_truncate before truncate on pellucid.audit
      for each statement execute function pellucid.audit_append_only()`,
  ],
  [
    `alter table pellucid.analysis add column priority text not null default 'normal', add column not_before timestamptz`,
    'create index on pellucid.analysis (state, updated_at)',
  ],
  [
    `create table pellucid.held (
      series text not null,
      rule text not null,
      study text not null,
      arrived jsonb not null,
      first_at timestamptz not null default clock_timestamp(),
      at timestamptz not null default clock_timestamp(),
      primary key (series, rule)
    )`,
    'create index on pellucid.held (study)',
  ],
  REVIEW_TABLES,
  [
    `create table pellucid.backfill (
      id text primary key,
      from_day text not null,
      to_day text not null,
      model text,
      per_minute integer not null,
      dry_run boolean not null,
      state text not null,
      says text not null default '',
      -- The day that is read, from the last to the first, and its studies that are done.
      day text,
      seen jsonb not null default '[]',
      counts jsonb not null,
      -- A server has it until then; one that died lets go.
      lease_by text,
      lease_until timestamptz not null default clock_timestamp(),
      created_at timestamptz not null default clock_timestamp(),
      updated_at timestamptz not null default clock_timestamp()
    )`,
    // Why an analysis that is queued is kept from the workers; null: it is not.
    'alter table pellucid.analysis add column parked text',
    `create index on pellucid.analysis (model_id) where parked is not null`,
  ],
  [
    `create table pellucid.workitem (
      uid text primary key,
      state text not null,
      lock text,
      dataset jsonb not null,
      model text,
      analyses jsonb not null default '[]',
      created_at timestamptz not null default clock_timestamp(),
      updated_at timestamptz not null default clock_timestamp()
    )`,
    'create index on pellucid.workitem (created_at)',
  ],
  // What happened to an analysis, the latest 200: each state as it began, each fault.
  [`alter table pellucid.analysis add column history jsonb not null default '[]'`],
  // What figures of a model's results are counted from, without their rows.
  [
    `create index review_case_counted on pellucid.review_case (model_id, made_at, analysis)
      include (label, findings, flagged, positive, current, visible_ms, model_version, site, scanner, age_years, sex)`,
    'create index review_case_several on pellucid.review_case (model_id, made_at) where findings <> 1',
  ],
  [
    // What goes to others without its identity: the images of a series, or the results of an analysis.
    `create table pellucid.copy (
      object text not null,
      target text not null,
      kind text not null,
      study text not null,
      series text not null,
      instances integer not null,
      fingerprint text not null,
      rule text not null,
      results boolean not null,
      state text not null,
      says text not null default '',
      fault jsonb,
      tries integer not null default 0,
      due timestamptz not null default clock_timestamp(),
      made_at timestamptz not null default clock_timestamp(),
      sent_at timestamptz,
      primary key (object, target)
    )`,
    'create index on pellucid.copy (study)',
    `create index on pellucid.copy (due) where state = 'owed'`,
  ],
  // What the operator decided of the models: one row.
  [
    `create table pellucid.model_decisions (
      one boolean primary key default true check (one),
      state jsonb not null
    )`,
  ],
  // The series that rules took of a whole study; of before, by the reasons of the analyses.
  [
    `create table pellucid.taken (
      study text not null,
      rule text not null,
      series text not null,
      primary key (study, rule, series)
    )`,
    `insert into pellucid.taken (study, rule, series)
      select distinct study, substring(why from '^rule ([a-z0-9-]+): '), series from pellucid.analysis
        where why ~ '^rule [a-z0-9-]+: .*; (the study is complete|at the deadline)' on conflict do nothing`,
  ],
  // Sessions of people that were ended before their time.
  ['create table pellucid.ended_session (id uuid primary key, expires timestamptz not null)'],
  // Of off-peak work: the hours of every day in which it may begin.
  ['alter table pellucid.analysis add column hours jsonb'],
  // Processes that take work, as they said last.
  [
    `create table pellucid.worker (
      id text primary key,
      host text not null,
      at_once integer not null,
      seen_at timestamptz not null default clock_timestamp()
    )`,
  ],
];

/** Any number fixed for ever: servers that start at once on one database migrate one after the other. */
const LOCK = 7_355_608;

/** How many steps there are. */
export const STEPS = MIGRATIONS.length;

/** Brings the tables up to date, or up to a step. Idempotent; all or nothing. Throws CONFIG_INVALID where a later version made them. */
export async function migrate(sql: Sql, upTo = STEPS): Promise<void> {
  await sql.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query('create schema if not exists pellucid');
    await tx.query(
      `create table if not exists pellucid.migration (
        step integer primary key,
        applied_at timestamptz not null default clock_timestamp()
      )`,
    );
    const applied = (await tx.query('select step from pellucid.migration')).length;
    // What it would not know, it would not keep.
    if (applied > STEPS)
      throw new Fault(
        'CONFIG_INVALID',
        `the tables are of a later version of Pellucid (step ${applied}, this one knows ${STEPS}): run that, or restore the back-up from before it`,
      );
    for (const [step, statements] of [...MIGRATIONS.entries()].slice(applied, upTo)) {
      for (const statement of statements) await tx.query(statement);
      await tx.query('insert into pellucid.migration (step) values ($1)', [step]);
    }
  });
}
