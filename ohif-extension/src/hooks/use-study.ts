import { useEffect, useState } from 'react';
import type { DisplaySet, Services } from '../host.ts';

export interface OpenStudy {
  readonly StudyInstanceUID: string;
  /** `2025-05-03`; empty where the host does not say. */
  readonly date: string;
  readonly description: string;
  /** Viewports show another study, too. */
  readonly isOneOfSeveral: boolean;
}

/** The study in the active viewport, else the first that is open; undefined until one is. */
export function useStudy(services: Services): OpenStudy | undefined {
  const [study, setStudy] = useState(() => studyOf(services));
  useEffect(() => {
    const update = () => {
      const next = studyOf(services);
      setStudy((now) => (JSON.stringify(now) === JSON.stringify(next) ? now : next));
    };
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

function studyOf({ displaySetService, viewportGridService }: Services): OpenStudy | undefined {
  const { activeViewportId, viewports } = viewportGridService.getState();
  const shownIn = (viewport: { readonly displaySetInstanceUIDs?: readonly string[] } | undefined) => {
    const [first] = viewport?.displaySetInstanceUIDs ?? [];
    return first ? displaySetService.getDisplaySetByUID(first) : undefined;
  };
  const active = activeViewportId ? shownIn(viewports.get(activeViewportId)) : undefined;
  const set = active ?? displaySetService.getActiveDisplaySets()[0];
  if (!set) return undefined;
  const open = [...viewports.values()].flatMap((viewport) => shownIn(viewport)?.StudyInstanceUID ?? []);
  return { ...named(set), isOneOfSeveral: new Set([...open, set.StudyInstanceUID]).size > 1 };
}

function named({ StudyInstanceUID, instances }: DisplaySet): Omit<OpenStudy, 'isOneOfSeveral'> {
  const { StudyDate, StudyDescription } = instances?.[0] ?? {};
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(String(StudyDate ?? '')) ?? [];
  return {
    StudyInstanceUID,
    date: year ? `${year}-${month}-${day}` : '',
    description: typeof StudyDescription === 'string' ? StudyDescription : '',
  };
}
