import { useEffect, useRef } from 'react';

/** By the key's name, as `KeyboardEvent.key` has it, lower case for letters; `ctrl+enter` also where text is written. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches(
      'textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=button])',
    ));

/** Keys that the control in focus acts on itself. */
const isOwnOf = (target: EventTarget | null, key: string): boolean =>
  target instanceof HTMLElement &&
  ((['Enter', ' '].includes(key) && target.closest('button, a, summary, label') !== null) ||
    (/^(Arrow|Page|Home|End)/.test(key) && target.matches('input, [role=tab]')));

/** Keys of the whole page. They rest while text is written and while a dialog is open. */
export function useKeys(keys: Keys, isOn = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!isOn) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (event.ctrlKey || event.metaKey) {
        if (key === 'Enter') run(current.current['ctrl+enter'], event);
        return;
      }
      if (event.altKey) return;
      if (isWriting(event.target)) {
        // Out of the field, back to the keys.
        if (key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      if (isOwnOf(event.target, key)) return;
      run(current.current[event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key], event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOn]);
}

function run(action: ((event: KeyboardEvent) => void) | undefined, event: KeyboardEvent): void {
  if (!action) return;
  action(event);
  event.preventDefault();
}
