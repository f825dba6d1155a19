import { readFile } from 'node:fs/promises';
import { asFault, Fault } from '../shared/fault.ts';
import { parseRules, type RuleFile } from './rules.ts';

/** The rules in force. */
export interface RuleBook {
  /** Undefined where there is no rule file: every model then runs on all that it accepts. */
  current(): Promise<RuleFile | undefined>;
}

/**
 * Opens a rule file, and reads it again when it has changed. One that has become bad is told to `onRefused`, once, and the rules
 * before it stay in force. Throws RULES_INVALID when there are none yet. An empty path: no rules.
 */
export async function openRuleBook(
  path: string,
  { onRead, onRefused }: { onRead(rules: RuleFile): void; onRefused(fault: Fault): void },
): Promise<RuleBook> {
  if (path === '') return { current: async () => undefined };
  let text = await textOf(path);
  let rules = rulesOf(text, path);
  onRead(rules);
  return {
    async current() {
      const now = await textOf(path);
      if (now === text) return rules;
      text = now;
      try {
        rules = rulesOf(text, path);
        onRead(rules);
      } catch (error) {
        onRefused(asFault(error));
      }
      return rules;
    },
  };
}

/** Undefined where it cannot be read. */
const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

function rulesOf(text: string | undefined, path: string): RuleFile {
  if (text === undefined) throw new Fault('RULES_INVALID', `${path} cannot be read`);
  return parseRules(text);
}
