import type { FindingVerdict, Reading, Reason } from './contract/reading.ts';

/** A signed reading that no other has taken the place of. */
export interface Held {
  readonly id: string;
  readonly subject: string;
  readonly name: string;
  readonly role: 'reader' | 'arbiter';
  readonly reading: Reading;
  readonly at: Date;
}

/** What counts in the end of one finding. */
export interface Verdict {
  readonly finding: number;
  readonly verdict: FindingVerdict['verdict'];
  readonly reasons: readonly Reason[];
  /** 1 to 5, the mean of those who said it. */
  readonly explanation?: number;
  readonly truth?: NonNullable<FindingVerdict['truth']>;
}

export type Judgement =
  | { readonly state: 'unread' | 'reading' | 'differ' }
  | {
      readonly state: 'judged';
      readonly how: 'reader' | 'both' | 'arbiter';
      /** Whose readings it is, in the order in which they were signed. */
      readonly by: readonly Held[];
      readonly verdicts: readonly Verdict[];
    };

/** What the readings of a case come to, when so many readers are wanted. An arbiter's word counts; else that of readers who agree. */
export function judge(readings: readonly Held[], wanted: number): Judgement {
  const inTime = readings.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const arbiter = inTime.find(({ role }) => role === 'arbiter');
  if (arbiter) return judged('arbiter', [arbiter]);
  if (inTime.length === 0) return { state: 'unread' };
  if (inTime.length < wanted) return { state: 'reading' };
  if (doDiffer(inTime)) return { state: 'differ' };
  return judged(inTime.length > 1 ? 'both' : 'reader', inTime);
}

/** Readers differ when of any finding one says another verdict, or knows another truth; that reasons or ratings differ is no dispute. */
function doDiffer([first, ...others]: readonly Held[]): boolean {
  return others.some(({ reading }) =>
    reading.findings.some((theirs) => {
      const ours = first?.reading.findings.find(({ finding }) => finding === theirs.finding);
      if (!ours || ours.verdict !== theirs.verdict) return true;
      return (
        ours.truth !== undefined && theirs.truth !== undefined && ours.truth.present !== theirs.truth.present
      );
    }),
  );
}

const judged = (how: 'reader' | 'both' | 'arbiter', by: readonly Held[]): Judgement => ({
  state: 'judged',
  how,
  by,
  verdicts: (by[0]?.reading.findings ?? [])
    .map(({ finding }) =>
      together(by.flatMap((h) => h.reading.findings.filter((f) => f.finding === finding))),
    )
    .toSorted((a, b) => a.finding - b.finding),
});

function together(said: readonly FindingVerdict[]): Verdict {
  const [{ finding, verdict }] = said as [FindingVerdict];
  const ratings = said.flatMap(({ explanation }) => explanation ?? []);
  const truth = said.find((s) => s.truth)?.truth;
  return {
    finding,
    verdict,
    reasons: [...new Set(said.flatMap(({ reasons }) => reasons))],
    ...(ratings.length > 0 ? { explanation: ratings.reduce((a, b) => a + b) / ratings.length } : {}),
    ...(truth ? { truth } : {}),
  };
}
