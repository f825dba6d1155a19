import { useState } from 'react';
import type { Host } from '../host.ts';
import { bring } from '../lib/bring.ts';
import { isDrawable, onLoadFailure } from '../lib/mask-set.ts';
import { useDisplaySets } from './use-display-sets.ts';

/** How the host itself shows masks over their images; `unable`: it cannot, by their header or as it turned out. */
export type Layer = (() => void) | 'unable';

/** Of masks by their SOP Instance UID; undefined of what the host has not read. */
export function useLayers(host: Host): (SOPInstanceUID: string) => Layer | undefined {
  const sets = useDisplaySets(host.services);
  const [failed, setFailed] = useState<readonly string[]>([]);
  return (SOPInstanceUID) => {
    const masks = sets.find((each) => each.SOPInstanceUID === SOPInstanceUID && each.Modality === 'SEG');
    if (!masks) return undefined;
    if (!isDrawable(masks) || failed.includes(SOPInstanceUID)) return 'unable';
    return () => {
      const put = (viewportId: string) => {
        host.runCommand('addDisplaySetAsLayer', {
          viewportId,
          displaySetInstanceUID: masks.displaySetInstanceUID,
        });
        onLoadFailure(masks, () => setFailed((now) => [...now, SOPInstanceUID]));
      };
      const source = masks.referencedDisplaySetInstanceUID;
      if (source !== undefined) return bring(host, source, put);
      const { activeViewportId: active } = host.services.viewportGridService.getState();
      if (active) put(active);
    };
  };
}
