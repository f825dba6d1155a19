import { type RefObject, useCallback, useEffect, useRef } from 'react';

/** Brings the keyboard into the panel by a chord such as `Alt+P`, from anywhere. Returns what gives it back. */
export function useFocusKey(root: RefObject<HTMLElement | null>, chord: string): () => void {
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const [letter = '', ...held] = chord.toLowerCase().split('+').reverse();
    const onKey = (event: KeyboardEvent) => {
      const panel = root.current;
      const isChord =
        event.code.toLowerCase() === `key${letter}` &&
        event.altKey === held.includes('alt') &&
        event.ctrlKey === held.includes('ctrl') &&
        event.shiftKey === held.includes('shift');
      if (!panel || !isChord) return;
      event.preventDefault();
      if (!panel.contains(document.activeElement)) before.current = document.activeElement;
      (panel.querySelector<HTMLElement>('article') ?? panel).focus();
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, [root, chord]);
  return useCallback(() => {
    if (before.current instanceof HTMLElement && before.current !== document.body) before.current.focus();
    else (document.activeElement as HTMLElement | null)?.blur();
  }, []);
}
