import type { FigureQuery, Figures } from '../../../server/review/contract/figures.ts';
import type { FilterValues } from '../../../server/review/contract/worklist.ts';
import { exportOf } from '../lib/api.ts';
import { weeksAgo } from '../lib/period.ts';
import { date, plain } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly query: FigureQuery;
  readonly values: FilterValues;
  readonly figures: Figures | undefined;
  readonly onChange: (change: { readonly [K in keyof FigureQuery]?: string | undefined }) => void;
}

const { figures: WORDS } = STRINGS;
const PERIODS = [4, 13, 26, 52] as const;

/** Of what the figures are, and where to take them. */
export function FigureBar({ query, values, figures, onChange }: Props) {
  const model = values.models.find(({ id }) => id === query.model);
  const weeks = PERIODS.find((w) => weeksAgo(w) === query.from);
  const days = figures ? Math.round((Date.parse(figures.to) - Date.parse(figures.from)) / 86_400_000) : 0;
  const period = WORDS.period(weeks ?? Math.max(1, Math.round(days / 7)));
  return (
    <div className="rev-fighd">
      <h1>
        {plain(query.model)}
        {figures && `, ${figures.finding.toLowerCase()}: ${WORDS.periodTo(period, date(figures.to))}`}
      </h1>
      <span className="pel-no-print choose">
        <Choose
          name={WORDS.model}
          value={query.model}
          choices={values.models.map(({ id }) => [id, plain(id)])}
          onChange={(id) => onChange({ model: id, version: undefined, finding: undefined })}
        />
        <Choose
          name={WORDS.finding}
          value={figures?.finding ?? query.finding ?? ''}
          choices={values.findings.map((name) => [name, name])}
          onChange={(finding) => onChange({ finding })}
        />
        <Choose
          name={WORDS.version}
          value={query.version ?? ''}
          choices={[['', WORDS.allVersions], ...(model?.versions ?? []).map((v) => [v, v] as const)]}
          onChange={(version) => onChange({ version })}
        />
        <Choose
          name={WORDS.site}
          value={query.site ?? ''}
          choices={[['', WORDS.allSites], ...values.sites.map((s) => [s, s] as const)]}
          onChange={(site) => onChange({ site })}
        />
        <Choose
          name={WORDS.periodLabel}
          value={String(weeks ?? '')}
          choices={[
            ...(weeks ? [] : [['', period] as const]),
            ...PERIODS.map((w) => [String(w), WORDS.period(w)] as const),
          ]}
          onChange={(w) => w && onChange({ from: weeksAgo(Number(w)), to: undefined })}
        />
        <a className="pel-btn" href={exportOf('figures.csv', query)} download>
          {WORDS.csv}
        </a>
        <a className="pel-btn" href={exportOf('registry.csv', query)} download>
          {WORDS.registry}
        </a>
        <a className="pel-btn is-main" href={exportOf('report.pdf', query)} download>
          <Icon name="print" className="is-s" />
          {WORDS.report}
        </a>
      </span>
    </div>
  );
}

interface ChooseProps {
  readonly name: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, name: string])[];
  readonly onChange: (value: string) => void;
}

const Choose = ({ name, value, choices, onChange }: ChooseProps) => (
  <label>
    <span className="pel-hidden">{name}</span>
    <select className="pel-field" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
      {choices.map(([id, words]) => (
        <option key={id} value={id}>
          {words}
        </option>
      ))}
    </select>
  </label>
);
