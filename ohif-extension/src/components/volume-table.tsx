import { useState } from 'react';
import { volume } from '../lib/format.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly findings: readonly Finding[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  /** CSS colour of a segment's mask, by segment number; empty while the masks are not loaded. */
  readonly colours: ReadonlyMap<number, string>;
}

/** So many rows leave room for the explanation; the others are folded. */
const SHOWN = 6;

/** Volumes of a segmentation; a row brings its structure into view. */
export function VolumeTable({ findings, selected, onSelect, colours }: Props) {
  const [isOpen, setOpen] = useState(false);
  const isFolded = !isOpen && selected < SHOWN && findings.length > SHOWN + 1;
  return (
    <table className="pel-vols" aria-label={STRINGS.structure}>
      <thead>
        <tr>
          <th scope="col">
            {STRINGS.structure} <kbd>J</kbd> <kbd>K</kbd>
          </th>
          <th scope="col">{STRINGS.ml}</th>
        </tr>
      </thead>
      <tbody>
        {findings.slice(0, isFolded ? SHOWN : findings.length).map((finding, i) => (
          <tr
            key={finding.trackingUID || finding.label}
            aria-selected={i === selected}
            onClick={() => onSelect(i)}
          >
            <td>
              <span className="swatch" style={{ background: colours.get(finding.segment?.number ?? 0) }} />
              {finding.label}
            </td>
            <td className="pel-num">{amount(finding)}</td>
          </tr>
        ))}
        {isFolded && (
          <tr>
            <td colSpan={2}>
              <button type="button" className="pel-btn is-quiet" onClick={() => setOpen(true)}>
                {STRINGS.more(findings.length - SHOWN)}
              </button>
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

const amount = ({ present, volumeMl }: Finding): string =>
  present === false || volumeMl === undefined ? STRINGS.notFound : volume(volumeMl);
