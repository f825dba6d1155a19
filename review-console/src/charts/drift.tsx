import type { Figures } from '../../../server/review/contract/figures.ts';
import { local, plain, two } from '../lib/words.ts';
import { STRINGS } from '../strings.ts';
import { linear, ticks } from './scale.ts';

const WIDTH = 580;
const ROW = 24;
const TOP = 22;
const [LEFT, RIGHT] = [140, 460];
const [WATCH, ACT] = [0.1, 0.25];
const { figures: WORDS } = STRINGS;

/** How far what comes in is from what it was: bars against the two marks, each state in its own pattern and word. */
export function DriftBars({ drift }: { drift: Figures['drift'] }) {
  if (drift.length === 0) return <p className="pel-t3">{WORDS.none}</p>;
  const sorted = [...drift].sort((a, b) => b.psi - a.psi);
  const max = Math.max(0.4, ...sorted.map(({ psi }) => Math.min(2, psi)));
  const x = linear([0, max], [LEFT, RIGHT]);
  const height = TOP + sorted.length * ROW;
  return (
    <svg
      className="rev-fig"
      viewBox={`0 0 ${WIDTH} ${height + 18}`}
      role="img"
      aria-label={sorted
        .map(({ name, psi, state }) => `${plain(name)} ${two(psi)}, ${WORDS.driftStates[state]}`)
        .join('; ')}
    >
      <defs>
        <pattern
          id="rev-hatch"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path className="hatch" d="M0 0V6" />
        </pattern>
      </defs>
      {ticks(0, max, 4).map((tick) => (
        <text key={tick} x={x(tick)} y={height + 14} textAnchor="middle">
          {local(String(tick))}
        </text>
      ))}
      {[
        [WATCH, WORDS.watch],
        [ACT, WORDS.act],
      ].map(([at, words]) => (
        <g key={words}>
          <path className="lim" d={`M${x(Number(at))} ${TOP - 6}V${height}`} />
          <text x={x(Number(at))} y={11} textAnchor="middle">
            {words}
          </text>
        </g>
      ))}
      {sorted.map(({ name, psi, ks, state }, i) => (
        <g key={name} transform={`translate(0 ${TOP + i * ROW})`}>
          <title>{WORDS.ks(two(ks))}</title>
          <text className="l" y={14}>
            {plain(name)}
          </text>
          <rect
            className={`b is-${state.replace(' ', '-')}`}
            x={LEFT}
            y={4}
            width={Math.max(1, x(Math.min(max, psi)) - LEFT)}
            height={13}
          />
          <text className="v" x={WIDTH - 72} y={14} textAnchor="end">
            {two(psi)}
          </text>
          <text
            className={state === 'stable' || state === 'too few' ? '' : 'v'}
            x={WIDTH}
            y={14}
            textAnchor="end"
          >
            {WORDS.driftStates[state]}
          </text>
        </g>
      ))}
    </svg>
  );
}
