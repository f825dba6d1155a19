import { z } from 'zod';
import type { Sql } from '../../shared/sql.ts';
import { csvOf } from './csv.ts';
import { parametersOf, SELECTED, type Selection } from './selection.ts';

/**
 * One row a result in the columns that a registry of AI results asks for (ACR Assess-AI's template: study, result, model, patient). What the archive
 * alone knows is asked of it; what nobody knows is empty. It holds names of patients' records: for who may have them.
 */
export const REGISTRY_COLUMNS = [
  'Patient ID',
  'Accession Number',
  'Study Instance UID',
  'Study Date',
  'Exam Name',
  'Modality',
  'Body Part',
  'Contrast',
  'Patient Age',
  'Patient Sex',
  'Patient Race',
  'Patient Ethnicity',
  'AI Manufacturer',
  'AI Model',
  'AI Software Version',
  'AI Platform',
  'AI Inference Date',
  'AI Finding',
  'AI Result Indicator',
  'AI Result',
  'AI Check Before Use',
  'Review Verdict',
  'Review Reasons',
  'Review Date',
  'Truth',
  'Truth Source',
] as const;

/** What the archive says of a study. */
export interface StudyFacts {
  readonly PatientID?: string;
  readonly AccessionNumber?: string;
  readonly StudyDate?: string;
  readonly StudyDescription?: string;
  readonly EthnicGroup?: string;
}

export interface Registry {
  readonly sql: Sql;
  /** Undefined when the archive no longer has the study. */
  readonly studyOf: (StudyInstanceUID: string) => Promise<StudyFacts | undefined>;
  /** Whose model it is, by its id and version. */
  readonly manufacturerOf: (model: string, version: string) => Promise<string | undefined>;
  readonly platform: string;
}

const Row = z.object({
  analysis: z.string(),
  n: z.number(),
  study: z.string(),
  version: z.string(),
  made_at: z.date(),
  /** The same to the microsecond. */
  place: z.string(),
  modality: z.string().nullable(),
  body_part: z.string().nullable(),
  age_years: z.number().nullable(),
  sex: z.string().nullable(),
  positive: z.boolean().nullable(),
  score: z.number().nullable(),
  sentence: z.string(),
  flagged: z.boolean(),
  verdict: z.string().nullable(),
  reasons: z.array(z.string()).nullable(),
  judged_at: z.date().nullable(),
  truth_present: z.boolean().nullable(),
  truth_source: z.string().nullable(),
});

type Row = z.infer<typeof Row>;

/** So many rows at a time are held in memory. */
const PAGE = 200;
/** So many studies are asked of the archive at once. */
const AT_ONCE = 8;

/** The table in pieces of CSV, in the order of the results. */
export async function* registryCsv(
  { sql, studyOf, manufacturerOf, platform }: Registry,
  selection: Selection,
): AsyncGenerator<string> {
  const { model, finding } = selection;
  yield csvOf([], REGISTRY_COLUMNS);
  for (let last: Row | undefined; ; ) {
    const rows: readonly Row[] = z.array(Row).parse(
      await sql.query(
        `select c.analysis, c.study, c.model_version as version, c.made_at, c.made_at::text as place, c.modality, c.body_part, c.age_years, c.sex, f.n,
          f.positive, f.score, f.sentence, f.flagged, v.verdict, v.reasons, v.at as judged_at, v.truth_present, v.truth_source
        ${SELECTED} and ($7::timestamptz is null or (c.made_at, c.analysis, f.n) > ($7::timestamptz, $8::text, $9::int))
        order by c.made_at, c.analysis, f.n limit ${PAGE}`,
        [...parametersOf(selection), last?.place ?? null, last?.analysis ?? null, last?.n ?? null],
      ),
    );
    const studies = await each([...new Set(rows.map(({ study }) => study))], studyOf);
    const makers = await each([...new Set(rows.map(({ version }) => version))], (version) =>
      manufacturerOf(model, version),
    );
    const lines = rows.map((row) => {
      const study = studies.get(row.study);
      return {
        'Patient ID': study?.PatientID,
        'Accession Number': study?.AccessionNumber,
        'Study Instance UID': row.study,
        'Study Date': study?.StudyDate,
        'Exam Name': study?.StudyDescription,
        Modality: row.modality,
        'Body Part': row.body_part,
        'Patient Age': row.age_years,
        'Patient Sex': row.sex,
        'Patient Ethnicity': study?.EthnicGroup,
        'AI Manufacturer': makers.get(row.version),
        'AI Model': model,
        'AI Software Version': row.version,
        'AI Platform': platform,
        'AI Inference Date': row.made_at.toISOString(),
        'AI Finding': finding,
        'AI Result Indicator': row.positive === null ? undefined : row.positive ? 'positive' : 'negative',
        'AI Result': row.score ?? row.sentence,
        'AI Check Before Use': row.flagged ? 'yes' : 'no',
        'Review Verdict': row.verdict,
        'Review Reasons': row.reasons?.join('; '),
        'Review Date': row.judged_at?.toISOString(),
        Truth: row.truth_present === null ? undefined : row.truth_present ? 'present' : 'absent',
        'Truth Source': row.truth_source,
      };
    });
    if (lines.length > 0) yield csvOf(lines, REGISTRY_COLUMNS, false);
    last = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

async function each<K, V>(keys: readonly K[], of: (key: K) => Promise<V>): Promise<ReadonlyMap<K, V>> {
  const found = new Map<K, V>();
  for (let i = 0; i < keys.length; i += AT_ONCE)
    await Promise.all(keys.slice(i, i + AT_ONCE).map(async (key) => found.set(key, await of(key))));
  return found;
}
