import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { frameNumberOf, imageIdsOf, type Services, SOPInstanceUIDOf, type Viewport } from '../host.ts';
import { type Cover, coveredOf, drawCover, type InView } from '../lib/cover.ts';
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
  /** With it nothing else is drawn. */
  readonly cover: Cover | undefined;
}

/** Frames of a map: more than viewports show at once, so that who scrolls back finds them made. At most 1 MB each. */
const KEPT = 32;

/** Draws map and regions over the images that they were computed for, and over no other, or covers a part of those. Without a map `nothing` is in view. */
export function useMapOverlay(services: Services, { map, look, form, regions, cover }: MapOverlay): InView {
  const [inView, setInView] = useState<InView>('nothing');
  const hasColours = form === 'colours' && !cover;
  const hasLines = form !== 'colours' && !cover;
  const layerFor = useMemo(
    () => (map && hasColours ? kept(KEPT, (frame) => layerOf(paint(map, frame, look))) : undefined),
    [map, look, hasColours],
  );
  const linesOf = useMemo(
    () => (map && hasLines ? kept(KEPT, (frame) => outlinesOf(map, frame, look)) : undefined),
    [map, look, hasLines],
  );
  const coveredIn = useMemo(
    () => (map && cover ? kept(KEPT, (frame) => coveredOf(map, frame, cover.from)) : undefined),
    [map, cover],
  );
  const shown = useRef(new Map<string, InView>());
  const draw = useCallback(
    (viewport: Viewport, isFresh: boolean) => {
      const image = shownImage(viewport);
      const frame = map && image ? frameFor(map, image.SOPInstanceUID, image.frame) : -1;
      const isInVolume = map !== undefined && viewport.type === 'orthographic' && isOf(map, viewport);
      if (isInVolume && hasColours) showVolume(viewport, map, look);
      else hideVolume(viewport);
      if (isInVolume && !cover) drawOutlines(viewport, inPlane(viewport, map, look, hasColours));
      else if (viewport.type !== 'stack') drawOutlines(viewport, undefined);
      if (viewport.type === 'stack') {
        if (layerFor && frame >= 0)
          showPicture(viewport, { layer: layerFor(frame), opacity: look.opacity }, isFresh);
        else hidePicture(viewport, isFresh);
        const outlines = linesOf && frame >= 0 ? onScreen(viewport, linesOf(frame)) : undefined;
        drawOutlines(viewport, outlines && { ...LINES, outlines, opacity: look.opacity });
        drawRegions(viewport, cover ? [] : regions.filter((region) => isOn(region, image)));
      }
      drawCover(
        viewport,
        cover && coveredIn && frame >= 0 ? { rings: coveredIn(frame), words: cover.words } : undefined,
      );
      const { activeViewportId } = services.viewportGridService.getState();
      const isEmpty = viewport.type === 'stack' ? !image : imageIdsOf(viewport).length === 0;
      const seen = isInVolume ? 'plane' : frame >= 0 ? 'image' : 'other';
      shown.current.set(viewport.id, !map || isEmpty ? 'nothing' : seen);
      setInView(shown.current.get(activeViewportId ?? '') ?? 'nothing');
    },
    [services, map, layerFor, linesOf, coveredIn, hasColours, look, regions, cover],
  );
  useViewports(services, draw, clear);
  useEffect(() => (map ? () => releaseVolume(map) : undefined), [map]);
  return inView;
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
  drawCover(viewport, undefined);
  if (viewport.type !== 'stack') return;
  hidePicture(viewport, false);
  drawRegions(viewport, []);
}
