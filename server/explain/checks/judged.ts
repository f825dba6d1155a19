import type { CheckName, StudyCheck } from '../../contracts.ts';

/** A check that could be made. */
export const judged = (name: CheckName, isFine: boolean, sentence: string): StudyCheck => ({
  name,
  state: isFine ? 'passed' : 'failed',
  sentence,
});

/** A check that could not, and why. */
export const notMade = (name: CheckName, sentence: string): StudyCheck => ({
  name,
  state: 'absent',
  sentence,
});
