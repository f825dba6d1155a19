import { score as format } from '../lib/format.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { ScoreBar } from './score-bar.tsx';

interface Props {
  readonly finding: Finding;
  /** A check failed, or a person rejected it. */
  readonly isDoubtful: boolean;
}

/** The finding in one sentence, and its score; grey, and not called calibrated, where it is not to be relied on. */
export function FindingSummary({ finding: { sentence, score }, isDoubtful }: Props) {
  const scale = score?.calibrated ? STRINGS.calibrated : STRINGS.uncalibrated;
  return (
    <section className="pel-sec pel-find" data-testid="pel-finding">
      <p className="say">{sentence}</p>
      {score && (
        <>
          <div className="val">
            {format(score.value)}
            <small>{isDoubtful ? STRINGS.check.relyOn : scale}</small>
          </div>
          <ScoreBar score={score} isGrey={isDoubtful} />
        </>
      )}
    </section>
  );
}
