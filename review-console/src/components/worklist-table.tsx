import { useEffect, useRef } from 'react';
import type { CaseLine } from '../../../server/review/contract/worklist.ts';
import { useDesk } from '../desk.tsx';
import { addressOf } from '../lib/route.ts';
import { two, waits } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { HalfIcon, Icon, type IconName } from './icon.tsx';
import { MiniBar } from './mini-bar.tsx';

interface Props {
  readonly cases: readonly CaseLine[];
  readonly selected: number;
  readonly now: number;
  readonly onSelect: (index: number) => void;
  readonly onOpen: (index: number) => void;
}

const { worklist: WORDS } = STRINGS;

/** One result a row. The selected row has the focus of the keyboard; Enter or a click on its name opens it. */
export function WorklistTable({ cases, selected, now, onSelect, onOpen }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows are chosen is a grid
    <table className="pel-table rev-list" role="grid" aria-label={WORDS.title}>
      <thead>
        <tr>
          {Object.entries(WORDS.columns).map(([id, title]) => (
            <th key={id} scope="col" className={id === 'waits' ? 'pel-right' : ''}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cases.map((line, i) => (
          <Row
            key={line.analysis}
            line={line}
            now={now}
            isSelected={i === selected}
            onSelect={() => onSelect(i)}
            onOpen={() => onOpen(i)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly line: CaseLine;
  readonly now: number;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onOpen: () => void;
}

function Row({ line, now, isSelected, onSelect, onOpen }: RowProps) {
  const ref = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    // The focus follows the selection, but is never taken from a field.
    const { activeElement } = document;
    if (isSelected && (activeElement === document.body || activeElement?.closest('.rev-list')))
      ref.current?.focus();
  }, [isSelected]);
  const { headline, context, model } = line;
  return (
    <tr
      ref={ref}
      aria-selected={isSelected}
      tabIndex={isSelected ? 0 : -1}
      data-analysis={line.analysis}
      onClick={onSelect}
      onDoubleClick={onOpen}
    >
      <td>
        <Flags flags={line.flags} />
      </td>
      <td className="st">
        <Open line={line} onOpen={onOpen} />
      </td>
      <td className="fi" title={headline.sentence}>
        {headline.label}
        {line.findings > 1 && <span className="pel-t3"> {WORDS.others(line.findings - 1)}</span>}
      </td>
      <td>
        <Value headline={headline} />
      </td>
      <td className="mo" title={`${model.id} ${model.version}`}>
        <span className="in">
          <span className="cut">{model.id}</span>
          <span className="pel-t3">{model.version}</span>
        </span>
      </td>
      <td
        className="sn"
        title={[context.manufacturer, context.scanner, context.site].filter(Boolean).join(', ')}
      >
        {context.scanner ?? '–'} <span className="pel-t3">{context.site}</span>
      </td>
      <td>{[ageOf(context.ageYears), context.sex].filter(Boolean).join(' ') || '–'}</td>
      <td className="wy">
        <Sampled line={line} />
      </td>
      <td>
        <Readers line={line} />
      </td>
      <td className="pel-right">{waits(line.at, now)}</td>
    </tr>
  );
}

function Open({ line, onOpen }: { line: CaseLine; onOpen: () => void }) {
  return (
    <a
      href={addressOf({ page: 'case', analysis: line.analysis })}
      tabIndex={-1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        event.stopPropagation();
        onOpen();
      }}
    >
      {line.name}
    </a>
  );
}

function Flags({ flags }: { flags: readonly string[] }) {
  const [first, ...more] = flags;
  if (first === undefined)
    return (
      <span className="pel-t3">
        –<span className="pel-hidden">{WORDS.noFlag}</span>
      </span>
    );
  return (
    <span className="fl" title={flags.join('\n')}>
      <Icon name="warn" className="is-s" />
      <span className="cut">{first}</span>
      {more.length > 0 && <span>{WORDS.others(more.length)}</span>}
    </span>
  );
}

function Value({
  headline: { score, threshold, volumeMl, value, unit },
}: {
  headline: CaseLine['headline'];
}) {
  if (score !== undefined)
    return (
      <span className="sc">
        <MiniBar score={score} threshold={threshold} />
        <b>{two(score)}</b>
        {threshold !== undefined && <span className="pel-hidden">/ {two(threshold)}</span>}
      </span>
    );
  const amount = volumeMl ?? value;
  if (amount === undefined) return <span className="pel-t3">–</span>;
  return (
    <span className="sc">
      <b>
        {Number(amount.toPrecision(3))} {volumeMl === undefined ? (unit ?? '') : 'ml'}
      </b>
    </span>
  );
}

function Sampled({ line: { sampled } }: { line: CaseLine }) {
  const [first, ...more] = sampled;
  if (!first)
    return (
      <span className="pel-t3">
        –<span className="pel-hidden">{WORDS.notSampled}</span>
      </span>
    );
  return (
    <span className="in" title={sampled.map(({ name }) => name).join('\n')}>
      <Icon name={planIcon(first.name)} className="is-s" />
      <span className="cut">{first.name}</span>
      {more.length > 0 && <span>{WORDS.others(more.length)}</span>}
    </span>
  );
}

/** By what the plan's name says; a plan has no kind of its own. */
export const planIcon = (name: string): IconName =>
  /flag|check/i.test(name) ? 'flag' : /thresh|within/i.test(name) ? 'near' : 'dice';

function Readers({ line: { readers, state } }: { line: CaseLine }) {
  const { session } = useDesk();
  const names = readers.assigned.map(({ name }) => name);
  const assigned = names.length > 0 && (
    <span title={WORDS.assigned(names.join(', '))}>
      <Icon name="person" className={names.includes(session.name) ? 'is-s is-mine' : 'is-s'} />
      <span className="pel-hidden">{WORDS.assigned(names.join(', '))}</span>
    </span>
  );
  if (state === 'differ')
    return (
      <span className="rd differ">
        <Icon name="differ" className="is-s" />
        {WORDS.differ(readers.signed)}
        {assigned}
      </span>
    );
  if (state === 'judged' || state === 'waiting-for-archive')
    return (
      <span className="rd">
        <Icon name={state === 'judged' ? 'done' : 'warn'} className="is-s" />
        {state === 'judged' ? WORDS.judged : WORDS.waitingForArchive}
      </span>
    );
  return (
    <span className="rd">
      {readers.signed > 0 ? <HalfIcon /> : <Icon name="circle" className="is-s" />}
      {WORDS.readersOf(readers.signed, readers.wanted)}
      {readers.mine && <span className="pel-t3">{WORDS.mine}</span>}
      {readers.blind && readers.wanted > 1 && (
        <span title={WORDS.blind}>
          <Icon name="lock" className="is-s" />
          <span className="pel-hidden">{WORDS.blind}</span>
        </span>
      )}
      {assigned}
    </span>
  );
}

const ageOf = (years: number | undefined): string | undefined =>
  years === undefined ? undefined : years >= 90 ? WORDS.ageOver(90) : String(years);
