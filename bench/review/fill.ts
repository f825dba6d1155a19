import type { Sql } from '../../server/shared/sql.ts';

/** A hundred thousand finished results of two models over half a year, as the triggers and the readings would have left them; a fifth is judged, a tenth of that by two. */
export async function fill(sql: Pick<Sql, 'query'>, results: number): Promise<void> {
  const analysis = `lpad(to_hex(i), 32, '0')`;
  const from = 'from generate_series(1, $1::int) i';
  const model = `(case when i % 3 = 0 then 'head' else 'chest' end)`;
  const version = `(case when i > $1::int / 2 then '1.1.0' else '1.0.0' end)`;
  const at = `(timestamptz '2026-11-25' - interval '180 days' * (1 - i::float8 / $1::int))`;
  // Multiplying by the golden ratio spreads evenly, and is the same each time.
  const spread = (k: number): string => `((i * ${0.6180339887498949 + k})::numeric % 1)::float8`;
  const score = spread(0);
  const steps = [
    `insert into pellucid.analysis (id, study, series, fingerprint, instances, settled_at, model_id, model_version, model_digest, mode, state, created_at)
      select ${analysis}, '1.2.' || i, '1.3.' || i, 'f', 1, '', ${model}, ${version}, 'd', 'clinical', 'done', '' ${from}`,
    `insert into pellucid.review_case (analysis, study, series, name, model_id, model_version, model_digest, findings, headline, label, sentence,
        positive, score, threshold, distance, flags, flagged, scanner, site, age_years, sex, inputs, made_at, visible_ms, state, wanted, signed)
      select ${analysis}, '1.2.' || i, '1.3.' || i, 'S-' || lpad((i % 100000)::text, 5, '0'), ${model}, ${version}, 'd', 1, 0, 'Nodule', 'A sentence.',
        ${score} >= 0.5, ${score}, 0.5, abs(${score} - 0.5), '[]', i % 20 = 0, 'DR-' || chr(65 + i % 7), 'Site ' || i % 4, i % 90,
        (array['M', 'F'])[1 + i % 2], jsonb_build_object('pixelSpacing', 0.14 + 0.06 * ${spread(0.1)}, 'brightness', 900 * ${spread(0.2)},
          'contrast', 300 * ${spread(0.3)}, 'kvp', 60 + i % 60), ${at}, 10000 + i % 30000,
        case when i % 5 = 0 then 'judged' else 'unread' end, 1, case when i % 50 = 0 then 2 when i % 5 = 0 then 1 else 0 end ${from}`,
    `insert into pellucid.review_finding (analysis, n, label, sentence, positive, score, threshold, flagged)
      select ${analysis}, 0, 'Nodule', 'A sentence.', ${score} >= 0.5, ${score}, 0.5, i % 20 = 0 ${from}`,
    `insert into pellucid.review_reading (id, analysis, subject, name, role, reading, at, key)
      select ${analysis} || r, ${analysis}, 'reader-' || r, 'Reader ' || r, 'reader',
        jsonb_build_object('findings', jsonb_build_array(jsonb_build_object('finding', 0, 'reasons', '[]'::jsonb,
          'verdict', case when (i + 7 * r) % 11 = 0 then 'disagree' else 'agree' end))), ${at} + interval '1 hour', gen_random_uuid()
      ${from} cross join generate_series(1, 2) r where i % 5 = 0 and (r = 1 or i % 50 = 0)`,
    `insert into pellucid.review_verdict (analysis, n, verdict, reasons, explanation, truth_present, at, subject, name, role)
      select ${analysis}, 0, case when i % 11 = 0 then 'disagree' else 'agree' end,
        case when i % 11 = 0 then '{falsePositive}'::text[] else '{}' end, 1 + i % 5, i % 15 = 0, ${at} + interval '1 hour', 'reader-1', 'Reader 1', 'reader'
      ${from} where i % 5 = 0`,
    `insert into pellucid.review_sample (plan, analysis) select 'flagged', ${analysis} ${from} where i % 20 = 0`,
    `insert into pellucid.review_sample (plan, analysis) select 'negatives', ${analysis} ${from} where i % 37 = 0`,
    `update pellucid.review_case c set sampled = true, sampled_at = clock_timestamp()
      where $1::int > 0 and exists (select 1 from pellucid.review_sample s where s.analysis = c.analysis)`,
    'analyze',
  ];
  for (const [i, step] of steps.entries()) await sql.query(step, i < steps.length - 1 ? [results] : []);
}
