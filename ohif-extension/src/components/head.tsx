import { moment } from '../lib/format.ts';
import { otherVoices } from '../lib/other-voices.ts';
import type { Assessment, Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly result: Result;
  /** Of the finding that is shown, from 1. */
  readonly place: number;
  /** Whether a check of the finding that is shown failed. */
  readonly isDoubtful: boolean;
  /** What people said of it; the newest first. */
  readonly assessments: readonly Assessment[];
  /** Local, `2026-11-25T14:02:00`. */
  readonly now: string;
}

/** Which model, which version, when, and what people have said of it. */
export const Head = ({
  result: { model, createdAt, verified, origin, findings },
  place,
  isDoubtful,
  assessments,
  now,
}: Props) => {
  const [assessment] = assessments;
  return (
    <header className="pel-head">
      <h2>{[model.name, model.version].filter(Boolean).join(' ')}</h2>
      <Tag
        isVerified={verified || assessment !== undefined}
        assessment={assessment}
        isOther={origin === 'other'}
        isDoubtful={isDoubtful}
      />
      <p>{[STRINGS.findingOf(place, findings.length), moment(createdAt, now)].filter(Boolean).join(' · ')}</p>
      {assessment && (
        <p>{[assessment.person, assessment.reason, assessment.note].filter(Boolean).join(' · ')}</p>
      )}
      {otherVoices(assessments).map(({ verdict, person, reason, note }) => (
        <p key={person ?? ''}>
          <strong>{verdict}</strong> {[person, reason, note].filter(Boolean).join(' · ')}
        </p>
      ))}
    </header>
  );
};

interface TagProps {
  readonly isVerified: boolean;
  readonly assessment: Assessment | undefined;
  readonly isOther: boolean;
  readonly isDoubtful: boolean;
}

function Tag({ isVerified, assessment, isOther, isDoubtful }: TagProps) {
  if (assessment?.isRejected)
    return (
      <span className="pel-tag is-warn">
        <Icon name="cross" />
        {assessment.verdict}
      </span>
    );
  if (isDoubtful && !isVerified)
    return (
      <span className="pel-tag is-warn">
        <Icon name="stop" />
        {STRINGS.check.tag}
      </span>
    );
  if (isOther && !isVerified)
    return (
      <span className="pel-tag">
        <Icon name="box" />
        {STRINGS.other.tag}
      </span>
    );
  return (
    <span className={isVerified ? 'pel-tag is-ok' : 'pel-tag'}>
      <Icon name={isVerified ? 'check' : 'circle'} />
      {assessment?.verdict ?? (isVerified ? STRINGS.verified : STRINGS.unverified)}
    </span>
  );
}
