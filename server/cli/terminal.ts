import { type ParseArgsConfig, parseArgs } from 'node:util';
import { asFault, Fault } from '../shared/fault.ts';

/** What the commands have in common: a line for people or scripts, and words that are read. */

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The options and words of a command. Throws REQUEST_INVALID with its usage for one that it does not know. */
export function readWords<const O extends NonNullable<ParseArgsConfig['options']>>(
  words: readonly string[],
  { usage, options, allowPositionals = true }: Reading<O>,
) {
  try {
    return parseArgs({ args: [...words], allowPositionals, options });
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', `${asFault(cause).detail}; ${usage}`, { cause });
  }
}

interface Reading<O> {
  readonly usage: string;
  readonly options: O;
  readonly allowPositionals?: boolean;
}
