import { type CSSProperties, useId } from 'react';
import type { Correction } from '../hooks/use-correction.ts';
import { BRUSHES, type Brush } from '../host-editing.ts';
import { STRINGS } from '../strings.ts';
import { Toggle } from './toggle.tsx';

const LARGEST_MM = 40;

/** The host's brushes for a copy of the masks, and which structure they paint. */
export function EditTools({ correction, label }: { correction: Correction; label: string }) {
  const { correcting, take, resize } = correction;
  const id = useId();
  if (!correcting) return null;
  const { state, brush, radius } = correcting;
  if (state !== 'open')
    return (
      <p className="pel-hint" role="status">
        {STRINGS.assess.editing[state]}
      </p>
    );
  if (correcting.edit?.kind === 'outlines')
    return (
      <p className="pel-hint" role="status" data-testid="pel-edit">
        {STRINGS.assess.editing.draws(label)}
      </p>
    );
  return (
    <fieldset className="pel-edit" data-testid="pel-edit">
      <legend className="pel-hidden">{STRINGS.assess.editing.tools}</legend>
      <div className="pel-seg">
        {(Object.keys(BRUSHES) as Brush[]).map((each) => (
          <Toggle
            key={each}
            name={STRINGS.assess.editing[each]}
            isOn={brush === each}
            onToggle={() => take(each)}
          />
        ))}
      </div>
      <div className="pel-sliders">
        <label htmlFor={id}>{STRINGS.assess.editing.radius}</label>
        <input
          className="pel-range"
          id={id}
          type="range"
          min={1}
          max={LARGEST_MM}
          value={radius}
          aria-valuetext={`${radius} mm`}
          style={{ '--v': `${((radius - 1) / (LARGEST_MM - 1)) * 100}%` } as CSSProperties}
          onChange={(event) => resize(Number(event.currentTarget.value))}
        />
        <span className="value" aria-hidden="true">
          {radius} mm
        </span>
      </div>
      <p className="pel-hint">{STRINGS.assess.editing.paints(label)}</p>
    </fieldset>
  );
}
