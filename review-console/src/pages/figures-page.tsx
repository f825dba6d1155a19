import { useMemo } from 'react';
import type { FigureQuery } from '../../../server/review/contract/figures.ts';
import { Acts } from '../components/acts.tsx';
import { Boundary } from '../components/boundary.tsx';
import { FigureBar } from '../components/figure-bar.tsx';
import { FigureSheet } from '../components/figure-sheet.tsx';
import { Failure, Notice } from '../components/notice.tsx';
import { useDesk } from '../desk.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { figures as askFigures, filterValues } from '../lib/api.ts';
import { weeksAgo } from '../lib/period.ts';
import { STRINGS } from '../strings.ts';

const { figures: WORDS } = STRINGS;
const WEEKS = 26;

/** How well a finding of a model does, and what can be done about it. */
export function FiguresPage({ query }: { query: Partial<FigureQuery> }) {
  const { go, said } = useDesk();
  const [values, valuesAgain] = useLoad(filterValues, []);
  const models = values.state === 'ready' ? values.value.models : undefined;
  const model = query.model ?? models?.[0]?.id;
  const asked = useMemo<FigureQuery | undefined>(
    () => (model ? { ...query, model, from: query.from ?? weeksAgo(WEEKS) } : undefined),
    [query, model],
  );
  const [load, again] = useLoad(
    async (signal) => (asked ? askFigures(asked, signal) : undefined),
    [JSON.stringify(asked)],
  );
  if (values.state === 'failed')
    return (
      <main className="rev-alone">
        <Failure fault={values.fault} again={valuesAgain} />
      </main>
    );
  if (models?.length === 0)
    return (
      <main className="rev-alone">
        <Notice kind="info" title={WORDS.noModel}>
          <p>{WORDS.noModelText}</p>
        </Notice>
      </main>
    );
  const figures = load.state === 'ready' ? load.value : undefined;
  return (
    <main className="rev-wrap">
      {asked && values.state === 'ready' && (
        <FigureBar
          query={asked}
          values={values.value}
          figures={figures}
          onChange={(change) => go({ page: 'figures', query: clean({ ...asked, ...change }) }, 'replace')}
        />
      )}
      {said && (
        <p className="pel-no-print pel-t2" role="status">
          {said}
        </p>
      )}
      {load.state === 'failed' && <Failure fault={load.fault} again={again} />}
      {figures ? (
        <>
          <FigureSheet figures={figures} />
          <Boundary>
            <Acts figures={figures} />
          </Boundary>
          <p className="rev-onlyprint">{WORDS.printed(new Date().toLocaleString(STRINGS.language))}</p>
        </>
      ) : (
        load.state !== 'failed' && <p className="pel-t2">{STRINGS.loading}</p>
      )}
    </main>
  );
}

type Change = { readonly [K in keyof FigureQuery]?: string | undefined };

const clean = (query: Change): Partial<FigureQuery> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''));
