import { FORMS, type OverlayChange, type OverlaySettings } from '../hooks/use-overlay-settings.ts';
import { SIDES, scaleOf, type ValueMap } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';
import { Slider } from './slider.tsx';
import { Toggle } from './toggle.tsx';

interface Props {
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
  /** Undefined: no map is drawn. */
  readonly map: ValueMap | undefined;
}

/** Colours or outline, evidence for or against, how strong, from which value. */
export const HowItIsDrawn = ({ settings, change, map }: Props) => (
  <>
    {map && (
      <fieldset className="pel-seg is-small">
        <legend className="pel-hidden">{STRINGS.form}</legend>
        {FORMS.map((form) => (
          <Toggle
            key={form}
            name={STRINGS.forms[form]}
            letter={form === settings.form ? '' : 'O'}
            isOn={settings.form === form}
            testId={`pel-${form}`}
            onToggle={() => change({ form })}
          />
        ))}
      </fieldset>
    )}
    {map && scaleOf(map).hasAgainst && (
      <fieldset className="pel-seg is-small">
        <legend className="pel-hidden">{STRINGS.evidence}</legend>
        {SIDES.map((side) => (
          <Toggle
            key={side}
            name={STRINGS.sides[side]}
            isOn={settings.side === side}
            onToggle={() => change({ side })}
          />
        ))}
      </fieldset>
    )}
    <div className="pel-sliders">
      <Slider label={STRINGS.opacity} value={settings.opacity} onChange={(opacity) => change({ opacity })} />
      {map && (
        <Slider
          label={map.reading === 'doubt' ? STRINGS.showLowest : STRINGS.showTop}
          value={settings.top}
          onChange={(top) => change({ top })}
        />
      )}
    </div>
  </>
);
