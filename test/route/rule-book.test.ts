import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuleBook } from '../../server/route/rule-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-rules-'));
const path = join(folder, 'rules.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string) =>
  writeFileSync(path, `schema: 1\nrules: [{ name: ${name}, when: { Modality: { equals: CT } }, run: [m] }]`);

test('a changed file counts at once; a bad one is told once, and the rules before it stay in force', async () => {
  const told: string[] = [];
  write('first');
  const book = await openRuleBook(path, {
    onRead: ({ rules }) => told.push(`read ${rules[0]?.name}`),
    onRefused: ({ code }) => told.push(code),
  });
  const names = async () => (await book.current())?.rules.map(({ name }) => name);
  expect(await names()).toEqual(['first']);
  write('second');
  expect(await names()).toEqual(['second']);
  writeFileSync(path, 'schema: 2');
  expect([await names(), await names()]).toEqual([['second'], ['second']]);
  rmSync(path);
  expect([await names(), await names()]).toEqual([['second'], ['second']]);
  write('third');
  expect(await names()).toEqual(['third']);
  expect(told).toEqual(['read first', 'read second', 'RULES_INVALID', 'RULES_INVALID', 'read third']);
});

test.each(['no-such-file.yaml', '.'])('without any rules yet, %s is refused', async (name) => {
  const silent = { onRead: () => undefined, onRefused: () => undefined };
  await expect(openRuleBook(join(folder, name), silent)).rejects.toMatchObject({ code: 'RULES_INVALID' });
});

test('no path, no rules', async () => {
  const book = await openRuleBook('', { onRead: () => undefined, onRefused: () => undefined });
  expect(await book.current()).toBeUndefined();
});
