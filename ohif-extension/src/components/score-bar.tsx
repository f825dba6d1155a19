import { score as format } from '../lib/format.ts';
import type { Score } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

const WIDTH = 264;
const LEFT = 1;
const TRACK = WIDTH - 2 * LEFT;
const x = (value: number): number => LEFT + TRACK * Math.min(1, Math.max(0, value));

/** The score as an instrument: the notch is the threshold, the diamond the score; grey below the threshold, and where a check failed. */
export function ScoreBar({
  score: { value, threshold },
  isGrey = false,
}: {
  score: Score;
  isGrey?: boolean;
}) {
  const isAbove = threshold === undefined || value >= threshold;
  const limit = threshold === undefined ? undefined : format(threshold);
  return (
    <svg
      className="pel-bar"
      viewBox={`0 0 ${WIDTH} 34`}
      role="img"
      aria-label={STRINGS.scoreLabel(format(value), limit, isAbove)}
    >
      <rect className="track" x={LEFT} y={16} width={TRACK} height={6} rx={2} />
      <rect
        className={isAbove && !isGrey ? 'fill' : 'fill below'}
        x={LEFT}
        y={16}
        width={x(value) - LEFT}
        height={6}
        rx={2}
      />
      {threshold !== undefined && limit !== undefined && (
        <>
          <text
            className="ink"
            x={Math.min(WIDTH - 42, Math.max(42, x(threshold)))}
            y={9}
            textAnchor="middle"
          >
            {STRINGS.threshold(limit)}
          </text>
          <path className="notch" d={`M${x(threshold)} 12v13`} />
        </>
      )}
      <path className="mark" d={`M${x(value)} 12.5l5.5 6.5-5.5 6.5-5.5-6.5z`} />
      <text x={LEFT} y={33}>
        0
      </text>
      <text x={WIDTH - LEFT} y={33} textAnchor="end">
        1
      </text>
    </svg>
  );
}
