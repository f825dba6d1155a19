import type { CheckName, StudyCheck } from '../../explanation.ts';

/** A check that could be made. */
export const judged = (name: CheckName, isFine: boolean, sentence: string): StudyCheck => ({
  name,
  state: isFine ? 'passed' : 'failed',
  sentence,
});

/** A check of the map or of how firm a decision is: what it finds is worth knowing, but does not speak against the result. */
export const remarked = (name: CheckName, isFine: boolean, sentence: string): StudyCheck => ({
  name,
  state: isFine ? 'passed' : 'remark',
  sentence,
});

/** A check that could not, and why. */
export const notMade = (name: CheckName, sentence: string): StudyCheck => ({
  name,
  state: 'absent',
  sentence,
});
