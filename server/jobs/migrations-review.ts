/**
 * The tables of the review of results. A row of `review_case` stands for one clinical result and holds what the worklist is filtered, ordered
 * and broken down by; it comes in the transaction that makes the analysis `done`, by whichever process. Times are those of the database.
 */
export const REVIEW_TABLES: readonly string[] = [
  `alter table pellucid.analysis add column context jsonb not null default '{}'`,
  `create table pellucid.review_case (
    analysis text primary key references pellucid.analysis (id),
    study text not null,
    series text not null,
    -- The report in the archive.
    report text,
    report_series text,
    -- For people: S-20418.
    name text not null,
    model_id text not null,
    model_version text not null,
    model_digest text not null,
    findings integer not null,
    -- The finding that stands for the result: the strongest that is present, else the strongest. Null without findings.
    headline integer,
    label text not null,
    sentence text not null,
    positive boolean,
    score double precision,
    threshold double precision,
    probability double precision,
    volume_ml double precision,
    value double precision,
    unit text,
    -- Of the headline's score from its threshold.
    distance double precision,
    flags jsonb not null,
    flagged boolean not null,
    modality text,
    body_part text,
    view text,
    manufacturer text,
    scanner text,
    site text,
    age_years integer,
    sex text,
    inputs jsonb not null,
    -- When it was visible in the archive, and how long after the last image had come.
    made_at timestamptz not null,
    visible_ms bigint not null,
    -- False once the series changed, and with it the result.
    current boolean not null default true,
    state text not null default 'unread',
    wanted integer not null default 1,
    signed integer not null default 0,
    blind boolean not null default true,
    -- When the plans were asked whether they take it, and whether one did or it was given to someone.
    sampled_at timestamptz,
    sampled boolean not null default false,
    -- When what counts was settled.
    judged_at timestamptz,
    -- Of this row, for those who wait for news.
    changed_at timestamptz not null default clock_timestamp(),
    urgency smallint not null generated always as (
      case when state = 'differ' then 0 when state in ('judged', 'waiting-for-archive') then 3 when flagged then 1 else 2 end
    ) stored,
    nearness double precision not null generated always as (coalesce(distance, 9)) stored
  )`,
  'create index review_case_urgent on pellucid.review_case (urgency, nearness, made_at, analysis) where current',
  `create index review_case_owed on pellucid.review_case (urgency, nearness, made_at, analysis)
    where current and sampled`,
  'create index review_case_near on pellucid.review_case (nearness, made_at, analysis) where current',
  'create index review_case_time on pellucid.review_case (made_at, analysis) where current',
  'create index review_case_recent on pellucid.review_case (model_id, made_at, analysis)',
  'create index review_case_model on pellucid.review_case (model_id, model_version, made_at)',
  'create index review_case_state on pellucid.review_case (state) where current',
  'create index review_case_new on pellucid.review_case (made_at) where sampled_at is null',
  'create index review_case_changed on pellucid.review_case (changed_at)',
  // For what the filters can be set to, too.
  'create index review_case_scanner on pellucid.review_case (scanner)',
  'create index review_case_site on pellucid.review_case (site)',
  'create index on pellucid.review_case (study)',
  'create index on pellucid.review_case (series)',
  'create index on pellucid.review_case (report)',
  // Of every finished analysis, so that one in shadow can be held against another: those have no case.
  `create table pellucid.review_finding (
    analysis text not null references pellucid.analysis (id),
    n integer not null,
    label text not null,
    sentence text not null,
    -- Of a segment: is there any of it?
    positive boolean,
    score double precision,
    threshold double precision,
    probability double precision,
    volume_ml double precision,
    value double precision,
    unit text,
    flagged boolean not null,
    primary key (analysis, n)
  )`,
  'create index on pellucid.review_finding (label, score)',
  // What a person signed; a row never changes but for the one that takes its place.
  `create table pellucid.review_reading (
    id text primary key,
    analysis text not null references pellucid.review_case (analysis),
    subject text not null,
    name text not null,
    role text not null,
    reading jsonb not null,
    at timestamptz not null,
    key uuid not null unique,
    amends text references pellucid.review_reading (id),
    amended_by text references pellucid.review_reading (id) deferrable initially deferred
  )`,
  'create index on pellucid.review_reading (analysis)',
  'create index on pellucid.review_reading (subject)',
  // One person speaks once: what is amended is out of the way.
  'create unique index review_reading_once on pellucid.review_reading (analysis, subject) where amended_by is null',
  // What counts in the end of each finding; kept in step with the readings.
  `create table pellucid.review_verdict (
    analysis text not null references pellucid.review_case (analysis),
    n integer not null,
    verdict text not null,
    reasons text[] not null,
    -- 1 to 5; the mean of those who said it.
    explanation double precision,
    truth_present boolean,
    truth_source text,
    truth_words text,
    at timestamptz not null,
    -- Who said it: of two who agree the first.
    subject text not null,
    name text not null,
    -- reader, both (two who agree) or arbiter
    role text not null,
    primary key (analysis, n)
  )`,
  'create index on pellucid.review_verdict (at)',
  // Verified reports that are owed to the archive or are in it: each is written once.
  `create table pellucid.review_report (
    id text primary key,
    analysis text not null references pellucid.review_case (analysis),
    readings text[] not null,
    -- What the document says, and of which document it is the successor.
    content jsonb not null,
    -- owed, unsure (withdrawn, but perhaps it is in the archive), withdrawn or stored
    state text not null,
    -- From the first try on.
    uid text,
    series text,
    fault jsonb,
    tries integer not null default 0,
    due timestamptz not null,
    made_at timestamptz not null,
    stored_at timestamptz
  )`,
  'create index on pellucid.review_report (analysis)',
  'create index on pellucid.review_report (uid)',
  `create index on pellucid.review_report (due) where state = 'owed'`,
  `create table pellucid.review_plan (
    id text primary key,
    name text not null,
    filter jsonb not null,
    share double precision not null,
    readers integer not null,
    blind boolean not null,
    is_on boolean not null,
    made_at timestamptz not null default clock_timestamp()
  )`,
  // What a site begins with; it changes, switches off or deletes them as it likes.
  `insert into pellucid.review_plan (id, name, filter, share, readers, blind, is_on) values
    ('flagged', 'Check before use', '{"flagged": true}', 1, 1, true, true),
    ('near-threshold', 'Within 0.1 of the threshold', '{"nearThreshold": 0.1}', 1, 1, true, true),
    ('negatives', '5 % of negatives', '{"positive": false}', 0.05, 1, true, true),
    ('positives', '1 in 20 positives', '{"positive": true}', 0.05, 1, true, true)`,
  `create table pellucid.review_sample (
    plan text not null references pellucid.review_plan (id) on delete cascade,
    analysis text not null references pellucid.review_case (analysis),
    at timestamptz not null default clock_timestamp(),
    primary key (plan, analysis)
  )`,
  'create index on pellucid.review_sample (analysis)',
  `create table pellucid.review_assignment (
    analysis text not null references pellucid.review_case (analysis),
    subject text not null,
    name text not null,
    by_subject text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (analysis, subject)
  )`,
  'create index on pellucid.review_assignment (subject)',
  `create table pellucid.review_view (
    id text primary key,
    owner text not null,
    name text not null,
    filter jsonb not null,
    sorted text not null,
    made_at timestamptz not null default clock_timestamp()
  )`,
  'create index on pellucid.review_view (owner)',
  `create table pellucid.review_draft (
    analysis text not null references pellucid.review_case (analysis),
    subject text not null,
    reading jsonb not null,
    at timestamptz not null default clock_timestamp(),
    primary key (analysis, subject)
  )`,
  `create table pellucid.review_incident (
    id text primary key,
    analysis text not null references pellucid.analysis (id),
    severity text not null,
    what text not null,
    done text,
    by_subject text not null,
    by_name text not null,
    at timestamptz not null default clock_timestamp(),
    closed_at timestamptz
  )`,
  'create index on pellucid.review_incident (analysis)',
  `create function pellucid.review_take(taken text) returns void language plpgsql as $$
    begin
      delete from pellucid.review_finding where analysis = taken;
      insert into pellucid.review_finding
        select a.id, f.n - 1, f.v ->> 'label', f.v ->> 'sentence',
          coalesce((f.v ->> 'positive')::boolean, (f.v ->> 'volumeMl')::double precision > 0),
          (f.v ->> 'score')::double precision, (f.v ->> 'threshold')::double precision,
          (f.v ->> 'probability')::double precision, (f.v ->> 'volumeMl')::double precision,
          (f.v ->> 'value')::double precision, f.v ->> 'unit', f.v ? 'checkBeforeUse'
        from pellucid.analysis a, jsonb_array_elements(a.findings) with ordinality f (v, n) where a.id = taken;
      insert into pellucid.review_case (analysis, study, series, report, report_series, name, model_id, model_version,
          model_digest, findings, headline, label, sentence, positive, score, threshold, probability, volume_ml, value, unit,
          distance, flags, flagged, modality, body_part, view, manufacturer, scanner, site, age_years, sex, inputs, made_at, visible_ms)
        select a.id, a.study, a.series, r.v ->> 'SOPInstanceUID', r.v ->> 'SeriesInstanceUID',
          'S-' || lpad(((('x' || substr(md5(a.study), 1, 7))::bit(28)::int) % 100000)::text, 5, '0'),
          a.model_id, coalesce(a.model_version, ''), coalesce(a.model_digest, ''), jsonb_array_length(a.findings),
          h.n, coalesce(h.label, ''), coalesce(h.sentence, ''), h.positive, h.score, h.threshold, h.probability, h.volume_ml,
          h.value, h.unit, abs(h.score - h.threshold), w.flags, jsonb_array_length(w.flags) > 0,
          a.context ->> 'modality', a.context ->> 'bodyPart', a.context ->> 'view', a.context ->> 'manufacturer',
          a.context ->> 'scanner', a.context ->> 'site', (a.context ->> 'ageYears')::int, a.context ->> 'sex',
          coalesce(a.context -> 'inputs', '{}'), a.updated_at,
          greatest(0, round(extract(epoch from a.updated_at - a.settled_at::timestamptz) * 1000))::bigint
        from pellucid.analysis a
        left join lateral (
          select * from pellucid.review_finding f where f.analysis = a.id
            order by coalesce(f.positive, false) desc, f.score desc nulls last, f.volume_ml desc nulls last, f.n limit 1
        ) h on true
        left join lateral (
          select o.v from jsonb_array_elements(a.objects) o (v) where o.v ->> 'kind' = 'SR' limit 1
        ) r on true
        cross join lateral (
          select coalesce(jsonb_agg(distinct c.words), '[]') as flags
          from jsonb_array_elements(a.findings) f (v), jsonb_array_elements(coalesce(f.v -> 'checkBeforeUse', '[]')) c (words)
        ) w
        where a.id = taken and a.mode = 'clinical' and a.model_id is not null
        on conflict (analysis) do update set current = true;
    end $$`,
  `create function pellucid.review_follow() returns trigger language plpgsql as $$
    begin
      if new.state = 'done' then perform pellucid.review_take(new.id);
      elsif new.state = 'superseded' then update pellucid.review_case set current = false where analysis = new.id;
      end if;
      return null;
    end $$`,
  `create trigger review_follow after update of state on pellucid.analysis
    for each row when (new.state is distinct from old.state) execute function pellucid.review_follow()`,
  `create function pellucid.review_changed() returns trigger language plpgsql as $$
    begin
      new.changed_at = clock_timestamp();
      return new;
    end $$`,
  `create trigger review_changed before update on pellucid.review_case
    for each row execute function pellucid.review_changed()`,
  // Results from before there was a review: also those that were done and then superseded.
  `select pellucid.review_take(id) from pellucid.analysis
    where state = 'done' or (state = 'superseded' and jsonb_array_length(findings) > 0)`,
  `update pellucid.review_case c set current = false from pellucid.analysis a where a.id = c.analysis and a.state <> 'done'`,
  // Plans take what comes from now on; of what was there an admin has them take it.
  'update pellucid.review_case set sampled_at = clock_timestamp()',
];
