import { type Host, imageIdsOf, type Services } from '../host.ts';

/**
 * Calls `act` with a viewport that shows a series: at once where one does, the active one before others; else the active one is given the series and `act` is
 * called when its images are there, and never where the host does not bring them.
 */
export function bring(
  { services, runCommand }: Pick<Host, 'services' | 'runCommand'>,
  displaySet: string,
  act: (viewportId: string) => void,
): void {
  const showing = viewportOf(services, displaySet);
  const { activeViewportId: active } = services.viewportGridService.getState();
  if (showing !== undefined) {
    act(showing);
    return;
  }
  if (!active) return;
  whenShown(services, active, displaySet, () => act(active));
  runCommand('setDisplaySetsForViewports', {
    viewportsToUpdate: [{ viewportId: active, displaySetInstanceUIDs: [displaySet] }],
  });
}

/** A viewport that shows a series, the active one before others. */
export function viewportOf({ viewportGridService }: Services, displaySet: string): string | undefined {
  const { activeViewportId, viewports } = viewportGridService.getState();
  const showing = [...viewports].flatMap(([id, { displaySetInstanceUIDs }]) =>
    displaySetInstanceUIDs?.includes(displaySet) ? [id] : [],
  );
  return showing.find((id) => id === activeViewportId) ?? showing[0];
}

/** Calls `act` once, as soon as a viewport has the images of a series. */
function whenShown(services: Services, viewportId: string, displaySet: string, act: () => void): void {
  const { cornerstoneViewportService: service, viewportGridService } = services;
  const changed = service.subscribe(service.EVENTS.VIEWPORT_DATA_CHANGED ?? '', () => {
    const { displaySetInstanceUIDs } = viewportGridService.getState().viewports.get(viewportId) ?? {};
    const viewport = service.getCornerstoneViewport(viewportId);
    if (!displaySetInstanceUIDs?.includes(displaySet) || !viewport || imageIdsOf(viewport).length === 0)
      return;
    stop();
    act();
  });
  const stop = () => {
    clearTimeout(late);
    changed.unsubscribe();
  };
  const late = setTimeout(stop, LONGEST);
}

/** ms; who has waited that long does something else by then. */
const LONGEST = 20_000;
