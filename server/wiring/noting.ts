import type { Request } from 'express';
import type { AccessEvents } from '../access/index.ts';
import { OURSELVES } from '../audit/entry.ts';
import type { Recorder, Who } from '../audit/recorder.ts';
import type { Analysis } from '../jobs/index.ts';
import type { openRuleBook } from '../route/rule-book.ts';
import { log } from '../shared/log.ts';

/** What becomes of analyses, rules and people, for the audit trail and the log. */
export function noteOutcome(
  recorder: Recorder,
  { id, StudyInstanceUID, state, mode, fault }: Analysis,
): void {
  const about = { ...OURSELVES, study: StudyInstanceUID, object: id };
  if (state === 'done' && mode === 'clinical')
    recorder.note({ ...about, action: 'results-stored', outcome: 'done' });
  if (state === 'failed')
    recorder.note({
      ...about,
      action: 'analysis-failed',
      outcome: 'refused',
      detail: fault?.code ?? 'unknown',
    });
}

export const ruleEvents = (recorder: Recorder): Parameters<typeof openRuleBook>[1] => {
  const note = (outcome: 'done' | 'refused', path: string, detail: string): void =>
    recorder.note({
      ...OURSELVES,
      action: 'rules-changed',
      object: path.slice(-256),
      outcome,
      detail: detail.slice(0, 1_000),
    });
  return {
    onRead: ({ rules }, { path, sha256 }) => {
      log.info({ rules: rules.length, sha256 }, 'rules read');
      note('done', path, `${rules.length} rules are in force, SHA-256 ${sha256}`);
    },
    onRefused: ({ code, detail }, { path, sha256 }) => {
      log.error({ code, detail }, 'rules refused; those before stay in force');
      note('refused', path, `${sha256 ? `SHA-256 ${sha256}: ` : ''}${detail.trim()}`);
    },
  };
};

export const accessEvents = (recorder: Recorder): AccessEvents => ({
  onRefused: ({ code, detail }, request) => {
    const { method, path, identity } = request;
    log.warn({ code, detail, method, path }, 'refused');
    // Of strangers the log is enough: whoever likes could fill the trail.
    if (identity)
      recorder.note({
        ...whoOf(request),
        action: 'refused',
        object: `${method} ${path}`.slice(0, 256),
        outcome: 'refused',
      });
  },
  onLogIn: ({ subject, name, role }) =>
    recorder.note({ who: subject, whoName: name, action: 'log-in', outcome: 'done', detail: `as ${role}` }),
  onLogOut: ({ subject, name }) =>
    recorder.note({ who: subject, whoName: name, action: 'log-out', outcome: 'done' }),
});

export const whoOf = ({ identity }: Request): Who => ({
  who: identity?.subject ?? 'unknown',
  whoName: identity?.name ?? 'unknown',
});
