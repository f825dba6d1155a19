import { useEffect, useRef } from 'react';
import { listenForCases } from '../lib/api.ts';

/** Many change at once when results come in; they are one piece of news. */
const TOGETHER_MS = 800;

/** Calls when any case has changed, and when the browser is back after the network was away. */
export function useCaseEvents(onChange: () => void): void {
  const current = useRef(onChange);
  current.current = onChange;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        current.current();
      }, TOGETHER_MS);
    };
    const end = listenForCases(tell);
    window.addEventListener('online', tell);
    return () => {
      end();
      clearTimeout(timer);
      window.removeEventListener('online', tell);
    };
  }, []);
}
