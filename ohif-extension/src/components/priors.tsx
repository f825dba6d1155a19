import type { Priors as Load } from '../hooks/use-priors.ts';
import { day, measurement, score, signed, volume } from '../lib/format.ts';
import { type Prior, priorsOf } from '../lib/priors.ts';
import type { Finding, Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly finding: Finding;
  readonly result: Result;
  readonly load: Load;
}

/** What earlier studies of the patient said of the same finding, and what changed; nothing where there is none. */
export function Priors({ finding, result, load }: Props) {
  const words = STRINGS.priors;
  if (load.state === 'loading') return null;
  if (load.state === 'failed') return <p className="pel-sec pel-t2">{words.failed}</p>;
  const priors = priorsOf(finding, result, load.sets);
  const [newest] = priors;
  if (!newest) return null;
  return (
    <section className="pel-sec pel-priors" aria-label={words.title} data-testid="pel-priors">
      <table className="pel-answers">
        <caption>{words.title}</caption>
        <tbody>
          {priors.map((prior) => (
            <Row key={prior.SOPInstanceUID} prior={prior} />
          ))}
        </tbody>
      </table>
      <a className="pel-btn is-quiet" href={besideOf(result.StudyInstanceUID, newest.StudyInstanceUID)}>
        {words.beside(day(newest.studiedAt))}
      </a>
    </section>
  );
}

function Row({ prior }: { prior: Prior }) {
  const { studiedAt, finding, change, otherVersion, isDoubtful } = prior;
  const words = STRINGS.priors;
  return (
    <tr>
      <th scope="row">{day(studiedAt)}</th>
      <td className="pel-num">{amountOf(finding)}</td>
      <td>
        {change !== undefined && words.change(changeIn(finding, change))}
        {isDoubtful && words.doubtful}
        {!isDoubtful && otherVersion !== undefined && words.otherVersion(otherVersion)}
      </td>
    </tr>
  );
}

function amountOf(finding: Finding): string {
  if (finding.score) return score(finding.score.value);
  if (finding.present === false) return STRINGS.notFound;
  if (finding.volumeMl !== undefined) return `${volume(finding.volumeMl)} ${STRINGS.ml}`;
  const first = finding.measurements.find(({ value }) => typeof value === 'number');
  return first ? measurement(first) : '';
}

const changeIn = (finding: Finding, change: number): string =>
  finding.score ? signed(change, 2) : `${signed(100 * change, 0)} %`;

/** Both studies in this viewer, side by side, at the address that it is at. */
function besideOf(now: string, before: string): string {
  const { pathname, search } = globalThis.location ?? { pathname: '', search: '' };
  const query = new URLSearchParams(search);
  query.set('StudyInstanceUIDs', `${now},${before}`);
  query.set('hangingprotocolid', COMPARE);
  return `${pathname}?${query}`;
}

/** OHIF's own protocol for two studies. */
const COMPARE = '@ohif/hpCompare';
