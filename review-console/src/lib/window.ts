import type { Window } from '../../../server/review/contract/case.ts';

/** Of a CT, in HU: the viewer's, so that both show the same. */
export const CT_WINDOWS = {
  softTissue: { centre: 40, width: 400 },
  lung: { centre: -600, width: 1500 },
  liver: { centre: 90, width: 150 },
  bone: { centre: 480, width: 2500 },
  brain: { centre: 40, width: 80 },
} as const satisfies Record<string, Window>;
export type CtWindow = keyof typeof CT_WINDOWS;

/** As the image asks, then each of the windows, and so on. */
export function nextWindow(current: Window | undefined): Window | undefined {
  const all: readonly Window[] = Object.values(CT_WINDOWS);
  const at = all.findIndex((each) => isSame(each, current));
  return current && at < 0 ? undefined : all[at + 1];
}

/** Which of them it is; `own` is what the image asks for. */
export function nameOf(window: Window | undefined): CtWindow | 'own' | undefined {
  if (!window) return 'own';
  const found = Object.entries(CT_WINDOWS).find(([, each]) => isSame(each, window));
  return found?.[0] as CtWindow | undefined;
}

/** Moved by shares of its width: to the right and up is wider and brighter in most viewers, and so here. The server's limits hold. */
export function moved(
  { centre, width }: Window,
  { wider, darker }: { readonly wider: number; readonly darker: number },
): Window {
  return {
    centre: rounded(Math.min(1e6, Math.max(-1e6, centre + darker * width))),
    width: rounded(Math.min(2e6, Math.max(1e-6, width * Math.exp(wider)))),
  };
}

const isSame = (a: Window, b: Window | undefined): boolean => a.centre === b?.centre && a.width === b.width;

/** Nobody sees more digits. */
const rounded = (value: number): number => Number(value.toPrecision(4));
