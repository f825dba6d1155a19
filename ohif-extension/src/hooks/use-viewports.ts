import { useEffect } from 'react';
import type { Services, Viewport } from '../host.ts';

const RENDERED = 'CORNERSTONE_IMAGE_RENDERED';

/**
 * Calls `draw` for each viewport now and after each of its renderings, through changes of layout and of images; calls
 * `clear` for each when it is no longer wanted. Both must be idempotent: what they render is a rendering, too. `isFresh`: the viewport has just
 * been rendered, and its canvas holds what the host drew, and no more.
 */
export function useViewports(
  services: Services,
  draw: (viewport: Viewport, isFresh: boolean) => void,
  clear: (viewport: Viewport) => void,
): void {
  useEffect(() => {
    const watched = new Map<HTMLElement, () => void>();
    const watch = () => {
      for (const viewport of viewportsOf(services)) {
        if (watched.has(viewport.element)) continue;
        const { element } = viewport;
        // The host may put another viewport on the same element: ask for it each time.
        const redraw = () => {
          const current = viewportsOf(services).find((candidate) => candidate.element === element);
          if (current) draw(current, true);
        };
        element.addEventListener(RENDERED, redraw);
        watched.set(element, () => element.removeEventListener(RENDERED, redraw));
      }
      for (const viewport of viewportsOf(services)) draw(viewport, false);
    };
    const { viewportGridService, cornerstoneViewportService } = services;
    const subscriptions = [
      viewportGridService.subscribe(viewportGridService.EVENTS.GRID_STATE_CHANGED ?? '', watch),
      viewportGridService.subscribe(viewportGridService.EVENTS.VIEWPORTS_READY ?? '', watch),
      cornerstoneViewportService.subscribe(
        cornerstoneViewportService.EVENTS.VIEWPORT_DATA_CHANGED ?? '',
        watch,
      ),
    ];
    watch();
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const stop of watched.values()) stop();
      for (const viewport of viewportsOf(services)) clear(viewport);
    };
  }, [services, draw, clear]);
}

export const viewportsOf = ({
  viewportGridService,
  cornerstoneViewportService,
}: Services): readonly Viewport[] =>
  [...viewportGridService.getState().viewports.keys()].flatMap(
    (id) => cornerstoneViewportService.getCornerstoneViewport(id) ?? [],
  );

export const nothing = (): void => undefined;
