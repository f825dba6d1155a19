import { useEffect, useMemo } from 'react';
import { LookAgain } from '../components/look-again.tsx';
import { MasksNotice } from '../components/masks-notice.tsx';
import { Notice } from '../components/notice.tsx';
import { OverlayControls } from '../components/overlay-controls.tsx';
import { useFirstLook } from '../hooks/use-first-look.ts';
import type { Hiding } from '../hooks/use-hiding.ts';
import { type MapLoad, useMap } from '../hooks/use-map.ts';
import { useMapOverlay } from '../hooks/use-map-overlay.ts';
import { useMaskOverlay } from '../hooks/use-mask-overlay.ts';
import type { OverlayChange, OverlaySettings } from '../hooks/use-overlay-settings.ts';
import type { Host } from '../host.ts';
import type { Archive } from '../lib/archive.ts';
import type { InView, Where } from '../lib/cover.ts';
import { masksOf, nameOfStrongest, shapesOf } from '../lib/first-mark.ts';
import { inOrder } from '../lib/order.ts';
import type { Finding, Region, Result } from '../lib/result.ts';
import { dimmed, scaleOf, thresholdFor } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly host: Host;
  readonly archive: Archive;
  readonly result: Result;
  /** The one that is selected: a map is drawn only with the finding that it explains. */
  readonly finding: Finding;
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
  readonly hiding: Hiding;
}

const NONE: readonly Region[] = [];

/** Draws what a result lays over the images, and its controls: a map with regions, or masks. */
export function Overlay({ host, archive, result, finding, settings, change, hiding }: Props) {
  const { top, palette, opacity, peek } = settings;
  const { explanations } = finding;
  const [load, again] = useMap(archive, result.StudyInstanceUID, {
    explanations,
    wanted: settings.map || hiding.cover !== undefined,
  });
  const loaded = load.state === 'ready' ? load.map : undefined;
  const map = useMemo(() => loaded && dimmed(loaded, finding.score), [loaded, finding.score]);
  const { findings } = result;
  const first = useMemo(
    () =>
      inOrder(findings)
        .flatMap((index) => findings[index]?.regions.slice(0, 1) ?? [])
        .slice(0, 1),
    [findings],
  );
  const masks = masksOf(finding, findings);
  const shapes = shapesOf(finding, findings);
  const regions = shapes === 'regions' ? finding.regions : NONE;
  const drawn = useMemo(() => {
    if (settings.peek) return NONE;
    if (settings.regions) return regions;
    return settings.map && map ? nameOfStrongest(regions) : NONE;
  }, [settings.peek, settings.regions, settings.map, map, regions]);
  const side = map && !scaleOf(map).hasAgainst ? 'for' : settings.side;
  const threshold = useMemo(() => (map ? thresholdFor(map, top, side) : 0), [map, top, side]);
  const look = useMemo(
    () => ({ threshold, side, palette, opacity: opacity / 100 }),
    [threshold, side, palette, opacity],
  );
  const cover = map && !peek ? hiding.cover : undefined;
  const inView = useMapOverlay(host.services, {
    ...(map && (settings.map || cover) && !peek ? { map } : {}),
    cover,
    look,
    form: settings.form,
    regions: drawn,
  });
  useFirstLook(host.services, first);
  const areMasksOn = settings.regions && shapes === 'masks';
  const masksSeen = useMaskOverlay(host, {
    segment: masks,
    visible: areMasksOn && !peek && !cover,
    opacity: look.opacity,
    // One alone stands out by itself.
    isChosen: findings.length > 1 && finding.segment !== undefined,
  });
  const where = whereOf(load, inView);
  const { tell } = hiding;
  useEffect(() => tell(where), [tell, where]);
  return (
    <>
      <OverlayControls
        settings={settings}
        change={change}
        load={map ? { state: 'ready', map } : load}
        look={look}
        shapes={shapes}
      />
      {load.state === 'failed' && (
        <Notice kind="warn" title={STRINGS.mapFailed.title}>
          <span>{STRINGS.mapFailed.text}</span>
          <span className="pel-code">{load.reason}</span>
          <LookAgain onClick={again} />
        </Notice>
      )}
      {settings.map && inView === 'other' && (
        <Notice kind="info" title={STRINGS.notHere.title}>
          <span>{STRINGS.notHere.text}</span>
        </Notice>
      )}
      {areMasksOn && <MasksNotice host={host} seen={masksSeen} segment={masks} />}
    </>
  );
}

function whereOf({ state }: MapLoad, inView: InView): Where {
  if (state === 'ready') return inView;
  return state === 'failed' || state === 'none' ? 'missing' : 'loading';
}
