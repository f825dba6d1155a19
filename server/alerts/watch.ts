import type { Analysis, Jobs } from '../jobs/index.ts';
import { asFault, FAULTS, type FaultCode } from '../shared/fault.ts';

/** What is wrong, or no more. Codes, counts and models: never a study, and nothing of a patient. */
export interface Alert {
  readonly kind:
    | 'analyses-failed'
    | 'archive-down'
    | 'archive-back'
    | 'queue-stopped'
    | 'queue-moves'
    | 'rules-refused'
    | 'rules-read';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** In one sentence. */
  readonly says: string;
  /** What the operator does next. */
  readonly action: string;
}

export interface Watched {
  readonly jobs: Pick<Jobs, 'overview'>;
  /** Throws when the archive does not answer. */
  readonly archive: () => Promise<unknown>;
  /** Since when the rule file, as it is now, is refused; undefined: it is in force, or there is none. */
  readonly rulesRefused: () => Promise<string | undefined>;
  /** The oldest analysis that may begin has waited for so long: the queue stands still, ms. */
  readonly waitingMs: number;
  readonly send: (alert: Alert) => void;
  /** Between two looks, ms. */
  readonly everyMs?: number;
  readonly now?: () => number;
}

const EVERY_MS = 15_000;
/** Failures that come together are told together: at once, then in this time at most once, ms. */
const TOGETHER_MS = 15 * 60_000;
/** What may wait for the night, or for everything else, is no sign of anything. */
const SOON: readonly string[] = ['urgent', 'normal'];
/** One look that fails may be a hiccup. */
const LOOKS = 2;

export interface Watch {
  /** Looks now. */
  look(): Promise<void>;
  stop(): void;
}

/** Watches what an operator must know without looking, and tells each change of it once. */
export function watch({
  jobs,
  archive,
  rulesRefused,
  waitingMs,
  send,
  everyMs = EVERY_MS,
  now = Date.now,
}: Watched): Watch {
  const tell = (kind: Alert['kind'], says: string, code: FaultCode): void =>
    send({ kind, at: new Date(now()).toISOString(), says, action: FAULTS[code].action });

  // By the records and not by events: another machine may have done the work.
  const failed = new Map<string, { code: string; count: number }>();
  let [toldAt, seenTo] = [-Infinity, now()];
  const lookAtFailed = (analyses: readonly Analysis[]): void => {
    const fresh = analyses.filter(({ updatedAt }) => Date.parse(updatedAt) > seenTo);
    for (const { fault, modelId, modelVersion } of fresh) {
      const code = fault?.code ?? 'INTERNAL';
      const what = `${code} by ${modelId}@${modelVersion}`;
      failed.set(what, { code, count: (failed.get(what)?.count ?? 0) + 1 });
    }
    seenTo = Math.max(seenTo, ...fresh.map(({ updatedAt }) => Date.parse(updatedAt)));
    const [first] = failed.values();
    if (!first || now() - toldAt < TOGETHER_MS) return;
    toldAt = now();
    const list = [...failed].map(([what, { count }]) => `${count} × ${what}`).join(', ');
    failed.clear();
    tell('analyses-failed', `Analyses failed for good: ${list}.`, codeOf(first.code));
  };

  let misses = 0;
  let isDown = false;
  const lookAtArchive = async (): Promise<void> => {
    const missed = await archive().then(
      () => undefined,
      (error: unknown) => asFault(error).code,
    );
    misses = missed ? misses + 1 : 0;
    if (missed && !isDown && misses >= LOOKS) {
      isDown = true;
      tell('archive-down', `The archive does not answer: ${missed}.`, missed);
    } else if (!missed && isDown) {
      isDown = false;
      tell('archive-back', 'The archive answers again; work goes on by itself.', 'ARCHIVE_UNREACHABLE');
    }
  };

  let isStill = false;
  const lookAtRecords = async (): Promise<void> => {
    const { waiting, failed: failures } = await jobs.overview();
    lookAtFailed(failures);
    const oldestS = Math.max(0, ...waiting.filter((w) => SOON.includes(w.priority)).map((w) => w.oldestS));
    const wasStill = isStill;
    isStill = oldestS * 1000 > waitingMs;
    if (isStill && !wasStill)
      tell('queue-stopped', `The oldest analysis has waited for ${oldestS} s.`, 'QUEUE_STOPPED');
    if (!isStill && wasStill) tell('queue-moves', 'The queue moves again.', 'QUEUE_STOPPED');
  };

  let refusedSince: string | undefined;
  const lookAtRules = async (): Promise<void> => {
    const before = refusedSince;
    refusedSince = await rulesRefused();
    if (refusedSince && refusedSince !== before)
      tell('rules-refused', 'The rule file is refused; the rules before it stay in force.', 'RULES_INVALID');
    if (!refusedSince && before) tell('rules-read', 'The rule file is in force.', 'RULES_INVALID');
  };

  const look = async (): Promise<void> => {
    // A database that is down is a fault of its own, which the probe at /readyz tells; here the next look comes anyway.
    await Promise.all([lookAtArchive(), lookAtRules(), lookAtRecords().catch(() => undefined)]);
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return {
    look,
    stop: () => clearInterval(timer),
  };
}

const codeOf = (code: string): FaultCode => (code in FAULTS ? (code as FaultCode) : 'INTERNAL');
