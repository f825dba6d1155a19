/** What takes a reader out of the study, by the host's own names. */
const WAYS_OUT = '[data-cy="return-to-work-list"]';

interface Work {
  readonly question: string;
  readonly onLost: () => void;
}

const unsaved = new Set<Work>();

/**
 * Asks before unsaved work is lost, once for all there is: the browser when the page is left, and the host's way back to its list. Returns how to
 * stop asking. `question` is what a reader confirms, `onLost` is called then.
 */
export function askBeforeLeaving(question: string, onLost: () => void = () => undefined): () => void {
  const work = { question, onLost };
  unsaved.add(work);
  // Listening twice is listening once.
  globalThis.addEventListener('beforeunload', onUnload);
  document.addEventListener('click', onClick, true);
  return () => stop(work);
}

function stop(work: Work): void {
  unsaved.delete(work);
  if (unsaved.size > 0) return;
  globalThis.removeEventListener('beforeunload', onUnload);
  document.removeEventListener('click', onClick, true);
}

const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault();

function onClick(event: MouseEvent): void {
  if (!(event.target instanceof Element && event.target.closest(WAYS_OUT))) return;
  const all = [...unsaved];
  if (globalThis.confirm([...new Set(all.map(({ question }) => question))].join('\n'))) {
    for (const work of all) {
      stop(work);
      work.onLost();
    }
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}
