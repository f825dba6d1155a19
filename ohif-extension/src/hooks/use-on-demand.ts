import { useCallback, useEffect, useState } from 'react';
import type { DisplaySet, Host, Services } from '../host.ts';
import { fetchOffers, mayRun, type Offer, runModel, type SeriesInView } from '../lib/on-demand.ts';
import type { Live } from './use-live.ts';

export interface OnDemand {
  /** Whether it is this reader's to ask. */
  readonly isAllowed: boolean;
  /** Undefined: not answered yet. */
  readonly offers: readonly Offer[] | 'none' | undefined;
  /** Models that were just asked for, until the server tells of them. */
  readonly asked: readonly string[];
  /** Why the last was refused; empty when the server did not say. */
  readonly refused: string | undefined;
  run(model: string, on?: SeriesInView): void;
}

/** The models that could read the series in view, asked again whenever an analysis of the study changes; `isWanted` while they are looked at. */
export function useOnDemand(host: Host, live: Live, isWanted: boolean): OnDemand {
  const { server } = host.settings;
  const series = useSeries(host.services);
  const [isAllowed, setAllowed] = useState(false);
  const [offers, setOffers] = useState<OnDemand['offers']>();
  const [asked, setAsked] = useState<readonly string[]>([]);
  const [refused, setRefused] = useState<string>();
  const study = series?.StudyInstanceUID;
  const uid = series?.SeriesInstanceUID;
  const isHere = live.state === 'here';
  const states = isHere ? live.analyses.map(({ id, state }) => `${id} ${state}`).join() : '';
  useEffect(() => {
    if (server === null || !isHere) return setAllowed(false);
    const stop = new AbortController();
    void mayRun(server, stop.signal).then((may) => {
      if (!stop.signal.aborted) setAllowed(may);
    });
    return () => stop.abort();
  }, [server, isHere]);
  useEffect(() => {
    if (server === null || !isHere || !study || !uid || !isWanted) return setOffers(undefined);
    const stop = new AbortController();
    void fetchOffers(server, { StudyInstanceUID: study, SeriesInstanceUID: uid }, stop.signal).then(
      (found) => {
        if (stop.signal.aborted) return;
        setOffers(found ?? 'none');
        setAsked([]);
      },
    );
    return () => stop.abort();
  }, [server, isHere, study, uid, isWanted, states]);
  const run = useCallback(
    (model: string, on?: SeriesInView) => {
      const where = on ?? (study && uid ? { StudyInstanceUID: study, SeriesInstanceUID: uid } : undefined);
      if (server === null || !where) return;
      setAsked((before) => [...before, model]);
      setRefused(undefined);
      void runModel(server, where, model).then((why) => {
        if (why === undefined) return;
        setRefused(why);
        setAsked((before) => before.filter((each) => each !== model));
      });
    },
    [server, study, uid],
  );
  return { isAllowed, offers, asked, refused, run };
}

/** What holds results, and no images to read. */
const RESULTS = ['SEG', 'SR', 'PMAP', 'KO', 'PR', 'RTSTRUCT'];

/** The series of images in the active viewport. */
function useSeries(services: Services): SeriesInView | undefined {
  const [series, setSeries] = useState(() => seriesOf(services));
  useEffect(() => {
    const { viewportGridService, displaySetService } = services;
    const update = () => {
      const next = seriesOf(services);
      setSeries((now) => (now?.SeriesInstanceUID === next?.SeriesInstanceUID ? now : next));
    };
    const heard = [
      viewportGridService.subscribe(viewportGridService.EVENTS.ACTIVE_VIEWPORT_ID_CHANGED ?? '', update),
      viewportGridService.subscribe(viewportGridService.EVENTS.GRID_STATE_CHANGED ?? '', update),
      displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_ADDED ?? '', update),
    ];
    update();
    return () => {
      for (const each of heard) each.unsubscribe();
    };
  }, [services]);
  return series;
}

function seriesOf({ viewportGridService, displaySetService }: Services): SeriesInView | undefined {
  const { activeViewportId, viewports } = viewportGridService.getState();
  const shown = (activeViewportId && viewports.get(activeViewportId)?.displaySetInstanceUIDs) || [];
  const set = shown
    .map(
      (uid) => displaySetService.getDisplaySetByUID(uid) as (DisplaySet & { Modality?: string }) | undefined,
    )
    .find((each) => each && !RESULTS.includes(each.Modality ?? ''));
  return set && { StudyInstanceUID: set.StudyInstanceUID, SeriesInstanceUID: set.SeriesInstanceUID };
}
