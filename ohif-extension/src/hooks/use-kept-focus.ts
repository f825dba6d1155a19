import { type RefObject, useEffect } from 'react';

/** Keeps the keyboard in the panel when what has the focus goes away, as a button that was pressed: else the viewer would hear the next key. */
export function useKeptFocus(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const panel = root.current;
    if (!panel) return undefined;
    let last: Element | undefined;
    const onFocusIn = ({ target }: FocusEvent) => {
      last = target as Element;
    };
    const bringBack = () => {
      if (!last || last.isConnected) return;
      last = undefined;
      if (panel.isConnected && !isElsewhere())
        (panel.querySelector<HTMLElement>('article') ?? panel).focus({ preventScroll: true });
    };
    // Some browsers tell of it before the element is gone, some never.
    const onFocusOut = ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        if (target === last && last?.isConnected) last = undefined;
        bringBack();
      });
    const observer = new MutationObserver(bringBack);
    panel.addEventListener('focusin', onFocusIn);
    panel.addEventListener('focusout', onFocusOut);
    observer.observe(panel, { childList: true, subtree: true });
    return () => {
      panel.removeEventListener('focusin', onFocusIn);
      panel.removeEventListener('focusout', onFocusOut);
      observer.disconnect();
    };
  }, [root]);
}

const isElsewhere = (): boolean =>
  document.activeElement !== null && document.activeElement !== document.body;
