import { useEffect, useState } from 'react';
import type { Case } from '../../../server/review/contract/case.ts';
import type { Palette } from '../../../server/shared/colour-map.ts';
import { keep, keptJson } from '../lib/kept.ts';
import { useWindow } from './use-window.ts';

/** How the overlays are drawn: as the reader had them last. */
export interface Looks {
  readonly isMap: boolean;
  readonly isRegions: boolean;
  readonly isUncertainty: boolean;
  /** The mask as a person corrected it. */
  readonly isCorrected: boolean;
  readonly isAgainst: boolean;
  /** Share of the strongest evidence that is shown. */
  readonly top: number;
  readonly opacity: number;
  readonly colours: Palette;
}

const KEY = 'pellucid.review.looks';
const FIRST: Looks = {
  isMap: true,
  isRegions: true,
  isUncertainty: false,
  isCorrected: true,
  isAgainst: false,
  top: 0.2,
  opacity: 0.6,
  colours: 'inferno',
};
export const TOPS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1] as const;

/** Which finding and which image is looked at, and how. */
export function useLooking(shown: Pick<Case, 'analysis' | 'allFindings' | 'pictures'>) {
  const { allFindings, pictures } = shown;
  const [finding, setFinding] = useState(() => headline(allFindings));
  const [picture, setPicture] = useState(() => allFindings[finding]?.keyPicture ?? 0);
  const [looks, setLooks] = useState<Looks>(() => ({ ...FIRST, ...keptJson<Partial<Looks>>(KEY) }));
  const windowing = useWindow(shown, picture);
  useEffect(() => void keep(KEY, { ...looks, isAgainst: false }), [looks]);
  return {
    finding,
    picture,
    looks,
    windowing,
    show: (change: Partial<Looks>) => setLooks((old) => ({ ...old, ...change })),
    goToPicture: (n: number) => setPicture(Math.min(pictures.length - 1, Math.max(0, n))),
    goToFinding: (n: number) => {
      const next = Math.min(allFindings.length - 1, Math.max(0, n));
      setFinding(next);
      setPicture((old) => allFindings[next]?.keyPicture ?? old);
    },
  };
}
export type Looking = ReturnType<typeof useLooking>;

/** The strongest that is present, else the strongest. */
function headline(findings: Case['allFindings']): number {
  const rank = findings.map(({ present, score }) => (present ? 2 : 0) + (score ?? 0));
  return Math.max(0, rank.indexOf(Math.max(...rank)));
}
