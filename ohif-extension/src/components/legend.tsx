import { AGAINST } from '../../../server/shared/colour-map.ts';
import type { Form } from '../hooks/use-overlay-settings.ts';
import { gradientOf } from '../lib/colour-map.ts';
import { tick } from '../lib/format.ts';
import type { Look } from '../lib/paint.ts';
import { scaleOf, type ValueMap } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly map: ValueMap;
  readonly look: Look;
  readonly form: Form;
  readonly onPalette: () => void;
}

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** What the colours mean: values, unit, method, scale, and the grid that was really computed. Hidden values are hatched. */
export function Legend({ map, look, form, onPalette }: Props) {
  const { zero, limit, hasAgainst } = scaleOf(map);
  const { palette, side } = look;
  const hidden = Math.min(1, look.threshold / limit);
  const isDoubt = map.reading === 'doubt';
  const [from, to] = isDoubt
    ? [map.low, map.high]
    : [zero - (side === 'for' ? 0 : limit), zero + (side === 'against' ? 0 : limit)];
  const span = to - from;
  return (
    <div className="pel-legend" data-testid="pel-legend">
      {form === 'outline' ? (
        <div className="ticks">
          {side !== 'against' && (
            <Line
              kind="for"
              words={`${STRINGS.lineFor}: ${isDoubt ? '<' : '>'} ${tick(isDoubt ? map.high - look.threshold : zero + look.threshold, span)}`}
            />
          )}
          {side !== 'for' && (
            <Line kind="against" words={`${STRINGS.lineAgainst}: < ${tick(zero - look.threshold, span)}`} />
          )}
        </div>
      ) : (
        <div className="ramps">
          {side !== 'for' && <Ramp colours={against} hidden={hidden} end="right" />}
          {side !== 'against' && (
            <Ramp
              colours={gradientOf(palette, isDoubt ? '270deg' : '90deg')}
              hidden={hidden}
              end={isDoubt ? 'right' : 'left'}
            />
          )}
        </div>
      )}
      {form === 'colours' && (
        <div className="ticks">
          {TICKS.map((share) => (
            <span key={share}>{tick(from + share * span, span)}</span>
          ))}
        </div>
      )}
      {form === 'colours' && side === 'both' && (
        <div className="ticks">
          <span>{STRINGS.speaksAgainst}</span>
          <span>{STRINGS.speaksFor}</span>
        </div>
      )}
      <span>
        {map.name}, {map.unit === '1' || map.unit === '' ? STRINGS.noUnit : map.unit}
        {map.method && ` · ${map.method}`}
      </span>
      <span className="pel-row">
        <span>
          {STRINGS.grid(map.rows, map.columns)}
          {hasAgainst && `; ${STRINGS.scaledTo}`}
          {map.weight !== undefined && `; ${STRINGS.dimmed}`}
        </span>
        {form === 'colours' && (
          <button type="button" className="pel-btn is-quiet" onClick={onPalette}>
            {palette} <kbd>C</kbd>
          </button>
        )}
      </span>
    </div>
  );
}

/** As it is drawn over the image. */
const Line = ({ kind, words }: { kind: 'for' | 'against'; words: string }) => (
  <span className="pel-row">
    <svg className="pel-sample" viewBox="0 0 36 12" aria-hidden="true">
      <path className="halo" d="M2 6h32" />
      <path className={`line ${kind}`} d="M2 6h32" />
    </svg>
    {words}
  </span>
);

const [r, g, b] = AGAINST;
const against = `repeating-linear-gradient(135deg, #0000 0 3px, #04061a 3px 5px), linear-gradient(270deg, rgb(${r} ${g} ${b} / 0.25), rgb(${r} ${g} ${b}))`;

/** Colours from weak to strong; the part below the threshold is hatched, at the end where the weak ones are. */
const Ramp = ({ colours, hidden, end }: { colours: string; hidden: number; end: 'left' | 'right' }) => (
  <div className="ramp" style={{ background: colours }}>
    <i className={end} style={{ width: `${hidden * 100}%` }} />
  </div>
);
