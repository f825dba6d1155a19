import { volume } from '../lib/format.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly findings: readonly Finding[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

/** Volumes of a segmentation; a row brings its structure into view. */
export const VolumeTable = ({ findings, selected, onSelect }: Props) => (
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
      {findings.map((finding, i) => (
        <tr
          key={finding.trackingUID || finding.label}
          aria-selected={i === selected}
          onClick={() => onSelect(i)}
        >
          <td>{finding.label}</td>
          <td className="pel-num">
            {finding.present === false || finding.volumeMl === undefined
              ? STRINGS.notFound
              : volume(finding.volumeMl)}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
