import type { Session } from './api.ts';
import { keep, keptJson } from './kept.ts';
import type { Form } from './verdict.ts';

/** What a reader has said of a case and not signed, as this browser keeps it. */
export interface Draft {
  readonly form: Form;
  /** Does the server have it too? */
  readonly isSaved: boolean;
}

const keyOf = ({ subject }: Session, analysis: string): string =>
  `pellucid.review.draft.${subject}.${analysis}`;

export const keptDraft = (session: Session, analysis: string): Draft | undefined =>
  keptJson<Draft>(keyOf(session, analysis));
export const keepDraft = (session: Session, analysis: string, draft: Draft | undefined): boolean =>
  keep(keyOf(session, analysis), draft);
