import { useEffect, useMemo, useReducer, useState } from 'react';
import { PALETTES, type Palette } from '../../../server/shared/colour-map.ts';
import { recall, remember } from '../lib/remembered.ts';
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

/** What is switched on or off. */
type Marks = Pick<OverlaySettings, 'map' | 'regions'>;
/** `map` and `regions` are there once the reader has used their switch. */
type Chosen = Omit<OverlaySettings, keyof Marks> & { readonly [K in keyof Marks]: boolean | undefined };

const UNCHOSEN = { map: undefined, regions: undefined };

/** `first` of the finding in view is shown until the reader has used a switch; of each `report` anew. */
export function useOverlaySettings(report: string, first: Marks): readonly [OverlaySettings, OverlayChange] {
  const [chosen, change] = useReducer(
    (now: Chosen, next: Partial<Chosen>): Chosen => ({
      ...now,
      ...next,
      opacity: inRange(next.opacity ?? now.opacity),
      top: inRange(next.top ?? now.top),
    }),
    undefined,
    (): Chosen => ({ top: 20, side: 'both', peek: false, ...recallLook(), ...UNCHOSEN }),
  );
  const { form, palette, opacity } = chosen;
  useEffect(() => rememberLook({ form, palette, opacity }), [form, palette, opacity]);
  const [shown, setShown] = useState(report);
  if (shown !== report) {
    setShown(report);
    change(UNCHOSEN);
  }
  const { map = first.map, regions = first.regions } = chosen;
  return useMemo(() => [{ ...chosen, map, regions }, change], [chosen, map, regions]);
}

/** What a reader chooses once, for this browser: how things are drawn, nothing of what is. */
type ReadersLook = Pick<OverlaySettings, 'form' | 'palette' | 'opacity'>;

const STORED = 'pellucid.look';

export const rememberLook = (look: ReadersLook): void => remember(STORED, JSON.stringify(look));

function recallLook(): ReadersLook {
  const { form, palette, opacity } = stored();
  return {
    form: FORMS.find((each) => each === form) ?? 'colours',
    palette: PALETTES.find((each) => each === palette) ?? 'inferno',
    opacity: typeof opacity === 'number' ? inRange(opacity) : 60,
  };
}

function stored(): { readonly [K in keyof ReadersLook]?: unknown } {
  try {
    return JSON.parse(recall(STORED) ?? '') ?? {};
  } catch {
    // Nothing is there, or nothing of ours.
    return {};
  }
}

const inRange = (percent: number): number => Math.min(100, Math.max(5, percent));

const after = <T>(list: readonly T[], one: T): T => list[(list.indexOf(one) + 1) % list.length] as T;
export const nextForm = (form: Form): Form => after(FORMS, form);
export const nextSide = (side: Side): Side => after(SIDES, side);
export const nextPalette = (palette: Palette): Palette => after(PALETTES, palette);
