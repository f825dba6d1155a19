import { useEffect, useState } from 'react';
import type { Services } from '../host.ts';
import { jumpAtFirst } from '../lib/jump.ts';
import type { Region } from '../lib/result.ts';
import { useReadyViewport } from './use-ready-viewport.ts';

/**
 * Brings the region into view when the study opens. Answers the active viewport from then on; what the host draws later
 * stays at that image.
 */
export function useFirstLook(services: Services, region: Region | undefined): string | undefined {
  const viewport = useReadyViewport(services);
  const [looked, setLooked] = useState<string>();
  useEffect(() => {
    if (viewport === undefined) return;
    let isWanted = true;
    const done = () => {
      if (isWanted) setLooked(viewport);
    };
    (region ? jumpAtFirst(services, region) : Promise.resolve()).then(done, done);
    return () => {
      isWanted = false;
    };
  }, [services, region, viewport]);
  return looked;
}
