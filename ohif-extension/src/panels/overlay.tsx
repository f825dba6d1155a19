import { useMemo } from 'react';
import { Notice } from '../components/notice.tsx';
import { OverlayControls } from '../components/overlay-controls.tsx';
import { useFirstLook } from '../hooks/use-first-look.ts';
import { useMapOverlay } from '../hooks/use-map-overlay.ts';
import { useMaps } from '../hooks/use-maps.ts';
import { useMaskOverlay } from '../hooks/use-mask-overlay.ts';
import type { OverlayChange, OverlaySettings } from '../hooks/use-overlay-settings.ts';
import type { Host } from '../host.ts';
import type { Archive } from '../lib/archive.ts';
import type { Finding, Region, Result } from '../lib/result.ts';
import { thresholdFor } from '../lib/value-map.ts';
import { STRINGS } from '../strings.ts';

interface Props {
  readonly host: Host;
  readonly archive: Archive;
  readonly result: Result;
  /** The one that is selected: a map is drawn only with the finding that it explains. */
  readonly finding: Finding;
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
}

const NONE: readonly Region[] = [];

/** Draws what a result lays over the images, and its controls: a map with regions on projections, masks on volumes. */
export function Overlay({ host, archive, result, finding, settings, change }: Props) {
  const maps = useMaps(archive, result.StudyInstanceUID, finding.explanations);
  const map = maps.state === 'ready' ? maps.maps[0] : undefined;
  const masks = result.findings.find((f) => f.segment)?.segment;
  // A segment's region is the box of its key slice: where to look, and no outline of anything.
  const regions = masks ? NONE : finding.regions;
  const threshold = useMemo(() => (map ? thresholdFor(map, settings.top) : 0), [map, settings.top]);
  const isShown = settings.map && !settings.peek;
  useMapOverlay(host.services, {
    ...(map && isShown ? { map } : {}),
    threshold,
    opacity: settings.opacity / 100,
    regions: settings.regions && !settings.peek ? regions : NONE,
  });
  useMaskOverlay(host, {
    ...(masks?.SeriesInstanceUID ? { series: masks.SeriesInstanceUID } : {}),
    visible: isShown,
    viewportId: useFirstLook(host.services, result.findings.find((f) => f.regions[0])?.regions[0]),
    opacity: settings.opacity / 100,
  });
  if (maps.state === 'loading') return <p className="pel-sec pel-t2">{STRINGS.mapLoading}</p>;
  if (maps.state === 'failed')
    return (
      <Notice kind="warn" title={STRINGS.mapFailed.title}>
        <span>{STRINGS.mapFailed.text}</span>
      </Notice>
    );
  if (!map && !masks) return null;
  return (
    <OverlayControls
      settings={settings}
      change={change}
      map={map}
      threshold={threshold}
      hasRegions={regions.length > 0}
    />
  );
}
