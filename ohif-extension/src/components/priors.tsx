import { COMPARE } from '../hanging-protocol.ts';
import { useLate } from '../hooks/use-late.ts';
import type { Priors as Load } from '../hooks/use-priors.ts';
import { day, measurement, score, signed, volume } from '../lib/format.ts';
import type { Prior } from '../lib/priors.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { LookAgain } from './look-again.tsx';

interface Props {
  readonly study: string;
  /** The newest first. */
  readonly priors: readonly Prior[];
  readonly state: Load['state'];
  readonly again: () => void;
}

/** What earlier studies of the patient said of the same finding, and what changed; nothing where there is none. */
export function Priors({ study, priors, state, again }: Props) {
  const words = STRINGS.priors;
  const isLate = useLate(state === 'loading');
  const [newest] = priors;
  return (
    <>
      {state === 'failed' && (
        <p className="pel-sec pel-t2">
          {newest ? STRINGS.failures.priorsPart : words.failed} <LookAgain onClick={again} />
        </p>
      )}
      {isLate && (
        <p className="pel-sec pel-t2" role="status">
          {STRINGS.failures.priorsSlow}
        </p>
      )}
      {newest && <Known study={study} newest={newest} priors={priors} />}
    </>
  );
}

function Known({ study, newest, priors }: Pick<Props, 'study' | 'priors'> & { readonly newest: Prior }) {
  const words = STRINGS.priors;
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
      <a className="pel-btn is-quiet" href={besideOf(study, newest.StudyInstanceUID)}>
        {words.beside(day(newest.studiedAt))}
      </a>
    </section>
  );
}

function Row({ prior }: { prior: Prior }) {
  const { studiedAt, finding, change, otherVersion, isDoubtful, isCorrected } = prior;
  const words = STRINGS.priors;
  const said = [
    change !== undefined && words.change(changeIn(finding, change)),
    isDoubtful && words.doubtful,
    !isDoubtful && otherVersion !== undefined && words.otherVersion(otherVersion),
    isCorrected && words.corrected,
  ];
  return (
    <tr>
      <th scope="row" className="day">
        {day(studiedAt)}
      </th>
      <td className="pel-num">{amountOf(finding)}</td>
      <td>{said.filter(Boolean).join('; ')}</td>
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
