import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { frameNumberOf, imageIdsOf, type Services, SOPInstanceUIDOf, type Viewport } from '../host.ts';
import { kept } from '../lib/kept.ts';
import { type Drawing, drawOutlines, onScreen, planeOf } from '../lib/outline-layer.ts';
import { outlinesIn, outlinesOf } from '../lib/outlines.ts';
import { paint } from '../lib/paint.ts';
import { drawRegions } from '../lib/region-layer.ts';
import type { Region } from '../lib/result.ts';
import { hidePicture, layerOf, showPicture } from '../lib/stack-picture.ts';
import { frameFor, scaleOf, type ValueMap } from '../lib/value-map.ts';
import { hideVolume, releaseVolume, showVolume, type VolumeLook } from '../lib/volume-layer.ts';
import type { Form } from './use-overlay-settings.ts';
import { useViewports } from './use-viewports.ts';

export interface MapOverlay {
  /** Undefined: no map is drawn. */
  readonly map?: ValueMap;
  readonly look: VolumeLook;
  readonly form: Form;
  readonly regions: readonly Region[];
}

/** Frames of a map: more than viewports show at once, so that who scrolls back finds them made. At most 1 MB each. */
const KEPT = 32;

/**
 * Draws map and regions over the images that they were computed for, and over no other. Answers whether the active viewport shows one of
 * those of the map; true without a map.
 */
export function useMapOverlay(services: Services, { map, look, form, regions }: MapOverlay): boolean {
  const [isCovered, setCovered] = useState(true);
  const hasColours = form === 'colours';
  const layerFor = useMemo(
    () => (map && hasColours ? kept(KEPT, (frame) => layerOf(paint(map, frame, look))) : undefined),
    [map, look, hasColours],
  );
  const linesOf = useMemo(
    () => (map && !hasColours ? kept(KEPT, (frame) => outlinesOf(map, frame, look)) : undefined),
    [map, look, hasColours],
  );
  const coverage = useRef(new Map<string, boolean>());
  const draw = useCallback(
    (viewport: Viewport, isFresh: boolean) => {
      const image = shownImage(viewport);
      const frame = map && image ? frameFor(map, image.SOPInstanceUID, image.frame) : -1;
      const isInVolume = map !== undefined && viewport.type === 'orthographic' && isOf(map, viewport);
      if (isInVolume && hasColours) showVolume(viewport, map, look);
      else hideVolume(viewport);
      if (isInVolume) drawOutlines(viewport, inPlane(viewport, map, look, hasColours));
      else if (viewport.type !== 'stack') drawOutlines(viewport, undefined);
      if (viewport.type === 'stack') {
        if (layerFor && frame >= 0)
          showPicture(viewport, { layer: layerFor(frame), opacity: look.opacity }, isFresh);
        else hidePicture(viewport, isFresh);
        const outlines = linesOf && frame >= 0 ? onScreen(viewport, linesOf(frame)) : undefined;
        drawOutlines(viewport, outlines && { ...LINES, outlines, opacity: look.opacity });
        drawRegions(
          viewport,
          regions.filter((region) => isOn(region, image)),
        );
      }
      const { activeViewportId } = services.viewportGridService.getState();
      const isEmpty = viewport.type === 'stack' ? !image : imageIdsOf(viewport).length === 0;
      coverage.current.set(viewport.id, !map || frame >= 0 || isInVolume || isEmpty);
      setCovered(coverage.current.get(activeViewportId ?? '') ?? true);
    },
    [services, map, layerFor, linesOf, hasColours, look, regions],
  );
  useViewports(services, draw, clear);
  useEffect(() => (map ? () => releaseVolume(map) : undefined), [map]);
  return isCovered;
}

interface ShownImage {
  readonly SOPInstanceUID: string;
  readonly frame: number;
}

/** The image of a stack; a plane through a volume shows no single one. Not the one that the host calls current: that may be on its way. */
function shownImage(viewport: Viewport): ShownImage | undefined {
  const imageId = viewport.type === 'stack' ? viewport.getCornerstoneImage?.()?.imageId : undefined;
  return imageId === undefined
    ? undefined
    : { SOPInstanceUID: SOPInstanceUIDOf(imageId) ?? '', frame: frameNumberOf(imageId) };
}

const isOn = (region: Region, image: ShownImage | undefined): boolean =>
  image !== undefined &&
  region.SOPInstanceUID === image.SOPInstanceUID &&
  (region.frame === undefined || region.frame === image.frame);

/** A volume viewport of the images that the map was computed for, in the same frame of reference. */
const isOf = (map: ValueMap, viewport: Viewport): boolean =>
  map.grid !== undefined &&
  viewport.getFrameOfReferenceUID?.() === map.grid.FrameOfReferenceUID &&
  imageIdsOf(viewport).some(
    (imageId) => frameFor(map, SOPInstanceUIDOf(imageId) ?? '', frameNumberOf(imageId)) >= 0,
  );

const LINES = { hasLines: true, hasHatching: true } as const;

/** On a plane through a volume colours cannot be hatched, so lines are over them where something speaks against. */
function inPlane(
  viewport: Viewport,
  map: ValueMap,
  look: VolumeLook,
  hasColours: boolean,
): Drawing | undefined {
  if (hasColours && (!scaleOf(map).hasAgainst || look.side === 'for')) return undefined;
  const plane = planeOf(viewport);
  if (!plane) return undefined;
  const outlines = outlinesIn(plane, map, hasColours ? { ...look, side: 'against' } : look);
  return { outlines, hasLines: !hasColours, hasHatching: true, opacity: look.opacity };
}

function clear(viewport: Viewport): void {
  hideVolume(viewport);
  drawOutlines(viewport, undefined);
  if (viewport.type !== 'stack') return;
  hidePicture(viewport, false);
  drawRegions(viewport, []);
}
