import { asFault } from '../shared/fault.ts';
import { log } from '../shared/log.ts';
import type { Event } from './entry.ts';
import type { Trail } from './trail.ts';

/** Somebody's looking at a study is noted once in this time, however many images that takes. */
const AGAIN_MS = 10 * 60_000;
const REMEMBERED = 10_000;

export type Who = Pick<Event, 'who' | 'whoName'>;

/** Writes down what happens beside the work: it delays nothing, and what cannot be written down is told in the log, loudly. */
export interface Recorder {
  note(event: Event): void;
  /** One study is read by someone; noted when it is new. */
  studyRead(who: Who, study: string): void;
  /** Resolves when all that was noted is written. */
  settled(): Promise<void>;
}

export function openRecorder(trail: Pick<Trail, 'note'>, now: () => number = Date.now): Recorder {
  const lastRead = new Map<string, number>();
  let writing = Promise.resolve();
  const note = (event: Event): void => {
    writing = writing
      .then(() => trail.note(event))
      .catch((error: unknown) =>
        log.error(
          { code: asFault(error).code, action: event.action, err: error },
          'the audit trail was not written',
        ),
      );
  };
  return {
    note,
    studyRead: (who, study) => {
      const key = `${who.who}\n${study}`;
      const last = lastRead.get(key);
      if (last !== undefined && now() - last < AGAIN_MS) return;
      // In the order of their last noting: the oldest are forgotten first.
      lastRead.delete(key);
      lastRead.set(key, now());
      if (lastRead.size > REMEMBERED) lastRead.delete(lastRead.keys().next().value as string);
      note({ ...who, action: 'study-read', study, outcome: 'done' });
    },
    settled: () => writing,
  };
}
