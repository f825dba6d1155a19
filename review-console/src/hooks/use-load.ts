import { type DependencyList, useCallback, useEffect, useRef, useState } from 'react';
import { ApiFault } from '../lib/api.ts';

export type Load<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly fault: ApiFault }
  /** `fault`: it was asked for again, and no newer answer came. */
  | { readonly state: 'ready'; readonly value: T; readonly fault?: ApiFault };

/** What may pass is asked again by itself. */
const AGAIN_MS = 5_000;

/** Asks when `dependencies` change, and again when told to; what is there stays in place until the newer answer is. */
export function useLoad<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  dependencies: DependencyList,
): readonly [load: Load<T>, again: () => void] {
  const [load, setLoad] = useState<Load<T>>({ state: 'loading' });
  const running = useRef<AbortController | undefined>(undefined);
  const run = useCallback(async () => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    try {
      const value = await ask(controller.signal);
      if (!controller.signal.aborted) setLoad({ state: 'ready', value });
    } catch (error) {
      if (controller.signal.aborted) return;
      const fault = asFault(error);
      setLoad((old) => (old.state === 'ready' ? { ...old, fault } : { state: 'failed', fault }));
    }
  }, dependencies);
  useEffect(() => {
    setLoad({ state: 'loading' });
    void run();
    return () => running.current?.abort();
  }, [run]);
  const fault = load.state === 'loading' ? undefined : load.fault;
  useEffect(() => {
    if (!fault?.mayPass) return;
    const timer = setTimeout(() => void run(), AGAIN_MS);
    const onOnline = () => void run();
    window.addEventListener('online', onOnline);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', onOnline);
    };
  }, [fault, run]);
  return [load, run];
}

export const asFault = (error: unknown): ApiFault =>
  error instanceof ApiFault ? error : new ApiFault(0, { code: 'INTERNAL', detail: String(error) });
