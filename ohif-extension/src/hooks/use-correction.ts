import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Host } from '../host.ts';
import { type Brush, editingServices } from '../host-editing.ts';
import { askBeforeLeaving } from '../lib/leaving.ts';
import { editMasks, type MaskEdit } from '../lib/mask-edit.ts';
import type { Finding, Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

/** What a reader does to the masks of a result, until it is signed or discarded. */
export interface Correcting {
  readonly state: 'beginning' | 'open' | 'unable';
  /** SOP Instance UID of the report. */
  readonly of: string;
  readonly edit?: MaskEdit;
  readonly isChanged: boolean;
  readonly brush: Brush;
  /** mm */
  readonly radius: number;
}

export interface Correction {
  /** Undefined while nothing is corrected. */
  readonly correcting: Correcting | undefined;
  begin(): void;
  /** What was done is gone. */
  end(): void;
  take(brush: Brush): void;
  resize(radius: number): void;
}

const FIRST_RADIUS = 4;

/** Kept outside of the panel: the host takes that away when its reader opens another tab. */
let now: Correcting | undefined;
let letGo: (() => void) | undefined;
const heard = new Set<() => void>();
const become = (next: Correcting | undefined): void => {
  now = next;
  for (const callback of heard) callback();
};
const subscribe = (callback: () => void): (() => void) => {
  heard.add(callback);
  return () => heard.delete(callback);
};

/** The correction of a result's masks in the host; `finding` is the one whose segment the brush paints. */
export function useCorrection(host: Host, result: Result, finding: Finding | undefined): Correction {
  const current = useSyncExternalStore(subscribe, () => now);
  const correcting = current?.of === result.SOPInstanceUID ? current : undefined;
  const segment = finding?.segment;
  const number = segment?.number;
  const series = segment?.SeriesInstanceUID;
  useEffect(() => {
    if (number !== undefined) correcting?.edit?.paints(number);
  }, [number, correcting?.edit]);
  // The host throws its masks away when the study is left.
  useEffect(() => {
    const edit = now?.edit;
    if (edit && !editingServices(host)?.segmentationService.getSegmentation(edit.id)) end();
  }, [host]);
  const begin = useCallback(() => {
    if (now) end();
    const of = result.SOPInstanceUID;
    const first = { of, isChanged: false, brush: 'paint', radius: FIRST_RADIUS } as const;
    if (number === undefined || series === undefined) return become({ ...first, state: 'unable' });
    become({ ...first, state: 'beginning' });
    editMasks(host, { series, label: STRINGS.assess.copyName(result.model.name), segment: number }).then(
      (edit) => {
        if (now?.of !== of || now.state !== 'beginning') return edit.end();
        edit.size(FIRST_RADIUS);
        const stopHearing = edit.onChange(() => {
          if (!now || now.isChanged) return;
          const stopAsking = askBeforeLeaving(STRINGS.assess.leave);
          letGo = () => {
            stopHearing();
            stopAsking();
          };
          become({ ...now, isChanged: true });
        });
        letGo = stopHearing;
        become({ ...first, state: 'open', edit });
      },
      () => become({ ...first, state: 'unable' }),
    );
  }, [host, result, number, series]);
  const take = useCallback((brush: Brush) => {
    now?.edit?.take(brush);
    if (now) become({ ...now, brush });
  }, []);
  const resize = useCallback((radius: number) => {
    now?.edit?.size(radius);
    if (now) become({ ...now, radius });
  }, []);
  return { correcting, begin, end, take, resize };
}

function end(): void {
  letGo?.();
  letGo = undefined;
  now?.edit?.end();
  become(undefined);
}
