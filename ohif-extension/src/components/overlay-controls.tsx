import type { OverlayChange, OverlaySettings } from '../hooks/use-overlay-settings.ts';
import { percent } from '../lib/format.ts';
import { shareAbove, type ValueMap } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';
import { Legend } from './legend.tsx';
import { Slider } from './slider.tsx';

interface Props {
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
  /** Undefined: the overlay is masks, which need no colour scale. */
  readonly map?: ValueMap | undefined;
  readonly threshold: number;
  readonly hasRegions: boolean;
}

/** What lies over the image: on and off, how strong, from which value, and what the colours mean. */
export function OverlayControls({ settings, change, map, threshold, hasRegions }: Props) {
  const [before, share, after] = STRINGS.topHolds(
    `${settings.top} %`,
    map ? percent(shareAbove(map, threshold)) : '',
  );
  const [hold, toHide] = STRINGS.holdToHide;
  return (
    <section className="pel-sec">
      <div className="pel-seg">
        <button
          type="button"
          className="pel-btn"
          data-testid="pel-map"
          aria-pressed={settings.map}
          onClick={() => change({ map: !settings.map })}
        >
          {map ? STRINGS.map : STRINGS.masks} <kbd>E</kbd>
        </button>
        {hasRegions && (
          <button
            type="button"
            className="pel-btn"
            data-testid="pel-regions"
            aria-pressed={settings.regions}
            onClick={() => change({ regions: !settings.regions })}
          >
            {STRINGS.regions} <kbd>G</kbd>
          </button>
        )}
      </div>
      <div className="pel-sliders">
        <Slider
          label={STRINGS.opacity}
          value={settings.opacity}
          onChange={(opacity) => change({ opacity })}
        />
        {map && <Slider label={STRINGS.showTop} value={settings.top} onChange={(top) => change({ top })} />}
      </div>
      {map && <Legend map={map} threshold={threshold} />}
      <p className="pel-hint">
        <span>
          {map && (
            <>
              {before}
              <b>{share}</b>
              {after}
            </>
          )}
        </span>
        <span>
          {hold}
          <kbd>H</kbd>
          {toHide}
        </span>
      </p>
    </section>
  );
}
