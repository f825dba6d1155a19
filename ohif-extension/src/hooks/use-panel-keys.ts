import { useContext, useEffect, useMemo } from 'react';
import type { Verdict } from '../lib/assessments.ts';
import {
  nextForm,
  nextPalette,
  nextSide,
  type OverlayChange,
  type OverlaySettings,
} from './use-overlay-settings.ts';
import { OpenResultKeys } from './use-root-keys.ts';

interface Actions {
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
  readonly select: (step: 1 | -1) => void;
  readonly jump: () => void;
  readonly toggleCard: (index: number) => void;
  readonly choose: (verdict: Verdict) => void;
}

/** What each key does to the open result, wherever in the panel it is pressed. */
export function usePanelKeys({ settings, change, select, jump, toggleCard, choose }: Actions): void {
  const keys: Readonly<Record<string, () => void>> = useMemo(
    () => ({
      e: () => change({ map: !settings.map }),
      u: () => change({ map: !settings.map }),
      f: () => change({ side: nextSide(settings.side) }),
      o: () => change({ form: nextForm(settings.form) }),
      c: () => change({ palette: nextPalette(settings.palette) }),
      g: () => change({ regions: !settings.regions }),
      h: () => change({ peek: true }),
      '-': () => change({ opacity: settings.opacity - 5 }),
      '+': () => change({ opacity: settings.opacity + 5 }),
      '[': () => change({ top: settings.top - 5 }),
      ']': () => change({ top: settings.top + 5 }),
      j: () => select(1),
      k: () => select(-1),
      enter: jump,
      a: () => choose('accepted'),
      m: () => choose('modified'),
      r: () => choose('rejected'),
      ...Object.fromEntries([0, 1, 2, 3, 4].map((card) => [String(card + 1), () => toggleCard(card)])),
    }),
    [settings, change, select, jump, toggleCard, choose],
  );
  const open = useContext(OpenResultKeys);
  useEffect(() => {
    const result = {
      press: (key: string) => keys[key]?.(),
      release: (key: string) => {
        if (key === 'h') change({ peek: false });
      },
    };
    open.current = result;
    return () => {
      if (open.current === result) open.current = undefined;
    };
  }, [open, keys, change]);
}
