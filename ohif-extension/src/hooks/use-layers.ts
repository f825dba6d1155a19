import { useEffect, useState } from 'react';
import { type DisplaySet, type Host, imageIdsOf, type Services } from '../host.ts';

/** How the host itself shows masks over the images that they are of, by their SOP Instance UID; undefined of what it cannot, or has not read. */
export function useLayers({
  services,
  runCommand,
}: Host): (SOPInstanceUID: string) => (() => void) | undefined {
  const { displaySetService } = services;
  const [sets, setSets] = useState<readonly DisplaySet[]>([]);
  useEffect(() => {
    const update = () => setSets([...displaySetService.getActiveDisplaySets()]);
    const added = displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_ADDED ?? '', update);
    update();
    return () => added.unsubscribe();
  }, [displaySetService]);
  return (SOPInstanceUID) => {
    const masks = sets.find((each) => each.SOPInstanceUID === SOPInstanceUID && each.Modality === 'SEG');
    if (!masks) return undefined;
    return () => {
      const put = (viewportId: string) =>
        runCommand('addDisplaySetAsLayer', {
          viewportId,
          displaySetInstanceUID: masks.displaySetInstanceUID,
        });
      const source = masks.referencedDisplaySetInstanceUID;
      const { activeViewportId: active } = services.viewportGridService.getState();
      const at = source === undefined ? active : viewportOf(services, source);
      if (at) return void put(at);
      if (!active || source === undefined) return;
      whenShown(services, active, source, () => put(active));
      runCommand('setDisplaySetsForViewports', {
        viewportsToUpdate: [{ viewportId: active, displaySetInstanceUIDs: [source] }],
      });
    };
  };
}

/** The one that shows a series, the active one before others. */
function viewportOf({ viewportGridService }: Services, displaySet: string): string | undefined {
  const { activeViewportId, viewports } = viewportGridService.getState();
  const showing = [...viewports].flatMap(([id, { displaySetInstanceUIDs }]) =>
    displaySetInstanceUIDs?.includes(displaySet) ? [id] : [],
  );
  return showing.find((id) => id === activeViewportId) ?? showing[0];
}

/** Calls `act` once, as soon as a viewport has the images of a series; not where the host does not bring them. */
function whenShown(services: Services, viewportId: string, displaySet: string, act: () => void): void {
  const { cornerstoneViewportService: service, viewportGridService } = services;
  const changed = service.subscribe(service.EVENTS.VIEWPORT_DATA_CHANGED ?? '', () => {
    const { displaySetInstanceUIDs } = viewportGridService.getState().viewports.get(viewportId) ?? {};
    const viewport = service.getCornerstoneViewport(viewportId);
    if (!displaySetInstanceUIDs?.includes(displaySet) || !viewport || imageIdsOf(viewport).length === 0)
      return;
    stop();
    act();
  });
  const stop = () => {
    clearTimeout(late);
    changed.unsubscribe();
  };
  const late = setTimeout(stop, LONGEST);
}

/** ms; who has waited that long does something else by then. */
const LONGEST = 20_000;
