import type { Host } from '../host.ts';
import { bring } from '../lib/bring.ts';
import { isDrawable } from '../lib/mask-set.ts';
import { useDisplaySets } from './use-display-sets.ts';

/** How the host itself shows masks over the images that they are of, by their SOP Instance UID; undefined of what it cannot, or has not read. */
export function useLayers(host: Host): (SOPInstanceUID: string) => (() => void) | undefined {
  const sets = useDisplaySets(host.services);
  return (SOPInstanceUID) => {
    const masks = sets.find((each) => each.SOPInstanceUID === SOPInstanceUID && each.Modality === 'SEG');
    if (!masks || !isDrawable(masks)) return undefined;
    return () => {
      const put = (viewportId: string) =>
        host.runCommand('addDisplaySetAsLayer', {
          viewportId,
          displaySetInstanceUID: masks.displaySetInstanceUID,
        });
      const source = masks.referencedDisplaySetInstanceUID;
      if (source !== undefined) return bring(host, source, put);
      const { activeViewportId: active } = host.services.viewportGridService.getState();
      if (active) put(active);
    };
  };
}
