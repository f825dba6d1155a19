import type { Figures } from '../../../server/review/contract/figures.ts';
import { fixed, perCent, two } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { linear, ticks } from './scale.ts';

const WIDTH = 600;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 592, 20, 164];
const { figures: WORDS } = STRINGS;

/** Shares of the scores in ten bins: bars for now, a line for what they were. */
export function ScoreBins({ scores: { shares, reference, threshold } }: { scores: Figures['scores'] }) {
  if (shares.length === 0) return <p className="pel-t3">{WORDS.none}</p>;
  const max = Math.ceil(Math.max(0.1, ...shares, ...(reference ?? [])) * 10) / 10;
  const x = linear([0, 1], [LEFT, RIGHT]);
  const y = linear([0, max], [BOTTOM, TOP]);
  const levels = ticks(0, max, 2);
  const width = 1 / shares.length;
  return (
    <svg
      className="rev-fig"
      viewBox={`0 0 ${WIDTH} 198`}
      role="img"
      aria-label={shares
        .map((share, i) => `${two(i * width)}–${two((i + 1) * width)}: ${perCent(share)} %`)
        .join('; ')}
    >
      {levels.map((level, i) => (
        <g key={level}>
          <path className="g" d={`M${LEFT} ${y(level)}H${RIGHT}`} />
          <text x={LEFT - 6} y={y(level) + 4} textAnchor="end">
            {Math.round(level * 100)}
            {i === levels.length - 1 && ' %'}
          </text>
        </g>
      ))}
      {shares.map((share, i) => (
        <rect
          key={i}
          className="bar"
          x={x(i * width) + 2}
          y={y(share)}
          width={x(width) - x(0) - 4}
          height={BOTTOM - y(share)}
        />
      ))}
      {reference && (
        <path
          className="acc"
          d={`M${x(0)} ${y(reference[0] ?? 0)}${reference.map((share, i) => `V${y(share)}H${x((i + 1) * width)}`).join('')}`}
        />
      )}
      {threshold !== undefined && (
        <>
          <path className="ref" d={`M${x(threshold)} ${TOP - 6}V${BOTTOM}`} />
          <text x={Math.min(RIGHT - 40, Math.max(LEFT + 40, x(threshold)))} y={10} textAnchor="middle">
            {WORDS.threshold(two(threshold))}
          </text>
        </>
      )}
      {[0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) => (
        <text key={tick} x={x(tick)} y={BOTTOM + 16} textAnchor={tick === 1 ? 'end' : 'middle'}>
          {fixed(tick, 1)}
        </text>
      ))}
      <text x={(LEFT + RIGHT) / 2} y={194} textAnchor="middle">
        {WORDS.scoreAxis}
      </text>
    </svg>
  );
}
