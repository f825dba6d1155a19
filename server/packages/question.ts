import { parse } from 'yaml';
import { z } from 'zod';
import { codeFrom, knownNames } from './known-codes.ts';

/** What only a person can answer, one question a line of the terminal. Answers are text; empty takes the default. */
export interface Question {
  readonly key: string;
  readonly ask: string;
  /** Why it is asked: what the answer does. */
  readonly why: string;
  /** Shown in brackets, from the answers so far; without one an answer is needed. */
  readonly otherwise?: string | ((before: Answers) => string | undefined);
  /** What is wrong with an answer, or nothing. */
  readonly check?: (answer: string) => string | undefined;
}

export type Answers = Readonly<Record<string, string>>;

/** The answer where there is nothing to say; a hyphen is the same. */
export const NONE = 'none';

/** What an empty answer means, after these. */
export const defaultOf = ({ otherwise }: Question, before: Answers): string | undefined =>
  typeof otherwise === 'function' ? otherwise(before) : otherwise;

type Check = (answer: string) => string | undefined;

export const code: Check = (answer) =>
  codeFrom(answer)
    ? undefined
    : `write it as value|scheme|meaning, such as 233604007|SCT|Pneumonia, or one of the names ${knownNames}`;

export const orNone =
  (check: Check): Check =>
  (answer) =>
    answer === NONE ? undefined : check(answer);

export const share: Check = (answer) =>
  Number(answer) >= 0 && Number(answer) <= 1 && answer.trim() !== '' ? undefined : 'a number from 0 to 1';

export const whole: Check = (answer) => (/^[1-9]\d{0,3}$/.test(answer) ? undefined : 'a whole number');

export const oneOf =
  (...known: readonly string[]): Check =>
  (answer) =>
    known.includes(answer) ? undefined : `one of ${known.join(', ')}`;

export const yesOrNo = oneOf('yes', 'no');

export const numbers: Check = (answer) =>
  answer.split(',').every((n) => n.trim() !== '' && Number.isFinite(Number(n)))
    ? undefined
    : 'numbers, with commas';

export const matches =
  (form: RegExp, words: string): Check =>
  (answer) =>
    form.test(answer) ? undefined : words;

/** One line of YAML that a part of model.yaml is made of. */
export const yaml =
  (schema: z.ZodType): Check =>
  (answer) =>
    fromYaml(schema, answer).wrong;

/** A value from a line of YAML, or what is wrong with it. */
export function fromYaml<T>(
  schema: z.ZodType<T>,
  text: string,
): { readonly value?: T; readonly wrong?: string } {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    return { wrong: `it is not YAML: ${(error as Error).message}` };
  }
  const result = schema.safeParse(parsed);
  return result.success ? { value: result.data } : { wrong: z.prettifyError(result.error) };
}

/** The value of an answer that was checked; nothing for none. */
export const structured = <T>(schema: z.ZodType<T>, answer: string | undefined): T | undefined =>
  answer === undefined || answer === NONE ? undefined : fromYaml(schema, answer).value;
