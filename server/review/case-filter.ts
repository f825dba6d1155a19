import type { CaseFilter } from './contract/worklist.ts';

/** A statement's parameters as it is built. */
export interface Values {
  readonly values: readonly unknown[];
  /** Adds one; gives its `$n`. */
  put(value: unknown): string;
}

export function statementValues(): Values {
  const values: unknown[] = [];
  return { values, put: (value) => `$${values.push(value)}` };
}

/** The filter as a condition on `pellucid.review_case c`, for the caller by subject. Values are parameters, never text of the statement. */
export function conditionOf(filter: CaseFilter, caller: string, { put }: Values): string {
  const any = (column: string, list: readonly string[] | undefined): readonly string[] =>
    list === undefined ? [] : [`${column} = any(${put(list)}::text[])`];
  const compared = (column: string, how: string, value: unknown, type: string): readonly string[] =>
    value === undefined ? [] : [`${column} ${how} ${put(value)}::${type}`];
  const scores = (f: string): readonly string[] => [
    ...compared(`${f}.positive`, '=', filter.positive, 'boolean'),
    ...compared(`${f}.score`, '>=', filter.scoreFrom, 'float8'),
    ...compared(`${f}.score`, '<=', filter.scoreTo, 'float8'),
  ];
  const near = filter.nearThreshold;
  const conditions = [
    'c.current',
    ...any('c.state', filter.state),
    ...any('c.model_id', filter.model),
    ...any('c.model_version', filter.version),
    ...(filter.finding
      ? [
          `exists (select 1 from pellucid.review_finding f where ${[
            'f.analysis = c.analysis',
            ...any('f.label', filter.finding),
            ...scores('f'),
            ...compared('abs(f.score - f.threshold)', '<=', near, 'float8'),
          ].join(' and ')})`,
        ]
      : [...scores('c'), ...compared('c.nearness', '<=', near, 'float8')]),
    ...any('c.scanner', filter.scanner),
    ...any('c.site', filter.site),
    ...compared('c.age_years', '>=', filter.ageFrom, 'int'),
    ...compared('c.age_years', '<=', filter.ageTo, 'int'),
    ...any(`coalesce(c.sex, 'unknown')`, filter.sex),
    ...compared('c.made_at', '>=', filter.from, 'timestamptz'),
    ...compared('c.made_at', '<=', filter.to, 'timestamptz'),
    ...compared('c.flagged', '=', filter.flagged, 'boolean'),
    ...(filter.plan
      ? [
          `exists (select 1 from pellucid.review_sample s where s.analysis = c.analysis and s.plan = any(${put(filter.plan)}::text[]))`,
        ]
      : []),
    ...(filter.sampled === undefined ? [] : [filter.sampled ? 'c.sampled' : 'not c.sampled']),
    ...(filter.mine === undefined
      ? []
      : [
          `${filter.mine ? '' : 'not '}exists (select 1 from pellucid.review_reading r
            where r.analysis = c.analysis and r.amended_by is null and r.subject = ${put(caller)})`,
        ]),
    ...(filter.reviewer ? [assignedTo(filter.reviewer, caller, put)] : []),
    ...(filter.search ? [found(filter.search, put)] : []),
  ];
  return conditions.join(' and ');
}

function assignedTo(reviewers: readonly string[], caller: string, put: Values['put']): string {
  const subjects = reviewers.filter((r) => r !== 'nobody').map((r) => (r === 'me' ? caller : r));
  const assigned = 'select 1 from pellucid.review_assignment a where a.analysis = c.analysis';
  const of = `exists (${assigned} and a.subject = any(${put(subjects)}::text[]))`;
  return reviewers.includes('nobody') ? `(${of} or not exists (${assigned}))` : of;
}

function found(words: string, put: Values['put']): string {
  const pattern = put(`%${words.replace(/[\\%_]/g, '\\$&')}%`);
  return `(c.name ilike ${pattern} or c.label ilike ${pattern} or c.study like ${pattern})`;
}
