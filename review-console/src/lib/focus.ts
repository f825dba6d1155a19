/** Moves the focus through the questions of a form: Tab to the next question, arrows within one. */

const QUESTION = '[data-question]';
const CONTROL = 'button, input, select, textarea';
/** Questions whose controls belong together; in the others Tab goes its usual way. */
const AS_ONE = ['verdict', 'reasons', 'rating'];

const controlsOf = (question: Element | null | undefined): readonly HTMLElement[] =>
  [...(question?.querySelectorAll<HTMLElement>(CONTROL) ?? [])].filter((c) => !c.matches(':disabled'));

export const questionOf = (target: Element | null): string | undefined =>
  target?.closest<HTMLElement>(QUESTION)?.dataset.question;

/** To what is chosen there, else to the first. Answers whether there is anything. */
export function focusQuestion(name: string): boolean {
  const question = document.querySelector(`[data-question="${name}"]`);
  const controls = controlsOf(question);
  const target = controls.find((c) => c.matches('[aria-checked="true"]')) ?? controls[0];
  target?.focus();
  return target !== undefined;
}

/** For the form's keys. Answers whether it has acted. */
export function moveFocus(event: {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly target: EventTarget;
}): boolean {
  const target = event.target as HTMLElement;
  const name = questionOf(target);
  if (!name || !AS_ONE.includes(name)) return false;
  if (event.key === 'Tab') {
    const all = [...document.querySelectorAll<HTMLElement>(QUESTION)].filter((q) => controlsOf(q).length > 0);
    const at = all.findIndex((q) => q.dataset.question === name);
    const next = all[at + (event.shiftKey ? -1 : 1)]?.dataset.question;
    return next !== undefined && focusQuestion(next);
  }
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return false;
  const controls = controlsOf(target.closest(QUESTION));
  controls[(controls.indexOf(target) + by + controls.length) % controls.length]?.focus();
  return true;
}
