import { useEffect, useRef, useState } from 'react';
import type { Case, Window } from '../../../server/review/contract/case.ts';
import { windowOf } from '../lib/api.ts';
import { moved } from '../lib/window.ts';

/** The server draws each; as many a second as one can follow. */
const PAUSE_MS = 120;

/** The window through which a case's pictures are shown; undefined as they ask to be. Ends with the case. */
export function useWindow({ analysis }: Pick<Case, 'analysis'>, picture: number) {
  const [window, setWindow] = useState<Window>();
  /** Ahead of what is shown while it is moved. */
  const wanted = useRef<Window | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const asked = useRef<Promise<void> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (next: Window | undefined): void => {
    clearTimeout(timer.current);
    timer.current = undefined;
    wanted.current = next;
    setWindow(next);
  };
  const showSoon = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setWindow(wanted.current);
    }, PAUSE_MS);
  };
  return {
    window,
    set,
    /** From what is shown; what the image itself asks for is asked of the server first. Colours have no window, and stay. */
    move: (by: { readonly wider?: number; readonly darker?: number }): void => {
      const step = { wider: 0, darker: 0, ...by };
      if (wanted.current) {
        wanted.current = moved(wanted.current, step);
        showSoon();
        return;
      }
      asked.current ??= windowOf(analysis, picture)
        .then((own) => {
          wanted.current = moved(own, step);
          showSoon();
        })
        .catch(() => undefined)
        .finally(() => {
          asked.current = undefined;
        });
    },
  };
}
export type Windowing = ReturnType<typeof useWindow>;
