import type { Finding, Result } from './result.ts';
import type { ResultSet } from './result-sets.ts';

/** One finding that models answer differently. */
export interface Disagreement {
  readonly label: string;
  readonly answers: readonly { readonly model: Result['model']; readonly finding: Finding }[];
}

/** Findings of the same name that one model sees and another does not. No average, no winner. */
export function disagreements(sets: readonly ResultSet[]): readonly Disagreement[] {
  const answers = new Map<string, Disagreement['answers'][number][]>();
  for (const { newest } of sets)
    for (const finding of newest.findings) {
      if (finding.present === undefined || !finding.score) continue;
      const key = finding.label.toLowerCase();
      answers.set(key, [...(answers.get(key) ?? []), { model: newest.model, finding }]);
    }
  return [...answers.values()]
    .filter((given) => new Set(given.map(({ finding }) => finding.present)).size > 1)
    .map((given) => ({ label: given[0]?.finding.label ?? '', answers: given }));
}
