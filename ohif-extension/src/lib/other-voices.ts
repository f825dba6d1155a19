import type { Assessment } from './result.ts';

/**
 * What others said last of a result that the newest assessment does not say: it may have been signed without knowing of theirs, and a rejection must
 * not vanish below it. `assessments` is the newest first; whoever has no name is one person.
 */
export function otherVoices(assessments: readonly Assessment[]): readonly Assessment[] {
  const [newest] = assessments;
  if (!newest) return [];
  const heard = new Set([newest.person]);
  return assessments.filter(({ person, verdict }) => {
    if (heard.has(person)) return false;
    heard.add(person);
    return verdict !== newest.verdict;
  });
}
