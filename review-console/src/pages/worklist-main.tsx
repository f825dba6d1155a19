import { type RefObject, useEffect, useRef, useState } from 'react';
import type { CaseQuery, PlanState, ViewState } from '../../../server/review/contract/worklist.ts';
import { Icon } from '../components/icon.tsx';
import { KeyBar } from '../components/keys-help.tsx';
import { NothingListed } from '../components/nothing-listed.tsx';
import { Failure } from '../components/notice.tsx';
import { PlanBar } from '../components/plan-bar.tsx';
import { WorklistTable } from '../components/worklist-table.tsx';
import { useDesk } from '../desk.tsx';
import { useCaseEvents } from '../hooks/use-case-events.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { asFault } from '../hooks/use-load.ts';
import { useWorklist } from '../hooks/use-worklist.ts';
import { assign } from '../lib/api.ts';
import { withFilter } from '../lib/filters.ts';
import { keepQueue, keptQueue } from '../lib/queue.ts';
import type { Own } from '../lib/route.ts';
import { count } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly set: Own;
  readonly title: string;
  /** Whether `set` is a saved view's, as it was saved. */
  readonly isView: boolean;
  /** Other views that hold something. */
  readonly elsewhere: readonly ViewState[];
  readonly plans: readonly PlanState[];
  readonly now: number;
  readonly onChange: (change: Partial<Own>) => void;
  readonly onEdit: (what: PlanState | 'new' | 'view') => void;
  /** Something has changed on the server. */
  readonly onNews: () => void;
}

const { worklist: WORDS } = STRINGS;
const KEYS = [
  ['J K', WORDS.keys.move],
  ['↵', WORDS.keys.open],
  ['O', WORDS.keys.ohif],
  ['S', WORDS.keys.assign],
  ['F', WORDS.keys.filter],
  ['/', WORDS.keys.search],
  ['1–9', WORDS.keys.view],
] as const;
/** The server counts no further. */
const COUNTED = 10_000;
const SEARCH_MS = 300;

