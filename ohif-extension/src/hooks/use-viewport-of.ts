import { useCallback, useState } from 'react';
import { type DisplaySet, imageIdsOf, type Services, SOPInstanceUIDOf } from '../host.ts';
import { viewportOf } from '../lib/bring.ts';
import { nothing, useViewports } from './use-viewports.ts';

/** Where the images are that masks were made of: in this viewport, in none, or not known while none has images or the host has not found them. */
export interface Source {
  readonly viewport?: string;
  readonly isElsewhere: boolean;
}

const UNKNOWN: Source = { isElsewhere: false };
const ELSEWHERE: Source = { isElsewhere: true };

/** The viewport that shows the images of these masks, once they are there: the active one before others. */
export function useViewportOf(services: Services, masks: DisplaySet | undefined): Source {
  const [source, setSource] = useState(UNKNOWN);
  const note = useCallback(() => {
    const next = sourceOf(services, masks);
    setSource((now) => (now.viewport === next.viewport && now.isElsewhere === next.isElsewhere ? now : next));
  }, [services, masks]);
  useViewports(services, note, nothing);
  return source;
}

function sourceOf(services: Services, masks: DisplaySet | undefined): Source {
  const source = masks?.referencedDisplaySetInstanceUID;
  const { activeViewportId } = services.viewportGridService.getState();
  if (source === undefined || source === null || activeViewportId === null) return UNKNOWN;
  const viewport = viewportOf(services, source);
  if (viewport !== undefined)
    return holds(services, viewport, source) ? { viewport, isElsewhere: false } : UNKNOWN;
  return firstImage(services, activeViewportId) === undefined ? UNKNOWN : ELSEWHERE;
}

/** The host says which series a viewport is to show before it has its images. */
function holds(services: Services, viewportId: string, displaySet: string): boolean {
  const image = firstImage(services, viewportId);
  const instances = services.displaySetService.getDisplaySetByUID(displaySet)?.instances;
  return image !== undefined && (instances?.some(({ SOPInstanceUID }) => SOPInstanceUID === image) ?? true);
}

function firstImage(services: Services, viewportId: string): string | undefined {
  const viewport = services.cornerstoneViewportService.getCornerstoneViewport(viewportId);
  const [imageId] = viewport ? imageIdsOf(viewport) : [];
  return imageId === undefined ? undefined : SOPInstanceUIDOf(imageId);
}
