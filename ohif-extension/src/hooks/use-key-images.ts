import type { Host } from '../host.ts';
import { bring } from '../lib/bring.ts';
import { jumpTo, type Place } from '../lib/jump.ts';
import { useDisplaySets } from './use-display-sets.ts';

/** How an image, or a region of one, is brought into view; undefined of one that the host does not have, or has not read. */
export function useKeyImages(host: Host): (image: Place) => (() => void) | undefined {
  const sets = useDisplaySets(host.services);
  return (image) => {
    const holds = sets.find(({ instances }) =>
      instances?.some(({ SOPInstanceUID }) => SOPInstanceUID === image.SOPInstanceUID),
    );
    return (
      holds &&
      (() =>
        bring(host, holds.displaySetInstanceUID, () => {
          void jumpTo(host.services, image);
        }))
    );
  };
}
