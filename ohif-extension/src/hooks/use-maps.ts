import { useEffect, useState } from 'react';
import type { Archive } from '../lib/archive.ts';
import { GRAYSCALE_WORD_SC, readMap, readMapHeader } from '../lib/read-map.ts';
import type { ImageReference } from '../lib/result.ts';
import type { ValueMap } from '../lib/value-map.ts';

export type Maps =
  | { readonly state: 'loading' }
  | { readonly state: 'failed' }
  | { readonly state: 'ready'; readonly maps: readonly ValueMap[] };

/** The value maps of one finding on projections; an empty list where it has none. */
export function useMaps(archive: Archive, study: string, explanations: readonly ImageReference[]): Maps {
  const [maps, setMaps] = useState<Maps>({ state: 'loading' });
  useEffect(() => {
    const stop = new AbortController();
    setMaps({ state: 'loading' });
    load(archive, { study, explanations, signal: stop.signal })
      .then((found) => {
        if (!stop.signal.aborted) setMaps({ state: 'ready', maps: found });
      })
      .catch(() => {
        if (!stop.signal.aborted) setMaps({ state: 'failed' });
      });
    return () => stop.abort();
  }, [archive, study, explanations]);
  return maps;
}

interface Wanted {
  readonly study: string;
  readonly explanations: readonly ImageReference[];
  readonly signal: AbortSignal;
}

async function load(archive: Archive, { study, explanations, signal }: Wanted): Promise<readonly ValueMap[]> {
  const images = explanations.flatMap(({ SOPClassUID, SOPInstanceUID, SeriesInstanceUID }) =>
    SOPClassUID === GRAYSCALE_WORD_SC && SeriesInstanceUID
      ? [{ StudyInstanceUID: study, SeriesInstanceUID, SOPInstanceUID }]
      : [],
  );
  const read = images.map(async (image) => {
    const instance = await archive.header(image, signal);
    const header = instance && readMapHeader(instance);
    if (!header) return [];
    const frames = header.sources.map(async (_, frame) =>
      readMap(header, frame, await archive.frame(image, frame, signal)),
    );
    return (await Promise.all(frames)).filter((map) => map !== undefined);
  });
  return (await Promise.all(read)).flat();
}
