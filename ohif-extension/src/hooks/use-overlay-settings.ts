import { useMemo, useReducer } from 'react';

export interface OverlaySettings {
  /** The map, or the masks. */
  readonly map: boolean;
  readonly regions: boolean;
  /** Percent. */
  readonly opacity: number;
  /** The strongest cells in percent. */
  readonly top: number;
  /** All is hidden while a key is held. */
  readonly peek: boolean;
}

export type OverlayChange = (change: Partial<OverlaySettings>) => void;

/** At first one mark: the map where something was found, nothing where nothing was. */
export function useOverlaySettings(present: boolean): readonly [OverlaySettings, OverlayChange] {
  const [settings, change] = useReducer(
    (now: OverlaySettings, next: Partial<OverlaySettings>): OverlaySettings => ({
      ...now,
      ...next,
      opacity: inRange(next.opacity ?? now.opacity),
      top: inRange(next.top ?? now.top),
    }),
    { map: present, regions: present, opacity: 60, top: 20, peek: false },
  );
  return useMemo(() => [settings, change], [settings]);
}

const inRange = (percent: number): number => Math.min(100, Math.max(5, percent));
