import { useCallback, useEffect, useRef, useState } from 'react';
import type { Host, Viewport, VolumeActor } from '../host.ts';
import { hasSegment, isDrawable, maskSetOf, onLoadFailure } from '../lib/mask-set.ts';
import { styleMasks } from '../lib/mask-style.ts';
import { pausePrefetching } from '../lib/prefetching.ts';
import type { Finding } from '../lib/result.ts';
import { makeOpacityTrue } from '../lib/true-opacity.ts';
import { useDisplaySets } from './use-display-sets.ts';
import { useViewportOf } from './use-viewport-of.ts';
import { nothing, useViewports } from './use-viewports.ts';

export interface MaskOverlay {
  /** Undefined: there is none. */
  readonly segment: Finding['segment'];
  readonly visible: boolean;
  /** 0..1 */
  readonly opacity: number;
  /** It stands out, and the others are pale. */
  readonly isChosen: boolean;
}

/** `elsewhere`: no viewport shows their images. `unable`: the host has others of the series, or draws none of their kind, or none has the number. */
export type MasksSeen = 'as wanted' | 'elsewhere' | 'unable';

/** The segmentation that the panel showed last. */
let shown: string | undefined;

/**
 * Has the host draw a segmentation over the images that it is of, each time they come into view, and over no others; sets its style from then on.
 * Answers what keeps it from that.
 */
export function useMaskOverlay(
  { services, runCommand }: Host,
  { segment, visible, opacity, isChosen }: MaskOverlay,
): MasksSeen {
  const sets = useDisplaySets(services);
  const segmentation = maskSetOf(sets, segment);
  const { viewport: viewportId, isElsewhere } = useViewportOf(services, segmentation);
  const chosen = isChosen ? segment?.number : undefined;
  const [added, setAdded] = useState<string>();
  const isAble = segmentation !== undefined && isDrawable(segmentation);
  const id = isAble ? segmentation.displaySetInstanceUID : undefined;

  // The host unpacks masks on the thread on which it decodes images.
  const [drawn, setDrawn] = useState<string>();
  const isAwaited = visible && viewportId !== undefined && id !== undefined && drawn !== id;
  useEffect(() => (isAwaited ? pausePrefetching() : undefined), [isAwaited]);

  useEffect(() => {
    if (!id || !visible || !viewportId) return;
    runCommand('addDisplaySetAsLayer', { viewportId, displaySetInstanceUID: id });
    setAdded(id);
  }, [runCommand, viewportId, id, visible]);

  useEffect(() => {
    const { segmentationService } = services;
    if (!added || added !== id || !segmentationService) return;
    styleMasks(segmentationService, added, { opacity: visible ? opacity : 0, chosen });
  }, [services, added, id, visible, opacity, chosen]);

  const [failed, setFailed] = useState<string>();
  useEffect(
    () => (segmentation && id && added === id ? onLoadFailure(segmentation, () => setFailed(id)) : undefined),
    [segmentation, id, added],
  );

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
  const isOther =
    !segmentation && sets.some(({ SeriesInstanceUID: series }) => series === segment?.SeriesInstanceUID);
  if (isOther || (segmentation && !isAble) || (id !== undefined && failed === id)) return 'unable';
  if (segment && segmentation && !hasSegment(segmentation, segment.number)) return 'unable';
  return isElsewhere ? 'elsewhere' : 'as wanted';
}
