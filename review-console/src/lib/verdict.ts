import type { FindingVerdict, Reading, Reason } from '../../../server/review/contract/reading.ts';

/** What a reader has said so far; of a finding without an entry nothing. Plain data, so that it can be kept. */
export interface Form {
  readonly findings: Readonly<Record<number, FindingForm>>;
  readonly note: string;
}

export interface FindingForm {
  readonly verdict?: FindingVerdict['verdict'];
  readonly reasons: readonly Reason[];
  readonly explanation?: number;
  readonly truth?: NonNullable<FindingVerdict['truth']>;
}

export const EMPTY: Form = { findings: {}, note: '' };
const UNSAID: FindingForm = { reasons: [] };

export const ofFinding = (form: Form, finding: number): FindingForm => form.findings[finding] ?? UNSAID;

export const withFinding = (form: Form, finding: number, change: Partial<FindingForm>): Form => ({
  ...form,
  findings: { ...form.findings, [finding]: { ...ofFinding(form, finding), ...change } },
});

/** Agrees with each finding of `count` that nothing was said of. */
export const agreeWithRest = (form: Form, count: number): Form =>
  Array.from({ length: count }, (_, i) => i).reduce(
    (all, i) => (ofFinding(all, i).verdict ? all : withFinding(all, i, { verdict: 'agree' })),
    form,
  );

export const withReason = (form: Form, finding: number, reason: Reason): Form => {
  const { reasons } = ofFinding(form, finding);
  const next = reasons.includes(reason) ? reasons.filter((r) => r !== reason) : [...reasons, reason];
  return withFinding(form, finding, { reasons: next });
};

/** What still keeps it from being signed. */
export type Lack =
  | { readonly what: 'verdict'; readonly finding: number }
  | { readonly what: 'reason'; readonly finding: number };

export function lackOf(form: Form, count: number): Lack | undefined {
  for (let finding = 0; finding < count; finding++) {
    const { verdict, reasons } = ofFinding(form, finding);
    if (!verdict) return { what: 'verdict', finding };
    if (verdict === 'disagree' && reasons.length === 0) return { what: 'reason', finding };
  }
  return undefined;
}

/** What is sent: only what was said, and of a disagreement only one with a reason. Undefined when that is nothing. */
export function readingOf(form: Form, spentMs: number): Reading | undefined {
  const findings = Object.entries(form.findings).flatMap(
    ([key, { verdict, reasons, explanation, truth }]): FindingVerdict[] => {
      if (!verdict || (verdict === 'disagree' && reasons.length === 0)) return [];
      const words = truth?.words?.trim();
      return [
        {
          finding: Number(key),
          verdict,
          reasons: [...reasons],
          ...(explanation ? { explanation } : {}),
          ...(truth
            ? { truth: { present: truth.present, source: truth.source, ...(words ? { words } : {}) } }
            : {}),
        },
      ];
    },
  );
  if (findings.length === 0) return undefined;
  const note = form.note.trim();
  return {
    findings,
    ...(note ? { note } : {}),
    spentMs: Math.min(86_400_000, Math.max(0, Math.round(spentMs))),
  };
}

export const formOf = ({ findings, note = '' }: Reading): Form => ({
  note,
  findings: Object.fromEntries(
    findings.map(({ finding, verdict, reasons, explanation, truth }) => [
      finding,
      { verdict, reasons, ...(explanation ? { explanation } : {}), ...(truth ? { truth } : {}) },
    ]),
  ),
});
