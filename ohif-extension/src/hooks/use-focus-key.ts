import { type RefObject, useEffect } from 'react';

/** Brings the keyboard into the panel by a chord such as `Alt+P`, from anywhere, and back by Escape. */
export function useFocusKey(root: RefObject<HTMLElement | null>, chord: string): void {
  useEffect(() => {
    const [letter = '', ...held] = chord.toLowerCase().split('+').reverse();
    let before: Element | null = null;
    const onKey = (event: KeyboardEvent) => {
      const panel = root.current;
      if (!panel) return;
      const isInside = panel.contains(document.activeElement);
      const isChord =
        event.code.toLowerCase() === `key${letter}` &&
        event.altKey === held.includes('alt') &&
        event.ctrlKey === held.includes('ctrl') &&
        event.shiftKey === held.includes('shift');
      if (isChord) {
        event.preventDefault();
        if (!isInside) before = document.activeElement;
        (panel.querySelector<HTMLElement>('article') ?? panel).focus();
      } else if (event.key === 'Escape' && isInside) {
        event.stopPropagation();
        if (before instanceof HTMLElement && before !== document.body) before.focus();
        else (document.activeElement as HTMLElement | null)?.blur();
      }
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, [root, chord]);
}
