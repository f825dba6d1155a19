import { score as format, measurement, probability } from '../lib/format.ts';
import type { Finding, Score } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { Said } from './said.tsx';
import { ScoreBar } from './score-bar.tsx';

interface Props {
  readonly finding: Finding;
  /** It is on no image that the viewer has. */
  readonly isPlaceMissing?: boolean;
  /** A check failed, or a person rejected it. */
  readonly isDoubtful: boolean;
}

/** The finding in one sentence, and its score; grey, and not called calibrated, where it is not to be relied on. */
export function FindingSummary({
  finding: { sentence, score, measurements, isPlacedIn3D, hasUndrawn },
  isPlaceMissing,
  isDoubtful,
}: Props) {
  // A code, like the method of them all, says less than a number.
  const measured = measurements.find(({ value }) => typeof value === 'number') ?? measurements[0];
  return (
    <section className="pel-sec pel-find" data-testid="pel-finding" aria-live="polite">
      <p className="say">
        <Said>{sentence}</Said>
      </p>
      {isPlacedIn3D && <p className="pel-t2">{STRINGS.placedIn3D}</p>}
      {hasUndrawn && <p className="pel-t2">{STRINGS.placeUndrawn}</p>}
      {isPlaceMissing && <p className="pel-t2">{STRINGS.placeMissing}</p>}
      {score && (
        <>
          <div className="val">
            {format(score.value)}
            <small>{isDoubtful ? STRINGS.check.relyOn : scaleOf(score)}</small>
          </div>
          <ScoreBar score={score} isGrey={isDoubtful} />
        </>
      )}
      {!score && measured && (
        <div className="val is-wide">
          {measurement(measured)}
          <small>{isDoubtful ? STRINGS.check.relyOn : measured.name}</small>
        </div>
      )}
    </section>
  );
}

/** What kind of number the score is, or the probability that belongs to it. */
function scaleOf({ calibrated, probability: share }: Score): string {
  if (share !== undefined) return STRINGS.probability(probability(share));
  return calibrated ? STRINGS.calibrated : STRINGS.uncalibrated;
}
