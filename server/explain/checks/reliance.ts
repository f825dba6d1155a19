import type { CheckName, StudyCheck } from '../../contracts.ts';

/** Checks whose failing means that the model has no ground to judge from: its result is shown, and nobody is to rely on it. */
const GROUNDS: ReadonlySet<CheckName> = new Set([
  'features',
  'texture',
  'layout',
  'greys',
  'age',
  'view',
  'stability',
  'plausible',
]);

export const mustNotBeReliedOn = ({ name, state }: StudyCheck): boolean =>
  state === 'failed' && GROUNDS.has(name);
