import { useCallback, useEffect, useState } from 'react';
import { addressOf, type Route, routeOf } from '../lib/route.ts';

export type Go = (route: Route, how?: 'replace') => void;

const now = (): Route => routeOf(location.pathname, location.search);

/** The page that the address means, and how to go to another. */
export function useRoute(): readonly [route: Route, go: Go] {
  const [route, setRoute] = useState(now);
  useEffect(() => {
    const onMove = () => setRoute(now());
    window.addEventListener('popstate', onMove);
    return () => window.removeEventListener('popstate', onMove);
  }, []);
  const go = useCallback<Go>((next, how) => {
    history[how === 'replace' ? 'replaceState' : 'pushState'](null, '', addressOf(next));
    setRoute(now());
  }, []);
  return [route, go];
}
