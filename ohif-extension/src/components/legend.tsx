import { infernoGradient } from '../lib/colour-map.ts';
import { tick } from '../lib/format.ts';
import type { ValueMap } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** What the colours mean: values, unit, method, and the grid that was really computed. Hidden values are hatched. */
export function Legend({ map, threshold }: { map: ValueMap; threshold: number }) {
  const span = map.high - map.low || 1;
  const hidden = Math.min(1, Math.max(0, (threshold - map.low) / span));
  return (
    <div className="pel-legend" data-testid="pel-legend">
      <div className="ramp" style={{ background: infernoGradient('90deg') }}>
        <i style={{ width: `${hidden * 100}%` }} />
      </div>
      <div className="ticks">
        {TICKS.map((share) => (
          <span key={share}>{tick(map.low + share * span, span)}</span>
        ))}
      </div>
      <span>
        {map.name}, {map.unit === '1' || map.unit === '' ? STRINGS.noUnit : map.unit} · {map.method}
      </span>
      <span>{STRINGS.grid(map.rows, map.columns)}</span>
    </div>
  );
}
