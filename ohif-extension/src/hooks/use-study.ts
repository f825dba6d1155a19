import { useEffect, useState } from 'react';
import type { Services } from '../host.ts';

/** The study in the active viewport, else the first that is open; undefined until one is. */
export function useStudy(services: Services): string | undefined {
  const [study, setStudy] = useState(() => studyOf(services));
  useEffect(() => {
    const update = () => setStudy(studyOf(services));
    const { displaySetService, viewportGridService } = services;
    const subscriptions = [
      ...[displaySetService.EVENTS.DISPLAY_SETS_ADDED, displaySetService.EVENTS.DISPLAY_SETS_CHANGED].map(
        (event = '') => displaySetService.subscribe(event, update),
      ),
      ...[
        viewportGridService.EVENTS.ACTIVE_VIEWPORT_ID_CHANGED,
        viewportGridService.EVENTS.GRID_STATE_CHANGED,
      ].map((event = '') => viewportGridService.subscribe(event, update)),
    ];
    update();
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }, [services]);
  return study;
}

function studyOf({ displaySetService, viewportGridService }: Services): string | undefined {
  const { activeViewportId, viewports } = viewportGridService.getState();
  const shown = activeViewportId ? viewports.get(activeViewportId)?.displaySetInstanceUIDs?.[0] : undefined;
  const active = shown ? displaySetService.getDisplaySetByUID(shown) : undefined;
  return (active ?? displaySetService.getActiveDisplaySets()[0])?.StudyInstanceUID;
}
