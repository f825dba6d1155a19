import { useState } from 'react';
import type { CaseFilter } from '../../../server/review/contract/worklist.ts';
import { DAYS, DISTANCES, daysSince, type FilterLine, saidOf, setCount, withFilter } from '../lib/filters.ts';
import { two } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly lines: readonly FilterLine[];
  readonly filter: CaseFilter;
  readonly now: number;
  readonly onChange: (filter: CaseFilter) => void;
}

const { filters: WORDS, worklist } = STRINGS;

/** One line a filter; open, it shows what it can be set to. */
export function FilterRail({ lines, filter, now, onChange }: Props) {
  const [open, setOpen] = useState<string>();
  const set = setCount(lines, filter);
  return (
    <>
      <h2>
        {set > 0 ? worklist.filtersSet(set) : worklist.filters}
        {set > 0 && (
          <button type="button" className="pel-btn is-quiet is-tiny" onClick={() => onChange({})}>
            {worklist.clear}
          </button>
        )}
      </h2>
      <div className="rev-filters">
        {lines.map((line) => {
          const said = saidOf(line, filter, now);
          const isOpen = open === line.id;
          return (
            <div key={line.id}>
              <button
                type="button"
                className="line"
                aria-expanded={isOpen}
                onClick={() => setOpen(isOpen ? undefined : line.id)}
              >
                <span>{line.name}</span>
                <span className={said ? 'set' : 'any'} title={said}>
                  {said ?? STRINGS.any}
                </span>
                <Icon name="down" />
              </button>
              {isOpen && <Editor line={line} filter={filter} now={now} onChange={onChange} />}
            </div>
          );
        })}
      </div>
    </>
  );
}

interface EditorProps {
  readonly line: FilterLine;
  readonly filter: CaseFilter;
  readonly now: number;
  readonly onChange: (filter: CaseFilter) => void;
}

function Editor({ line, filter, now, onChange }: EditorProps) {
  const { kind } = line;
  const put = (change: Parameters<typeof withFilter>[1]) => onChange(withFilter(filter, change));
  switch (kind.of) {
    case 'choices': {
      const set: readonly string[] = filter[kind.key] ?? [];
      if (kind.choices.length === 0) return <p className="edit pel-t3">{WORDS.nothing}</p>;
      return (
        <div className="edit">
          {kind.choices.map(({ value, name }) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={set.includes(value)}
                onChange={({ currentTarget: { checked } }) =>
                  put({ [kind.key]: checked ? [...set, value] : set.filter((v) => v !== value) })
                }
              />
              {name}
            </label>
          ))}
        </div>
      );
    }
    case 'yes-no':
      return (
        <OneOf
          name={line.id}
          now={filter[kind.key]}
          choices={[
            [undefined, STRINGS.any],
            [true, kind.words[0]],
            [false, kind.words[1]],
          ]}
          onChoose={(value) => put({ [kind.key]: value })}
        />
      );
    case 'range':
      return (
        <div className="edit is-range">
          {([kind.from, kind.to] as const).map((key, i) => (
            <label key={key}>
              {i === 0 ? WORDS.from : WORDS.to}
              <input
                className="pel-field"
                type="number"
                min={0}
                max={kind.max}
                step={kind.step}
                value={filter[key] ?? ''}
                onChange={({ currentTarget: { value } }) => {
                  const number = Number(value);
                  const isGood = value !== '' && number >= 0 && number <= kind.max;
                  if (value === '' || isGood) put({ [key]: isGood ? number : undefined });
                }}
              />
            </label>
          ))}
        </div>
      );
    case 'near':
      return (
        <OneOf
          name={line.id}
          now={filter.nearThreshold}
          choices={[[undefined, STRINGS.any], ...DISTANCES.map((d) => [d, WORDS.within(two(d))] as const)]}
          onChoose={(nearThreshold) => put({ nearThreshold })}
        />
      );
    case 'days':
      return (
        <OneOf
          name={line.id}
          now={filter.from === undefined ? undefined : daysSince(filter.from, now)}
          choices={[[undefined, STRINGS.any], ...DAYS.map((d) => [d, WORDS.days(d)] as const)]}
          onChoose={(days) =>
            put({
              from: days === undefined ? undefined : new Date(now - days * 86_400_000).toISOString(),
              to: undefined,
            })
          }
        />
      );
  }
}

interface OneOfProps<T> {
  readonly name: string;
  readonly now: T | undefined;
  readonly choices: readonly (readonly [value: T | undefined, name: string])[];
  readonly onChoose: (value: T | undefined) => void;
}

function OneOf<T extends string | number | boolean>({ name, now, choices, onChoose }: OneOfProps<T>) {
  return (
    <div className="edit" role="radiogroup" aria-label={name}>
      {choices.map(([value, words]) => (
        <label key={words}>
          <input type="radio" name={name} checked={value === now} onChange={() => onChoose(value)} />
          {words}
        </label>
      ))}
    </div>
  );
}
