import { readFile } from 'node:fs/promises';
import { sha256 } from '../shared/digest.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { parseRules, type RuleFile } from './rules.ts';

/** The rules in force. */
export interface RuleBook {
  /** Undefined where there is no rule file: every model then runs on all that it accepts. */
  current(): Promise<RuleFile | undefined>;
  /** What is in force, and whether the file is; undefined where there is none. */
  state(): Promise<RulesState | undefined>;
}

export interface RulesState extends Text {
  /** Of the rules in force. */
  readonly count: number;
  /** When this server read them, ISO 8601, UTC. */
  readonly since: string;
  /** Why the file, as it is now, is not in force, and since when. */
  readonly refused?: { readonly at: string; readonly detail: string };
}

/** A rule file as it was read. */
interface Text {
  readonly path: string;
  readonly sha256: string;
}

interface Events {
  onRead(rules: RuleFile, text: Text): void;
  /** Of a file that cannot be read there is no hash. */
  onRefused(fault: Fault, text: Partial<Text> & Pick<Text, 'path'>): void;
}

/**
 * Opens a rule file, and reads it again when it has changed. One that has become bad is told to `onRefused`, once, and the rules
 * before it stay in force. Throws RULES_INVALID when there are none yet. An empty path: no rules.
 */
export async function openRuleBook(path: string, { onRead, onRefused }: Events): Promise<RuleBook> {
  if (path === '') return { current: async () => undefined, state: async () => undefined };
  let text = await textOf(path);
  let [rules, state] = read(text, path);
  onRead(rules, state);
  const current = async (): Promise<RuleFile> => {
    const now = await textOf(path);
    if (now === text) return rules;
    text = now;
    try {
      [rules, state] = read(text, path);
      onRead(rules, state);
    } catch (error) {
      const fault = asFault(error);
      state = { ...state, refused: { at: new Date().toISOString(), detail: fault.detail } };
      onRefused(fault, { path, ...(now === undefined ? {} : { sha256: sha256(now) }) });
    }
    return rules;
  };
  return {
    current,
    state: async () => {
      await current();
      return state;
    },
  };
}

/** Undefined where it cannot be read. */
const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

function read(text: string | undefined, path: string): [RuleFile, RulesState] {
  if (text === undefined) throw new Fault('RULES_INVALID', `${path} cannot be read`);
  const file = parseRules(text);
  return [file, { path, sha256: sha256(text), count: file.rules.length, since: new Date().toISOString() }];
}
