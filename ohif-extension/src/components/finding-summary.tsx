import { score as format } from '../lib/format.ts';
import type { Finding } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';
import { ScoreBar } from './score-bar.tsx';

/** The finding in one sentence, and its score. */
export const FindingSummary = ({ finding: { sentence, score } }: { finding: Finding }) => (
  <section className="pel-sec pel-find" data-testid="pel-finding">
    <p className="say">{sentence}</p>
    {score && (
      <>
        <div className="val">
          {format(score.value)}
          <small>{score.calibrated ? STRINGS.calibrated : STRINGS.uncalibrated}</small>
        </div>
        <ScoreBar score={score} />
      </>
    )}
  </section>
);
