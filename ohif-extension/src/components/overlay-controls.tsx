import { useState } from 'react';
import type { MapLoad } from '../hooks/use-map.ts';
import { nextPalette, type OverlayChange, type OverlaySettings } from '../hooks/use-overlay-settings.ts';
import type { Shapes } from '../lib/first-mark.ts';
import { percent } from '../lib/format.ts';
import type { Look } from '../lib/paint.ts';
import { recall, remember } from '../lib/remembered.ts';
import { shareAbove, type ValueMap } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';
import { HowItIsDrawn } from './how-it-is-drawn.tsx';
import { Icon } from './icon.tsx';
import { Legend } from './legend.tsx';
import { Toggle } from './toggle.tsx';

interface Props {
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
  readonly load: MapLoad;
  readonly look: Look;
  readonly shapes: Shapes;
}

/** What lies over the image: on and off, and what the colours mean; on demand how it is drawn, how strong, and from which value. A map that nobody asked for loads in silence. */
export function OverlayControls({ settings, change, load, look, shapes }: Props) {
  const [isOpen, setOpen] = useState(() => recall(OPEN) === 'yes');
  const header = 'header' in load ? load.header : load.state === 'ready' ? load.map : undefined;
  const map = load.state === 'ready' && settings.map ? load.map : undefined;
  if (!header && shapes === 'none' && load.state !== 'loading') return null;
  const [hold, toHide] = STRINGS.holdToHide;
  return (
    <section className={`pel-sec pel-overlay ${isOpen ? '' : 'is-folded'}`} aria-label={STRINGS.overImage}>
      <div className="pel-seg">
        {header && (
          <Toggle
            name={header.reading === 'doubt' ? STRINGS.uncertainty : STRINGS.map}
            letter={header.reading === 'doubt' ? 'U' : 'E'}
            isOn={settings.map}
            testId="pel-map"
            onToggle={() => change({ map: !settings.map })}
          />
        )}
        {shapes !== 'none' && (
          <Toggle
            name={STRINGS[shapes]}
            letter="G"
            isOn={settings.regions}
            testId="pel-regions"
            onToggle={() => change({ regions: !settings.regions })}
          />
        )}
      </div>
      {load.state === 'loading' && settings.map && (
        <p className="pel-hint" role="status">
          {load.share === undefined ? STRINGS.mapLoading : STRINGS.mapLoadingShare(percent(load.share))}
        </p>
      )}
      {isOpen && <HowItIsDrawn settings={settings} change={change} map={map} />}
      {map && (
        <Legend
          map={map}
          look={look}
          form={settings.form}
          onPalette={() => change({ palette: nextPalette(settings.palette) })}
        />
      )}
      {isOpen && map && (
        <p className="pel-hint">
          <span>
            <Held map={map} look={look} top={settings.top} />
          </span>
        </p>
      )}
      <p className="pel-hint">
        <button
          type="button"
          className="pel-btn is-quiet"
          data-testid="pel-more"
          aria-expanded={isOpen}
          onClick={() => {
            remember(OPEN, isOpen ? 'no' : 'yes');
            setOpen(!isOpen);
          }}
        >
          <Icon name="chevron" className={isOpen ? 'chev is-open' : 'chev'} />
          {STRINGS.moreControls}
        </button>
        <span>
          {hold}
          <kbd>H</kbd>
          {toHide}
        </span>
      </p>
    </section>
  );
}

/** The reader keeps these open, in this browser. */
const OPEN = 'pellucid.controls';

/** What the shown cells are, in words. */
function Held({ map, look, top }: { map: ValueMap; look: Look; top: number }) {
  if (map.reading === 'doubt') return STRINGS.lowest(`${top} %`);
  const [before, after] = STRINGS.topHolds(`${top} %`);
  return (
    <>
      {before}
      <b>{percent(shareAbove(map, look.threshold, look.side))}</b>
      {after}
    </>
  );
}
