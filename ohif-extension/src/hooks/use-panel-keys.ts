import { type KeyboardEvent, useCallback, useMemo } from 'react';
import type { Verdict } from '../lib/assessments.ts';
import {
  nextForm,
  nextPalette,
  nextSide,
  type OverlayChange,
  type OverlaySettings,
} from './use-overlay-settings.ts';

interface Actions {
  readonly settings: OverlaySettings;
  readonly change: OverlayChange;
  readonly select: (step: 1 | -1) => void;
  readonly jump: () => void;
  readonly toggleCard: (index: number) => void;
  readonly choose: (verdict: Verdict) => void;
}

/** Where letters are letters. */
const isWriting = (target: EventTarget): boolean =>
  target instanceof HTMLElement &&
  target.matches('select, textarea, input:not([type=range], [type=checkbox])');

/** On many keyboards brackets need Option, or AltGr, which some browsers tell as Ctrl and Alt. */
const isCommand = ({ ctrlKey, metaKey, altKey }: KeyboardEvent, key: string): boolean =>
  key === '[' || key === ']' ? metaKey || (ctrlKey && !altKey) : ctrlKey || metaKey || altKey;

/**
 * Handlers for the panel's root. Keys act only while focus is in the panel, and then the host does not hear them: it has its
 * own meaning for H, V, R and digits.
 */
export function usePanelKeys({ settings, change, select, jump, toggleCard, choose }: Actions) {
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
  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      const key = event.key.toLowerCase();
      if (isCommand(event, key) || isWriting(event.target)) return;
      // Enter on a button or a card is that button's own.
      if (key === 'enter' && event.target !== event.currentTarget) return;
      const act = keys[key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    [keys],
  );
  const onKeyUp = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      if (event.key.toLowerCase() === 'h') change({ peek: false });
    },
    [change],
  );
  const onBlur = useCallback(() => change({ peek: false }), [change]);
  return { onKeyDown, onKeyUp, onBlur };
}
