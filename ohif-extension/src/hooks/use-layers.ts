import { useEffect, useState } from 'react';
import type { DisplaySet, Host } from '../host.ts';

/** How the host itself shows masks over the image in view, by their SOP Instance UID; undefined of what it cannot, or has not read. */
export function useLayers({
  services,
  runCommand,
}: Host): (SOPInstanceUID: string) => (() => void) | undefined {
  const { displaySetService, viewportGridService } = services;
  const [sets, setSets] = useState<readonly DisplaySet[]>([]);
  useEffect(() => {
    const update = () => setSets([...displaySetService.getActiveDisplaySets()]);
    const added = displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_ADDED ?? '', update);
    update();
    return () => added.unsubscribe();
  }, [displaySetService]);
  return (SOPInstanceUID) => {
    const set = sets.find((each) => each.SOPInstanceUID === SOPInstanceUID && each.Modality === 'SEG');
    if (!set) return undefined;
    return () => {
      const viewportId = viewportGridService.getState().activeViewportId;
      if (viewportId)
        runCommand('addDisplaySetAsLayer', { viewportId, displaySetInstanceUID: set.displaySetInstanceUID });
    };
  };
}
