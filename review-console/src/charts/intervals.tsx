import type { Proportion } from '../../../server/review/contract/figures.ts';
import { perCent } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { linear, shareRange, ticks } from './scale.ts';

export interface Line {
  readonly name: string;
  readonly of: Proportion;
  readonly isMarked?: boolean;
}

interface Props {
  readonly lines: readonly Line[];
  /** Of all charts that are to be compared, as shares. */
  readonly range?: readonly [number, number];
  readonly mean?: number | undefined;
  readonly width?: number;
}

const ROW = 26;

/** Shares with their intervals, one a line; a line without cases says so. */
export function Intervals({ lines, range, width = 580 }: Props) {
  const known = lines.filter(({ of }) => of.share !== undefined);
  const [from, to] =
    range ??
    shareRange(
      Math.min(...known.map(({ of }) => of.low ?? 0), 1),
      Math.max(...known.map(({ of }) => of.high ?? 0), 0),
    );
  const left = 186;
  const right = width - 150;
  const x = linear([from, to], [left, right]);
  const height = lines.length * ROW;
  const at = ticks(from, to, 5);
  return (
    <svg
      className="rev-fig"
      viewBox={`0 0 ${width} ${height + 18}`}
      role="img"
      aria-label={lines.map(labelOf).join('; ')}
    >
      {known.length > 0 &&
        at.map((tick, i) => (
          <g key={tick}>
            <path className="g" d={`M${x(tick)} 0V${height}`} />
            <text x={x(tick)} y={height + 14} textAnchor="middle">
              {Math.round(tick * 100)}
              {i === at.length - 1 && ' %'}
            </text>
          </g>
        ))}
      {lines.map(({ name, of, isMarked }, i) => (
        <g key={name} transform={`translate(0 ${i * ROW + 13})`}>
          <text className="l" y={4}>
            {name}
          </text>
          <Whisker of={of} x={x} isMarked={isMarked ?? false} />
          <text className="v" x={width} y={4} textAnchor="end">
            {of.share === undefined ? STRINGS.figures.none : perCent(of.share)}{' '}
            {of.share !== undefined && <tspan className="d">({intervalOf(of)})</tspan>}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** A dot in its interval; a diamond where it is marked. */
export function Whisker({
  of,
  x,
  isMarked,
}: {
  of: Proportion;
  x: (share: number) => number;
  isMarked: boolean;
}) {
  const { share, low, high } = of;
  if (share === undefined || low === undefined || high === undefined) return null;
  const at = x(share);
  return (
    <>
      <path className="iv" d={`M${x(low)} 0H${x(high)}M${x(low)} -4v8M${x(high)} -4v8`} />
      {isMarked ? (
        <path className="out" d={`M${at} -6.5l6.5 6.5-6.5 6.5-6.5-6.5z`} />
      ) : (
        <circle className="pt" cx={at} r={4.5} />
      )}
    </>
  );
}

export const intervalOf = ({ low, high }: Proportion): string =>
  low === undefined || high === undefined ? '' : `${perCent(low)}–${perCent(high)}`;

export const labelOf = ({ name, of }: Line): string =>
  of.share === undefined
    ? `${name}: ${STRINGS.figures.none}`
    : STRINGS.figures.interval(
        name,
        perCent(of.share),
        intervalOf(of),
        STRINGS.figures.ofCount(String(of.k), String(of.n)),
      );
