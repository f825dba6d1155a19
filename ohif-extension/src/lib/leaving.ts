/** What takes a reader out of the study, by the host's own names. */
const WAYS_OUT = '[data-cy="return-to-work-list"]';

/**
 * Asks before unsaved work is lost: the browser when the page is left, and the host's way back to its list. Returns how to stop asking.
 * `question` is what a reader confirms.
 */
export function askBeforeLeaving(question: string): () => void {
  const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element && event.target.closest(WAYS_OUT))) return;
    if (globalThis.confirm(question)) return stop();
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const stop = () => {
    globalThis.removeEventListener('beforeunload', onUnload);
    document.removeEventListener('click', onClick, true);
  };
  globalThis.addEventListener('beforeunload', onUnload);
  document.addEventListener('click', onClick, true);
  return stop;
}
