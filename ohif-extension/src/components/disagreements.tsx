import type { Disagreement } from '../lib/disagreement.ts';
import { score as format } from '../lib/format.ts';
import type { Score } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { MiniBar } from './mini-bar.tsx';
import { Notice } from './notice.tsx';

/** Each model's answer on the same axis. */
export const Disagreements = ({ found }: { found: readonly Disagreement[] }) =>
  found.map(({ label, answers }) => (
    <Notice key={label} kind="warn" title={STRINGS.disagree.title(label)}>
      <span>{STRINGS.disagree.text}</span>
      <table className="pel-answers">
        <tbody>
          {answers.map(({ model, finding }, i) => (
            <tr key={`${i} ${model.name}`}>
              <th scope="row">
                {model.name} {model.version}
              </th>
              <td>{finding.present ? STRINGS.disagree.yes : STRINGS.disagree.no}</td>
              <td>
                <MiniBar score={finding.score as Score} />
              </td>
              <td className="pel-num">{format((finding.score as Score).value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Notice>
  ));
