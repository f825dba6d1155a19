import { useEffect, useRef, useState } from 'react';
import { askServer, isAway, isSignedOut } from '../lib/ask-server.ts';

/** What our server says of an analysis of the open study. */
export interface LiveAnalysis {
  readonly id: string;
  readonly SeriesInstanceUID: string;
  readonly modelId: string | null;
  readonly modelVersion: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly fault: { readonly code: string; readonly action: string } | null;
  readonly createdAt: string;
}

export type Live =
  /** No server of ours here, or not asked yet: the archive alone is shown. */
  | { readonly state: 'none' }
  | { readonly state: 'here'; readonly analyses: readonly LiveAnalysis[] }
  /** It does not answer: asked again until it does. */
  | { readonly state: 'away' | 'signed-out' };

/** Until it is asked again: a server comes back, a reader signs in. */
const AGAIN_MS = { away: 10_000, 'signed-out': 30_000 };
/** A stream that a proxy cuts is there again before; the browser waits 3 s by itself. */
const CUT_MS = 8_000;

/**
 * The analyses of a study as our server tells them, while it is there. `onDone` is called when one has finished that was not when the panel
 * first heard of it, or when it was not heard for a while.
 */
export function useLive(server: string | null, study: string | undefined, onDone: () => void): Live {
  const [live, setLive] = useState<Live>({ state: 'none' });
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    setLive({ state: 'none' });
    if (server === null || study === undefined) return;
    const known = new Map<string, LiveAnalysis>();
    let source: EventSource;
    let later: ReturnType<typeof setTimeout> | undefined;
    let cut: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      clearTimeout(cut);
      cut = undefined;
      setLive({ state: 'here', analyses: [...known.values()] });
    };
    const connect = () => {
      source = new EventSource(`${server}/api/events?StudyInstanceUID=${encodeURIComponent(study)}`);
      source.addEventListener('open', tell);
      source.addEventListener('analysis', ({ data }: MessageEvent<string>) => {
        const analysis = analysisIn(data);
        if (!analysis) return;
        const before = known.get(analysis.id)?.state;
        known.set(analysis.id, analysis);
        tell();
        if (analysis.state === 'done' && (before === undefined ? wasCut : before !== 'done')) done.current();
      });
      source.addEventListener('error', () => {
        const from = source;
        wasCut = true;
        // The browser asks again by itself unless it was refused.
        if (from.readyState !== EventSource.CLOSED) {
          cut ??= setTimeout(() => setLive({ state: 'away' }), CUT_MS);
          return;
        }
        void refusal(server, study).then((state) => {
          if (from !== source || isOver) return;
          clearTimeout(cut);
          cut = undefined;
          setLive({ state });
          if (state !== 'none') later = setTimeout(connect, AGAIN_MS[state]);
        });
      });
    };
    let isOver = false;
    // What has finished by the time that the first words come was there when the archive was asked; not what is new after a gap.
    let wasCut = false;
    connect();
    return () => {
      isOver = true;
      clearTimeout(later);
      clearTimeout(cut);
      source.close();
    };
  }, [server, study]);
  return live;
}

/** Why a server gives no events: the browser does not say. */
async function refusal(server: string, study: string): Promise<'none' | 'signed-out' | 'away'> {
  const answer = await askServer(`${server}/api/analyses?limit=1&StudyInstanceUID=${study}`);
  if (answer === undefined || isAway(answer)) return 'away';
  return isSignedOut(answer) ? 'signed-out' : 'none';
}

/** Undefined of what is no analysis: not everything that comes in the place of our server is. */
export function analysisIn(data: string): LiveAnalysis | undefined {
  try {
    const { id, state, createdAt } = JSON.parse(data) as Readonly<Record<string, unknown>>;
    const isOne = [id, state, createdAt].every((each) => typeof each === 'string');
    return isOne && Number.isFinite(Date.parse(createdAt as string)) ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}
