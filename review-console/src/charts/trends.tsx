import type { Figures } from '../../../server/review/contract/figures.ts';
import { fixed, perCent, weekNumber } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { linear } from './scale.ts';

const WIDTH = 580;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 500, 8, 74];
const { figures: WORDS } = STRINGS;

interface Trend {
  readonly title: string;
  readonly range: readonly [number, number];
  readonly values: readonly (number | undefined)[];
  readonly say: (value: number) => string;
}

/** Two lines over the weeks: how well the map points, and how often a result is to be checked before use. */
export function Trends({ weeks }: { weeks: Figures['weeks'] }) {
  const flagged = weeks.map((week) => week.flagged.share);
  const most = Math.max(0.05, ...flagged.map((share) => share ?? 0));
  return (
    <>
      <TrendLine
        weeks={weeks}
        title={WORDS.explanationTrend}
        range={[1, 5]}
        values={weeks.map((week) => week.explanation?.mean)}
        say={(value) => fixed(value, 1)}
      />
      <TrendLine
        weeks={weeks}
        title={WORDS.flaggedTrend}
        range={[0, Math.ceil(most * 20) / 20]}
        values={flagged}
        say={(value) => `${perCent(value)} %`}
      />
    </>
  );
}

function TrendLine({ weeks, title, range, values, say }: Trend & { weeks: Figures['weeks'] }) {
  const known = values.flatMap((value, i) => (value === undefined ? [] : [[i, value] as const]));
  const last = known.at(-1);
  if (!last)
    return (
      <div>
        <h3 className="sub">{title}</h3>
        <p className="pel-t3">{WORDS.none}</p>
      </div>
    );
  const x = linear([0, Math.max(1, weeks.length - 1)], [LEFT, RIGHT]);
  const y = linear(range, [BOTTOM, TOP]);
  const every = Math.max(1, Math.ceil(weeks.length / 9));
  return (
    <div>
      <h3 className="sub">{title}</h3>
      <svg
        className="rev-fig"
        viewBox={`0 0 ${WIDTH} 94`}
        role="img"
        aria-label={known
          .map(([i, value]) => `${weekNumber(weeks[i]?.week ?? '')}: ${say(value)}`)
          .join('; ')}
      >
        {range.map((level) => (
          <g key={level}>
            <path className="g" d={`M${LEFT} ${y(level)}H${RIGHT}`} />
            <text x={LEFT - 6} y={y(level) + 4} textAnchor="end">
              {range[1] > 1 ? level : Math.round(level * 100)}
              {range[1] <= 1 && level > 0 && ' %'}
            </text>
          </g>
        ))}
        <path className="ln" d={`M${known.map(([i, value]) => `${x(i)} ${y(value)}`).join('L')}`} />
        {known.map(([i, value]) => (
          <circle key={i} className="pt" cx={x(i)} cy={y(value)} r={2.5} />
        ))}
        <text className="v" x={x(last[0]) + 10} y={y(last[1]) + 4}>
          {say(last[1])}
        </text>
        {weeks.map(
          ({ week }, i) =>
            i % every === 0 && (
              <text key={week} x={x(i)} y={90} textAnchor="middle">
                {weekNumber(week)}
              </text>
            ),
        )}
      </svg>
    </div>
  );
}
