import { useMemo, useReducer, useState } from 'react';
import { PALETTES, type Palette } from '../lib/colour-map.ts';
import { SIDES, type Side } from '../lib/value-map.ts';

/** How a map is drawn: in colours, or as lines around what is shown, which hide nothing and need no colour. */
export const FORMS = ['colours', 'outline'] as const;
export type Form = (typeof FORMS)[number];

export interface OverlaySettings {
  readonly map: boolean;
  /** The regions, or the masks. */
  readonly regions: boolean;
  /** Percent. */
  readonly opacity: number;
  /** Percent: the strongest cells of evidence, the lowest values of doubt. */
  readonly top: number;
  readonly form: Form;
  readonly side: Side;
  readonly palette: Palette;
  /** All is hidden while a key is held. */
  readonly peek: boolean;
}

export type OverlayChange = (change: Partial<OverlaySettings>) => void;

/** At first, of each `report` anew, one mark: `map` or `regions` where something was found, nothing where nothing was. */
export function useOverlaySettings(
  report: string,
  first: Pick<OverlaySettings, 'map' | 'regions'>,
): readonly [OverlaySettings, OverlayChange] {
  const [settings, change] = useReducer(
    (now: OverlaySettings, next: Partial<OverlaySettings>): OverlaySettings => ({
      ...now,
      ...next,
      opacity: inRange(next.opacity ?? now.opacity),
      top: inRange(next.top ?? now.top),
    }),
    { opacity: 60, top: 20, form: 'colours', side: 'both', palette: 'inferno', peek: false, ...first },
  );
  const [shown, setShown] = useState(report);
  if (shown !== report) {
    setShown(report);
    change(first);
  }
  return useMemo(() => [settings, change], [settings]);
}

const inRange = (percent: number): number => Math.min(100, Math.max(5, percent));

const after = <T>(list: readonly T[], one: T): T => list[(list.indexOf(one) + 1) % list.length] as T;
export const nextForm = (form: Form): Form => after(FORMS, form);
export const nextSide = (side: Side): Side => after(SIDES, side);
export const nextPalette = (palette: Palette): Palette => after(PALETTES, palette);
