import { z } from 'zod';
import { sha256 } from '../shared/digest.ts';

/** What is noted, and which event of PS3.15 A.5.3 it is. */
export const ACTIONS = [
  'server-started',
  'log-in',
  'log-out',
  'refused',
  'study-read',
  'results-stored',
  'analysis-failed',
  'results-revealed',
  'assessment',
  'incident',
  'exported',
  'copied',
  'analysis-retried',
  'analysis-cancelled',
  'backfill',
  'workitem',
  'model-changed',
  'rules-changed',
  'review-plan',
  'audit-read',
  'audit-pruned',
] as const;
export type Action = (typeof ACTIONS)[number];

/** One thing that someone did. Identifiers only: never a name, an ID or a value of a patient. */
export const Event = z.strictObject({
  action: z.enum(ACTIONS),
  /** `subject` and name of an Identity; of what the server does by itself, `pellucid`. */
  who: z.string().max(256),
  whoName: z.string().max(256),
  study: z.string().max(64).exactOptional(),
  /** The analysis, model, rule file, … that it was about. */
  object: z.string().max(256).exactOptional(),
  outcome: z.enum(['done', 'refused']),
  detail: z.string().max(1_000).exactOptional(),
});
export type Event = z.infer<typeof Event>;

/** Who did what the server does by itself. */
export const OURSELVES = { who: 'pellucid', whoName: 'pellucid' } as const;

/** The detail of a copy that went, or did not, to a target of COPY_TARGETS. */
export const copyDetail = (kind: string, target: string, says: string): string =>
  `${kind} to ${target}: ${says}`;

/** The target that such a detail names. */
export const copiedTo = ({ action, detail = '' }: Pick<Event, 'action' | 'detail'>): string | undefined =>
  action === 'copied' ? /^[^:]+? to ([a-z0-9-]+): /.exec(detail)?.[1] : undefined;

/** An event in the chain: each entry carries the hash of the one before, so that none can be changed, taken out or put in between. */
export const Entry = Event.extend({
  /** From 1, without gaps. */
  seq: z.int().min(1),
  /** ISO 8601, UTC. */
  at: z.string(),
  before: z.string(),
  hash: z.string(),
});
export type Entry = z.infer<typeof Entry>;

/** What the first entry follows. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 over the hash before and all fields in one fixed order. */
export function hashOf({
  seq,
  at,
  before,
  action,
  who,
  whoName,
  study,
  object,
  outcome,
  detail,
}: Omit<Entry, 'hash'>): string {
  return sha256(
    JSON.stringify([
      before,
      seq,
      at,
      action,
      who,
      whoName,
      study ?? null,
      object ?? null,
      outcome,
      detail ?? null,
    ]),
  );
}

/** The first entry that does not follow from the one before, or undefined. `before` and `seq`: of the entry in front of the first. */
export function breakIn(
  entries: readonly Entry[],
  { hash = GENESIS, seq = 0 }: { readonly hash?: string; readonly seq?: number } = {},
): number | undefined {
  let [lastHash, lastSeq] = [hash, seq];
  for (const entry of entries) {
    if (entry.seq !== lastSeq + 1 || entry.before !== lastHash || entry.hash !== hashOf(entry))
      return lastSeq + 1;
    [lastHash, lastSeq] = [entry.hash, entry.seq];
  }
  return undefined;
}
