import { useCallback, useEffect, useRef, useState } from 'react';
import type { Host, Viewport, VolumeActor } from '../host.ts';
import { styleMasks } from '../lib/mask-style.ts';
import { pausePrefetching } from '../lib/prefetching.ts';
import { makeOpacityTrue } from '../lib/true-opacity.ts';
import { useDisplaySets } from './use-display-sets.ts';
import { nothing, useViewports } from './use-viewports.ts';

export interface MaskOverlay {
  /** Series of the segmentation; undefined: there is none. */
  readonly series?: string;
  readonly visible: boolean;
  /** Where to draw; undefined: not yet. */
  readonly viewportId: string | undefined;
  /** 0..1 */
  readonly opacity: number;
  /** Number of the segment that stands out; undefined: none. */
  readonly chosen: number | undefined;
}

/** The segmentation that the panel showed last. */
let shown: string | undefined;

/** Has the host draw a segmentation over a viewport, once, and sets its style from then on. */
export function useMaskOverlay(
  { services, runCommand }: Host,
  { series, visible, viewportId, opacity, chosen }: MaskOverlay,
): void {
  const sets = useDisplaySets(services);
  const segmentation =
    series === undefined ? undefined : sets.find((set) => set.SeriesInstanceUID === series);
  const [added, setAdded] = useState<string>();
  const id = segmentation?.displaySetInstanceUID;

  // The host unpacks masks on the thread on which it decodes images.
  const [drawn, setDrawn] = useState<string>();
  const isAwaited = visible && viewportId !== undefined && id !== undefined && drawn !== id;
  useEffect(() => (isAwaited ? pausePrefetching() : undefined), [isAwaited]);

  useEffect(() => {
    if (!id || !visible || added === id || !viewportId) return;
    runCommand('addDisplaySetAsLayer', { viewportId, displaySetInstanceUID: id });
    setAdded(id);
  }, [runCommand, viewportId, id, visible, added]);

  useEffect(() => {
    const { segmentationService } = services;
    if (!added || !segmentationService) return;
    styleMasks(segmentationService, added, { opacity: visible ? opacity : 0, chosen });
  }, [services, added, visible, opacity, chosen]);

  // Only the open result's masks are shown; when the panel closes, they are the host's to show and to edit.
  const last = useRef(opacity);
  last.current = opacity;
  useEffect(() => {
    const { segmentationService } = services;
    if (!segmentationService) return;
    if (shown && shown !== id) styleMasks(segmentationService, shown, { opacity: 0 });
    shown = id ?? shown;
    return () => {
      if (id) styleMasks(segmentationService, id, { opacity: last.current });
    };
  }, [services, id]);

  const note = useCallback(
    (viewport: Viewport, isFresh: boolean) => {
      if (!added) return;
      const actors = viewport.getActors().filter((entry) => entry.representationUID?.startsWith(added));
      // A volume is itself fetched ahead.
      if (viewport.type !== 'stack' || (isFresh && actors.length > 0)) setDrawn(added);
      if (viewport.type !== 'orthographic') return;
      if (actors.filter(({ actor }) => makeOpacityTrue(actor as VolumeActor)).length > 0) viewport.render();
    },
    [added],
  );
  useViewports(services, note, nothing);
}