/** The list that the filters give. */
export function WorklistMain({ set, title, isView, elsewhere, plans, now, onChange, onEdit, onNews }: Props) {
  const { session, go, say, said } = useDesk();
  const { load, again, more } = useWorklist(set.filter, set.order);
  const cases = load.state === 'ready' ? load.value.cases : [];
  const [current, setCurrent] = useState(() => keptQueue()?.last);
  const selected = Math.max(
    0,
    cases.findIndex(({ analysis }) => analysis === current),
  );
  const line = cases[selected];
  const search = useRef<HTMLInputElement>(null);
  useCaseEvents(() => {
    again();
    onNews();
  });

  const select = (at: number) => setCurrent(cases[Math.min(cases.length - 1, Math.max(0, at))]?.analysis);
  const open = (at: number) => {
    const chosen = cases[at];
    if (!chosen || load.state !== 'ready') return;
    keepQueue({
      cases: cases.map(({ analysis, name }) => ({ analysis, name })),
      total: load.value.total,
      from: location.pathname + location.search,
      last: chosen.analysis,
    });
    go({ page: 'case', analysis: chosen.analysis });
  };
  const takeOrGive = async () => {
    if (!line) return;
    const isMine = line.readers.assigned.some(({ subject }) => subject === session.subject);
    try {
      await assign(line.analysis, !isMine);
      say((isMine ? WORDS.givenBack : WORDS.assignedToMe)(line.name));
      again();
    } catch (error) {
      say(asFault(error).message);
    }
  };
  useKeys({
    j: () => select(selected + 1),
    k: () => select(selected - 1),
    ArrowDown: () => select(selected + 1),
    ArrowUp: () => select(selected - 1),
    Home: () => select(0),
    End: () => select(cases.length - 1),
    Enter: () => open(selected),
    o: () => line && window.open(`/viewer?StudyInstanceUIDs=${line.StudyInstanceUID}`, '_blank', 'noopener'),
    s: () => void takeOrGive(),
    f: () => document.querySelector<HTMLElement>('.rev-filters button')?.focus(),
    '/': () => search.current?.focus(),
  });

  const order = WORDS.orders[set.order];
  return (
    <>
      <main className="rev-main">
        <div className="rev-hd">
          <h1>{title}</h1>
          <span className="pel-t2">
            {load.state === 'ready' &&
              (load.value.total === 1
                ? WORDS.oneResult(order)
                : WORDS.results(total(load.value.total), order))}
          </span>
          <span className="sp" />
          <label className="order">
            <span className="pel-hidden">{WORDS.order}</span>
            <select
              className="pel-field"
              value={set.order}
              onChange={(e) => onChange({ order: e.currentTarget.value as CaseQuery['order'] })}
            >
              {Object.entries(WORDS.orders).map(([id, words]) => (
                <option key={id} value={id}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <Search
            field={search}
            value={set.filter.search ?? ''}
            onChange={(words) => onChange({ filter: withFilter(set.filter, { search: words || undefined }) })}
          />
          <button type="button" className="pel-btn" onClick={() => onEdit('view')}>
            {WORDS.saveView}
          </button>
          <button
            type="button"
            className="pel-btn is-main"
            disabled={cases.length === 0}
            onClick={() => open(selected)}
          >
            {WORDS.start} <kbd>↵</kbd>
          </button>
        </div>
        <PlanBar
          plans={plans}
          chosen={set.filter.plan ?? []}
          mayEdit={session.role === 'admin'}
          onEdit={onEdit}
          onChoose={(id) => {
            const chosen = set.filter.plan ?? [];
            const plan = chosen.includes(id) ? chosen.filter((p) => p !== id) : [...chosen, id];
            onChange({ filter: withFilter(set.filter, { plan }) });
          }}
        />
        <div className="rev-tw">
          {load.state === 'loading' && <p className="rev-empty pel-t2">{STRINGS.loading}</p>}
          {load.state === 'failed' && <Failure fault={load.fault} again={again} />}
          {load.state === 'ready' && load.fault && <Failure fault={load.fault} again={again} />}
          {load.state === 'ready' && cases.length === 0 && (
            <NothingListed isView={isView} elsewhere={elsewhere} />
          )}
          {cases.length > 0 && (
            <WorklistTable cases={cases} selected={selected} now={now} onSelect={select} onOpen={open} />
          )}
          {load.state === 'ready' && load.value.hasMore && (
            <button type="button" className="pel-btn rev-more" onClick={more}>
              {WORDS.showMore}
            </button>
          )}
        </div>
      </main>
      <KeyBar keys={KEYS}>
        {said ??
          (load.state === 'ready' &&
            WORDS.shown(
              count(cases.length),
              total(load.value.total),
              new Date(load.value.at).toTimeString().slice(0, 5),
            ))}
      </KeyBar>
    </>
  );
}

const total = (value: number): string =>
  value >= COUNTED ? `${WORDS.more} ${count(COUNTED)}` : count(value);

interface SearchProps {
  readonly field: RefObject<HTMLInputElement>;
  readonly value: string;
  readonly onChange: (words: string) => void;
}

/** Asks when the reader rests. */
function Search({ field, value, onChange }: SearchProps) {
  const [words, setWords] = useState(value);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => setWords(value), [value]);
  useEffect(() => {
    if (words === value) return;
    const timer = setTimeout(() => change.current(words.trim()), SEARCH_MS);
    return () => clearTimeout(timer);
  }, [words, value]);
  return (
    <label className="rev-find">
      <Icon name="search" className="is-s" />
      <span className="pel-hidden">{WORDS.search}</span>
      <input
        ref={field}
        className="pel-field"
        type="search"
        maxLength={100}
        placeholder={WORDS.searchHint}
        value={words}
        onChange={(e) => setWords(e.currentTarget.value)}
      />
    </label>
  );
}
