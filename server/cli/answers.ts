import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Answers, defaultOf, type Question } from '../packages/questions.ts';
import { Fault } from '../shared/fault.ts';

/** Where the answers to `pellucid model new` come from. */
export interface Asker {
  readonly ask: (question: Question) => Promise<string>;
  readonly end: () => void;
}

/** One line a question; a wrong answer is told and asked again. */
export function inTerminal(): Asker {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return {
    ask: async ({ ask, otherwise, check }) => {
      for (;;) {
        const answer = await terminal.question(
          `${ask}${typeof otherwise === 'string' ? ` [${otherwise}]` : ''}: `,
        );
        const wrong = answer.trim() === '' ? undefined : check?.(answer.trim());
        if (wrong) process.stderr.write(`  ${wrong}\n`);
        else if (answer.trim() !== '' || otherwise !== undefined) return answer;
      }
    },
    end: () => terminal.close(),
  };
}

/** Nothing behind a key is an empty answer. */
const Answer = z.union([z.null().transform(() => ''), z.coerce.string()]);

/** Answers by their keys; a key that no question has is a mistake. */
export async function fromFile(path: string): Promise<Asker> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });
  const parsed = z.record(z.string(), Answer).safeParse(parse(text));
  if (!parsed.success) throw new Fault('REQUEST_INVALID', `${path}: answers are lines of "key: answer"`);
  const left = new Map(Object.entries(parsed.data));
  return {
    ask: async ({ key }) => {
      const answer = left.get(key) ?? '';
      left.delete(key);
      return answer;
    },
    end: () => {
      if (left.size > 0) process.stderr.write(`Not asked for: ${[...left.keys()].join(', ')}\n`);
    },
  };
}

/** The questions as a file of answers: each asked in a comment, with its default or what is known already. */
export const answersFile = (questions: readonly Question[], known: Answers): string =>
  questions
    .map((question) => {
      const answer = known[question.key] ?? defaultOf(question, known) ?? '';
      return `# ${question.ask}\n${question.key}:${answer === '' ? '' : ` ${JSON.stringify(answer)}`}\n`;
    })
    .join('');
