import { score as format } from '../lib/format.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { failedOf } from './checks.tsx';
import { ScoreBar } from './score-bar.tsx';

/** The finding in one sentence, and its score; grey, and not called calibrated, where a check failed. */
export function FindingSummary({ finding: { sentence, score, checks } }: { finding: Finding }) {
  const isDoubtful = failedOf(checks).length > 0;
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
