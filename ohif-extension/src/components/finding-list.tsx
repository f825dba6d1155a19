import { useState } from 'react';
import { measurement, score, volume } from '../lib/format.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { MiniBar } from './mini-bar.tsx';
import { Said } from './said.tsx';

interface Props {
  readonly findings: readonly Finding[];
  /** Indices of findings as they are listed. */
  readonly order: readonly number[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  /** CSS colours of their masks; empty while the masks are not loaded. */
  readonly colours: ReadonlyMap<Finding, string>;
}

/** So many rows leave room for the explanation, also on a low screen; the others are folded. */
const SHOWN = 6;
const SHOWN_LOW = 3;
const LOW = 800;

/** All findings of a result with their number; a row brings its finding into view. */
export function FindingList({ findings, order, selected, onSelect, colours }: Props) {
  const [isOpen, setOpen] = useState(false);
  const most = (globalThis.innerHeight ?? LOW) < LOW ? SHOWN_LOW : SHOWN;
  const isFolded = !isOpen && order.length > most + 1;
  const first = order.slice(0, most);
  const folded = first.includes(selected) ? first : [...first.slice(0, -1), selected];
  const shown = isFolded ? folded : order;
  const isVolumes = findings.some((f) => f.volumeMl !== undefined);
  const isScores = findings.some((f) => f.score);
  return (
    <table className="pel-list">
      <caption className="pel-hidden">{STRINGS.findings}</caption>
      <thead>
        <tr>
          <th scope="col">
            {isVolumes ? STRINGS.structure : STRINGS.finding} <kbd>J</kbd> <kbd>K</kbd>
          </th>
          {isScores && <td />}
          <th scope="col">{isVolumes ? STRINGS.ml : isScores ? STRINGS.score : STRINGS.value}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((index) => {
          const finding = findings[index] as Finding;
          return (
            <tr key={index} className={index === selected ? 'is-selected' : ''}>
              <th scope="row">
                <button type="button" aria-pressed={index === selected} onClick={() => onSelect(index)}>
                  {finding.segment && (
                    <span className="swatch" style={{ background: colours.get(finding) }} />
                  )}
                  <Said>{finding.label}</Said>
                </button>
              </th>
              {isScores && <td className="bar">{finding.score && <MiniBar score={finding.score} />}</td>}
              <td className="pel-num">{amount(finding)}</td>
            </tr>
          );
        })}
        {isFolded && (
          <tr>
            <td colSpan={isScores ? 3 : 2}>
              <button type="button" className="pel-btn is-quiet" onClick={() => setOpen(true)}>
                {STRINGS.more(order.length - most)}
              </button>
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function amount(finding: Finding): string {
  if (finding.score) return score(finding.score.value);
  if (finding.volumeMl !== undefined)
    return finding.present === false ? STRINGS.notFound : volume(finding.volumeMl);
  const first = finding.measurements.find(({ value }) => typeof value === 'number');
  if (first) return measurement(first);
  return finding.present === false ? STRINGS.notFound : '';
}
