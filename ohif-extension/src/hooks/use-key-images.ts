import type { Host } from '../host.ts';
import { bring } from '../lib/bring.ts';
import { jumpTo } from '../lib/jump.ts';
import type { KeyImage } from '../lib/key-images.ts';
import { useDisplaySets } from './use-display-sets.ts';

/** How a key image is brought into view; undefined of one that the host does not have, or has not read. */
export function useKeyImages(host: Host): (image: KeyImage) => (() => void) | undefined {
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
