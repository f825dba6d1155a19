import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Host } from '../host.ts';
import { type Brush, editingServices } from '../host-editing.ts';
import { askBeforeLeaving } from '../lib/leaving.ts';
import { editMasks, type MaskEdit } from '../lib/mask-edit.ts';
import { editOutlines, type OutlineEdit } from '../lib/outline-edit.ts';
import type { Finding, Result } from '../lib/result.ts';
import { STRINGS } from '../strings.ts';

/** What a reader does to the masks of a result, or draws where it has none, until it is signed or discarded. */
export interface Correcting {
  readonly state: 'beginning' | 'open' | 'unable';
  /** SOP Instance UID of the report. */
  readonly of: string;
  readonly edit?: MaskEdit | OutlineEdit;
  readonly isChanged: boolean;
  readonly brush: Brush;
  /** mm */
  readonly radius: number;
}

export interface Correction {
  /** Undefined while nothing is corrected. */
  readonly correcting: Correcting | undefined;
  /** False where the reader keeps to what he does to another result. */
  begin(): boolean;
  /** What was done to this result is gone. */
  end(): void;
  take(brush: Brush): void;
  resize(radius: number): void;
}

const FIRST_RADIUS = 4;

/** Kept outside of the panel: the host takes that away when its reader opens another tab. */
let now: Correcting | undefined;
let letGo: (() => void) | undefined;
let stopAsking: (() => void) | undefined;
const heard = new Set<() => void>();
const become = (next: Correcting | undefined): void => {
  now = next;
  for (const callback of heard) callback();
};
const subscribe = (callback: () => void): (() => void) => {
  heard.add(callback);
  return () => heard.delete(callback);
};

/** SOP Instance UID of the report that is being corrected, once there is something to lose. */
export const useCorrected = (): string | undefined =>
  useSyncExternalStore(subscribe, () => (now?.isChanged ? now.of : undefined));

/** The correction of a result's masks in the host; `finding` is the one whose segment the brush paints. */
export function useCorrection(host: Host, result: Result, finding: Finding | undefined): Correction {
  const current = useSyncExternalStore(subscribe, () => now);
  const correcting = current?.of === result.SOPInstanceUID ? current : undefined;
  const segment = finding?.segment;
  const number = segment?.number;
  const trackingUID = finding?.trackingUID;
  const edit = correcting?.edit;
  useEffect(() => {
    if (edit?.kind === 'masks' && number !== undefined) edit.paints(number);
    if (edit?.kind === 'outlines' && trackingUID) edit.about(trackingUID);
  }, [number, trackingUID, edit]);
  // The host throws its masks away when the study is left.
  useEffect(() => {
    const edit = now?.edit;
    if (edit?.kind === 'masks' && !editingServices(host)?.segmentationService.getSegmentation(edit.id)) end();
  }, [host]);
  const begin = useCallback(() => {
    if (now?.isChanged && !globalThis.confirm(STRINGS.assess.leave)) return false;
    end();
    const of = result.SOPInstanceUID;
    const first = { of, isChanged: false, brush: 'paint', radius: FIRST_RADIUS } as const;
    become({ ...first, state: 'beginning' });
    const label = STRINGS.assess.copyName(result.model.name);
    const opening =
      segment?.SeriesInstanceUID !== undefined
        ? editMasks(host, { label, segment })
        : Promise.resolve().then(() => editOutlines(host, trackingUID ?? ''));
    opening.then(
      (edit) => {
        if (now?.of !== of || now.state !== 'beginning') return edit.end();
        become({ ...first, state: 'open', edit });
        letGo = edit.onChange(noteChange);
        if (edit.kind === 'masks') edit.size(FIRST_RADIUS);
      },
      () => become({ ...first, state: 'unable' }),
    );
    return true;
  }, [host, result, segment, trackingUID]);
  const take = useCallback((brush: Brush) => {
    if (now?.edit?.kind === 'masks') now.edit.take(brush);
    if (now) become({ ...now, brush });
  }, []);
  const resize = useCallback((radius: number) => {
    if (now?.edit?.kind === 'masks') now.edit.size(radius);
    if (now) become({ ...now, radius });
  }, []);
  const endOwn = useCallback(() => {
    if (now?.of === result.SOPInstanceUID) end();
  }, [result]);
  return { correcting, begin, end: endOwn, take, resize };
}

/** `count` of outlines: none is nothing to lose. */
function noteChange(count = 1): void {
  const isChanged = count > 0;
  if (!now || now.isChanged === isChanged) return;
  if (isChanged) stopAsking = askBeforeLeaving(STRINGS.assess.leave);
  else stopAsking?.();
  become({ ...now, isChanged });
}

function end(): void {
  stopAsking?.();
  stopAsking = undefined;
  letGo?.();
  letGo = undefined;
  now?.edit?.end();
  become(undefined);
}
