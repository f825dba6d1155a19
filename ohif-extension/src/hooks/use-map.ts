import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Archive, ImageInArchive } from '../lib/archive.ts';
import { GRAYSCALE_WORD_SC, type MapHeader, readMap, readMapHeader } from '../lib/read-map.ts';
import { PARAMETRIC_MAP, readParametricHeader, readParametricMap } from '../lib/read-parametric-map.ts';
import type { ImageReference } from '../lib/result.ts';
import type { ValueMap } from '../lib/value-map.ts';

export type MapLoad =
  | { readonly state: 'none' }
  /** It is there, and nobody has asked for its values. */
  | { readonly state: 'offered'; readonly header: MapHeader }
  /** `share` of its bytes, 0..1. */
  | { readonly state: 'loading'; readonly header?: MapHeader; readonly share?: number }
  | { readonly state: 'failed'; readonly reason: string; readonly header?: MapHeader }
  | { readonly state: 'ready'; readonly map: ValueMap };

/**
 * The first map of a finding that can be drawn, and a function that asks for it again. The values over a projection are small and come at once;
 * those of a volume come when they are `wanted`, for they are as large as the volume.
 */
export function useMap(
  archive: Archive,
  study: string,
  { explanations, wanted }: { readonly explanations: readonly ImageReference[]; readonly wanted: boolean },
): readonly [MapLoad, () => void] {
  const [load, setLoad] = useState<MapLoad & { readonly of?: string }>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  const source = explanations.find((image) => READERS[image.SOPClassUID] && image.SeriesInstanceUID);
  const { SOPClassUID = '', SOPInstanceUID = '', SeriesInstanceUID = '' } = source ?? {};
  const isReady = load.state === 'ready' && load.of === SOPInstanceUID;
  const isAsked = wanted || SOPClassUID === GRAYSCALE_WORD_SC;
  const image = useMemo(
    () => ({ StudyInstanceUID: study, SeriesInstanceUID, SOPInstanceUID }),
    [study, SeriesInstanceUID, SOPInstanceUID],
  );
  useEffect(() => {
    const read = READERS[SOPClassUID];
    if (!read) return setLoad({ state: 'none' });
    if (isReady) return;
    const stop = new AbortController();
    const tell = (next: MapLoad) => {
      if (!stop.signal.aborted) setLoad({ ...next, of: image.SOPInstanceUID });
    };
    setLoad((now) => (now.state === 'offered' ? { ...now, state: 'loading' } : { state: 'loading' }));
    read({ archive, image, signal: stop.signal, isAsked, tell }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      if (!stop.signal.aborted) setLoad((now) => ({ ...headerOf(now), state: 'failed', reason }));
    });
    return () => stop.abort();
  }, [archive, image, SOPClassUID, isAsked, isReady, attempt]);
  // Until the effect has run the state is still that of the finding before, whose map must not be drawn with this one.
  return [load.state === 'ready' && !isReady ? LOADING : load, again];
}

const LOADING: MapLoad = { state: 'loading' };

const headerOf = (load: MapLoad) => ('header' in load && load.header ? { header: load.header } : {});

interface Reading {
  readonly archive: Archive;
  readonly image: ImageInArchive;
  readonly signal: AbortSignal;
  readonly isAsked: boolean;
  readonly tell: (load: MapLoad) => void;
}

const UNREADABLE = 'its header does not say what its values are';

const READERS: Readonly<Record<string, (reading: Reading) => Promise<void>>> = {
  [GRAYSCALE_WORD_SC]: async ({ archive, image, signal, tell }) => {
    const instance = await archive.header(image, signal);
    const header = readMapHeader(instance);
    if (!header) return tell({ state: 'failed', reason: UNREADABLE });
    const frames = await Promise.all(header.images.map((_, frame) => archive.frame(image, frame, signal)));
    const map = readMap(header, frames);
    tell(map ? { state: 'ready', map } : { state: 'failed', reason: 'no pixels of the declared size' });
  },
  [PARAMETRIC_MAP]: async ({ archive, image, signal, isAsked, tell }) => {
    const instance = await archive.header(image, signal);
    const header = readParametricHeader(instance);
    if (!header) return tell({ state: 'failed', reason: UNREADABLE });
    if (!isAsked) return tell({ state: 'offered', header });
    const size = (header.rows * header.columns * header.images.length * header.bits) / 8;
    const file = await archive.file(image, signal, (bytes) =>
      tell({ state: 'loading', header, share: Math.min(1, bytes / size) }),
    );
    const map = readParametricMap(header, file);
    tell(map ? { state: 'ready', map } : { state: 'failed', reason: 'no pixels of the declared size' });
  },
};
