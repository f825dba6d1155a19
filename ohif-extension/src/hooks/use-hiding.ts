import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Cover, fromAt, type Where } from '../lib/cover.ts';
import { percent } from '../lib/format.ts';
import type { DeletionCurve } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

export interface Hiding {
  /** Of the curve: 0 hides nothing. */
  readonly step: number;
  readonly hide: (step: number) => void;
  /** What is to be covered; undefined when nothing is hidden, or the report does not say where. */
  readonly cover: Cover | undefined;
  /** What is in view of the images that can be covered, as what draws on them tells. */
  readonly where: Where;
  readonly tell: (where: Where) => void;
}

/** How much of the strongest evidence a reader hides, of one finding: it ends with another one, and with Escape from anywhere. */
export function useHiding(finding: string, curve: DeletionCurve | undefined): Hiding {
  const [hidden, setHidden] = useState({ of: finding, step: 0 });
  const [where, tell] = useState<Where>('nothing');
  const hide = useCallback((step: number) => setHidden({ of: finding, step }), [finding]);
  if (hidden.of !== finding) hide(0);
  const step = hidden.of === finding ? hidden.step : 0;
  const isHiding = step > 0;
  useEffect(() => {
    if (!isHiding) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      // The next one gives the keyboard back to the viewer.
      event.stopPropagation();
      hide(0);
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [isHiding, hide]);
  const cover = useMemo((): Cover | undefined => {
    const from = curve && fromAt(curve, step);
    if (!curve || from === undefined) return undefined;
    const share = percent(step / (curve.strongestFirst.length - 1));
    return { from, words: STRINGS.deletion.onImage(share) };
  }, [curve, step]);
  return useMemo(() => ({ step, hide, cover, where, tell }), [step, hide, cover, where]);
}
