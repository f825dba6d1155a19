import type { NextStep } from '../explanation.ts';
import type { Step } from '../models/scores.ts';

/** What a package says may be done next, at a score, a value or a volume. */

/** The last of the package's actions that the number reaches. */
export function stepAt(value: number, actions: readonly Step[] = []): NextStep | undefined {
  const step = actions.findLast(({ from }) => value >= from);
  return step && { text: step.text, source: step.source, ...(step.code ? { code: step.code } : {}) };
}

/** The step in words; and where the interval of the number reaches another, that it is open. */
export function stepWords(
  step: NextStep | undefined,
  actions: readonly Step[] = [],
  interval: readonly number[] = [],
): readonly string[] {
  const atEnds = interval.map((end) => stepAt(end, actions)).filter((at) => at?.text !== step?.text);
  const others = new Set(atEnds.flatMap((at) => at?.text ?? 'none'));
  return [
    ...(step ? [`Next step: ${ended(step.text)}`] : []),
    ...(others.size > 0
      ? [`Its interval leaves the next step open; at an end of it: ${ended([...others].join(' '))}`]
      : []),
  ];
}

export const stepMethod = (step: NextStep | undefined): string =>
  step ? `next step by ${step.source}` : 'the package names no next step for this result';

const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
