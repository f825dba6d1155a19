import { useCallback, useState } from 'react';
import { imageIdsOf, type Services, type Viewport } from '../host.ts';
import { nothing, useViewports } from './use-viewports.ts';

/** Identifier of the active viewport once it has images: before, the host drops what it is asked to draw there. */
export function useReadyViewport(services: Services): string | undefined {
  const [ready, setReady] = useState<string>();
  const note = useCallback(
    (viewport: Viewport) => {
      const isActive = services.viewportGridService.getState().activeViewportId === viewport.id;
      if (isActive && imageIdsOf(viewport).length > 0) setReady(viewport.id);
    },
    [services],
  );
  useViewports(services, note, nothing);
  return ready;
}
