import type { Figures } from '../../../server/review/contract/figures.ts';
import { count, perCent } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { labelOf, Whisker } from './intervals.tsx';
import { linear, shareRange } from './scale.ts';

const WIDTH = 226;
const ROW = 23;
/** A chart with more would no longer be a small one; the CSV has all. */
const MOST = 8;
const { figures: WORDS } = STRINGS;

/** The same chart for each way to group, on one axis; the line is the mean of all. */
export function Groups({ figures: { groups, agreement } }: { figures: Figures }) {
  const parts = Object.entries(WORDS.groupNames).map(([part, name]) => ({
    part,
    name,
    groups: (groups[part as keyof typeof groups] ?? []).slice(0, MOST),
  }));
  const all = parts.flatMap((p) => p.groups).filter((g) => g.agreement.n > 0);
  const range = shareRange(
    Math.min(...all.map((g) => g.agreement.low ?? 1), 1),
    Math.max(...all.map((g) => g.agreement.high ?? 0), 0.05),
  );
  const x = linear(range, [92, WIDTH - 38]);
  return (
    <div className="rev-five">
      {parts.map(({ part, name, groups: lines }) => {
        const height = Math.max(1, lines.length) * ROW;
        return (
          <div key={part}>
            <h3>{name}</h3>
            <svg
              className="rev-fig"
              viewBox={`0 0 ${WIDTH} ${height + 18}`}
              role="img"
              aria-label={
                lines.map((g) => labelOf({ name: g.name, of: g.agreement })).join('; ') || WORDS.none
              }
            >
              {range.map((tick, i) => (
                <g key={tick}>
                  <path className="g" d={`M${x(tick)} 0V${height}`} />
                  <text x={x(tick)} y={height + 14} textAnchor="middle">
                    {Math.round(tick * 100)}
                    {i === 1 && ' %'}
                  </text>
                </g>
              ))}
              {agreement.share !== undefined && (
                <path className="ref" d={`M${x(agreement.share)} 0V${height}`} />
              )}
              {lines.map((g, i) => (
                <g key={g.name} transform={`translate(0 ${i * ROW + 12})`}>
                  <text className="l" y={4}>
                    <title>{g.name}</title>
                    {short(g.name)}
                  </text>
                  <text x={84} y={4} textAnchor="end">
                    {count(g.agreement.n)}
                  </text>
                  <Whisker of={g.agreement} x={x} isMarked={g.differs} />
                  <text className="v" x={WIDTH} y={4} textAnchor="end">
                    {g.agreement.share === undefined ? '–' : perCent(g.agreement.share)}
                  </text>
                </g>
              ))}
            </svg>
          </div>
        );
      })}
    </div>
  );
}

const short = (name: string): string => (name.length > 8 ? `${name.slice(0, 7)}…` : name);
