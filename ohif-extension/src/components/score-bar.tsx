import { score as format } from '../lib/format.ts';
import type { Score } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

const x = (value: number): string => `${(100 * Math.min(1, Math.max(0, value))).toFixed(2)}%`;

/**
 * The score as an instrument: the notch is the threshold, the diamond the score; grey below the threshold, and where a check failed. As wide as
 * there is room, with letters as large as all others.
 */
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
    <svg className="pel-bar" role="img" aria-label={STRINGS.scoreLabel(format(value), limit, isAbove)}>
      <rect className="track" x="0" y={16} width="100%" height={6} rx={2} />
      <rect
        className={isAbove && !isGrey ? 'fill' : 'fill below'}
        x="0"
        y={16}
        width={x(value)}
        height={6}
        rx={2}
      />
      {threshold !== undefined && limit !== undefined && (
        <>
          <text className="ink" y={9} {...besides(threshold)}>
            {STRINGS.threshold(limit)}
          </text>
          <line className="notch" x1={x(threshold)} x2={x(threshold)} y1={12} y2={25} />
        </>
      )}
      <svg x={x(value)} y="0" overflow="visible" aria-hidden="true">
        <path className="mark" d="M0 12.5l5.5 6.5-5.5 6.5-5.5-6.5z" />
      </svg>
      <text x="0" y={33}>
        0
      </text>
      <text x="100%" y={33} textAnchor="end">
        1
      </text>
    </svg>
  );
}

/** Above its notch, or as near as the ends of the bar allow. */
function besides(threshold: number): { readonly x: string; readonly textAnchor: 'start' | 'middle' | 'end' } {
  if (threshold < 0.25) return { x: '0', textAnchor: 'start' };
  return threshold > 0.75 ? { x: '100%', textAnchor: 'end' } : { x: x(threshold), textAnchor: 'middle' };
}
