import { useEffect, useState } from 'react';

/** Who waits longer than this is told so, ms. */
const PATIENCE_MS = 8_000;

/** Whether something has been waited for so long that silence would be taken for an answer. */
export function useLate(isWaiting: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!isWaiting) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return isLate && isWaiting;
}
