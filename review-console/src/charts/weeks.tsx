import type { Figures } from '../../../server/review/contract/figures.ts';
import { perCent, weekNumber } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { linear, ticks } from './scale.ts';

const WIDTH = 600;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 592, 10, 224];
const { figures: WORDS } = STRINGS;

/** p chart: each week's share against limits that follow its count. Weeks outside are diamonds with their value. */
export function WeekChart({ figures: { weeks, baseline } }: { figures: Figures }) {
  if (weeks.length === 0) return <p className="pel-t3">{WORDS.none}</p>;
  const top = Math.max(0.1, ...weeks.flatMap(({ discordant, upper }) => [discordant.share ?? 0, upper ?? 0]));
  const max = Math.min(1, Math.ceil(top * 1.15 * 10) / 10);
  const slot = (RIGHT - LEFT) / weeks.length;
  const x = (i: number): number => LEFT + (i + 0.5) * slot;
  const y = linear([0, max], [BOTTOM, TOP]);
  const levels = ticks(0, max, 3);
  const every = Math.max(1, Math.ceil(weeks.length / 9));
  const points = weeks.flatMap(({ discordant: { share } }, i) =>
    share === undefined ? [] : [[x(i), y(share)]],
  );
  return (
    <svg className="rev-fig" viewBox={`0 0 ${WIDTH} 262`} role="img" aria-label={weeks.map(says).join('; ')}>
      {baseline && (
        <>
          <rect
            className="base"
            x={LEFT}
            y={TOP}
            width={Math.min(weeks.length, baseline.weeks) * slot}
            height={BOTTOM - TOP}
          />
          <text x={LEFT + 6} y={TOP + 12}>
            {WORDS.baseline(baseline.weeks)}
          </text>
        </>
      )}
      {levels.map((level, i) => (
        <g key={level}>
          <path className="g" d={`M${LEFT} ${y(level)}H${RIGHT}`} />
          <text x={LEFT - 6} y={y(level) + 4} textAnchor="end">
            {Math.round(level * 100)}
            {i === levels.length - 1 && ' %'}
          </text>
        </g>
      ))}
      {baseline && (
        <>
          <path className="ref" d={`M${LEFT} ${y(baseline.mean)}H${RIGHT}`} />
          <text x={(LEFT + RIGHT) / 2} y={Math.min(BOTTOM - 4, y(baseline.mean) + 36)} textAnchor="middle">
            {WORDS.mean(perCent(baseline.mean))}
          </text>
          <path
            className="lim"
            d={weeks
              .map(({ upper }, i) => (upper === undefined ? '' : `M${LEFT + i * slot} ${y(upper)}h${slot}`))
              .join('')}
          />
          <Limit weeks={weeks} y={y} />
        </>
      )}
      <path className="ln" d={`M${points.map((p) => p.join(' ')).join('L')}`} />
      {weeks.map(({ week, discordant: { share }, outside }, i) =>
        share === undefined ? null : outside ? (
          <g key={week}>
            <path className="out" d={`M${x(i)} ${y(share) - 7}l7 7-7 7-7-7z`} />
            <text
              className="v"
              x={x(i) + (i > 0 && weeks[i - 1]?.outside ? 10 : -10)}
              y={y(share) - 6}
              textAnchor={i > 0 && weeks[i - 1]?.outside ? 'start' : 'end'}
            >
              {perCent(share)} %
            </text>
          </g>
        ) : (
          <circle key={week} className="pt" cx={x(i)} cy={y(share)} r={3} />
        ),
      )}
      {weeks.map(
        ({ week }, i) =>
          i % every === 0 && (
            <text key={week} x={x(i)} y={BOTTOM + 16} textAnchor="middle">
              {weekNumber(week)}
            </text>
          ),
      )}
      <text x={(LEFT + RIGHT) / 2} y={256} textAnchor="middle">
        {WORDS.calendarWeek}
      </text>
    </svg>
  );
}

/** The name of the limit, where it has room. */
function Limit({ weeks, y }: { weeks: Figures['weeks']; y: (share: number) => number }) {
  const uppers = weeks.flatMap(({ upper }) => (upper === undefined ? [] : [upper]));
  if (uppers.length === 0) return null;
  return (
    <text x={(LEFT + RIGHT) / 2} y={Math.max(TOP + 26, y(Math.max(...uppers)) - 6)} textAnchor="middle">
      {WORDS.upper}
    </text>
  );
}

const says = ({ week, discordant: { share, k, n }, outside }: Figures['weeks'][number]): string =>
  WORDS.weekLabel(
    weekNumber(week),
    share === undefined ? '–' : perCent(share),
    WORDS.ofCount(String(k), String(n)),
    outside,
  );
