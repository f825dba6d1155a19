import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Answers, defaultOf, type Question } from '../packages/question.ts';
import { Fault } from '../shared/fault.ts';

/** Where the answers to `pellucid model new` come from. */
export interface Asker {
  readonly ask: (question: Question) => Promise<string>;
  /** Answers that no question asked for, by their keys. */
  readonly unasked: () => readonly string[];
  readonly end: () => void;
}

/** Why it is asked, then one line a question; a wrong answer is told and asked again. Throws REQUEST_INVALID where nobody can be asked. */
export function inTerminal(): Asker {
  const nobody = new Fault(
    'REQUEST_INVALID',
    'there is no terminal to ask in: pellucid model questions <file.onnx> writes a file of answers to fill in, and --answers reads it',
  );
  if (!process.stdin.isTTY) throw nobody;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  terminal.once('close', () => closed.abort());
  const answerTo = (words: string): Promise<string> =>
    terminal.question(words, { signal: closed.signal }).catch(() => {
      throw nobody;
    });
  return {
    ask: async ({ ask, why, otherwise, check }) => {
      process.stderr.write(`\n${why}\n`);
      for (;;) {
        const answer = await answerTo(`${ask}${typeof otherwise === 'string' ? ` [${otherwise}]` : ''}: `);
        const wrong = answer.trim() === '' ? undefined : check?.(answer.trim());
        if (wrong) process.stderr.write(`  ${wrong}\n`);
        else if (answer.trim() !== '' || otherwise !== undefined) return answer;
      }
    },
    unasked: () => [],
    end: () => terminal.close(),
  };
}

/** Nothing behind a key is an empty answer; yes and no may be YAML's, lists and maps are kept as they are. */
const Answer = z.union([
  z.null().transform(() => ''),
  z.boolean().transform((yes) => (yes ? 'yes' : 'no')),
  z.string(),
  z.number().transform(String),
  z.unknown().transform((value) => JSON.stringify(value)),
]);

/** Answers by their keys; a key that no question has is a mistake. */
export async function fromFile(path: string): Promise<Asker> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} cannot be read`, { cause });
  });
  const parsed = z.record(z.string(), Answer).safeParse(parsedYaml(path, text));
  if (!parsed.success) throw new Fault('REQUEST_INVALID', `${path}: answers are lines of "key: answer"`);
  const left = new Map(Object.entries(parsed.data));
  return {
    ask: async ({ key }) => {
      const answer = left.get(key) ?? '';
      left.delete(key);
      return answer;
    },
    unasked: () => [...left.keys()],
    end: () => undefined,
  };
}

function parsedYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', `${path} is not YAML: ${(cause as Error).message}`, { cause });
  }
}

/** The questions as a file of answers: why each is asked and what, in comments, with its default or what is known already. */
export const answersFile = (questions: readonly Question[], known: Answers): string =>
  questions
    .map((question) => {
      const answer = known[question.key] ?? defaultOf(question, known) ?? '';
      return `# ${question.ask}\n#   ${question.why}\n${question.key}:${answer === '' ? '' : ` ${JSON.stringify(answer)}`}\n`;
    })
    .join('');
