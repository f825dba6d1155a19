import { useEffect, useState } from 'react';
import type { DisplaySet, Services } from '../host.ts';

/** What the host has of the open studies, as it reads them. */
export function useDisplaySets({ displaySetService }: Services): readonly DisplaySet[] {
  const [sets, setSets] = useState<readonly DisplaySet[]>([]);
  useEffect(() => {
    const update = () => setSets([...displaySetService.getActiveDisplaySets()]);
    const added = displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_ADDED ?? '', update);
    update();
    return () => added.unsubscribe();
  }, [displaySetService]);
  return sets;
}
