import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuleBook } from '../../server/route/rule-book.ts';
import { sha256 } from '../../server/shared/digest.ts';

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

test('the state says what is in force since when, and of a refused file why; one that is put back is in force', async () => {
  const hashes: (string | undefined)[] = [];
  write('first');
  const text = readFileSync(path, 'utf8');
  const book = await openRuleBook(path, {
    onRead: (_, { sha256 }) => hashes.push(sha256),
    onRefused: (_, { sha256 }) => hashes.push(sha256),
  });
  const first = await book.state();
  expect(first).toEqual({ path, sha256: sha256(text), count: 1, since: expect.any(String) });
  writeFileSync(path, 'schema: 2');
  const refused = await book.state();
  expect(refused).toEqual({
    ...first,
    refused: { at: expect.any(String), detail: expect.stringContaining('expected 1') },
  });
  // Asked again, it was not refused anew.
  expect(await book.state()).toBe(refused);
  writeFileSync(path, text);
  expect((await book.state())?.refused).toBeUndefined();
  rmSync(path);
  expect((await book.state())?.refused?.detail).toBe(`${path} cannot be read`);
  expect(hashes).toEqual([sha256(text), sha256('schema: 2'), sha256(text), undefined]);
});

test.each(['no-such-file.yaml', '.'])('without any rules yet, %s is refused', async (name) => {
  const silent = { onRead: () => undefined, onRefused: () => undefined };
  await expect(openRuleBook(join(folder, name), silent)).rejects.toMatchObject({ code: 'RULES_INVALID' });
});

test('no path, no rules', async () => {
  const book = await openRuleBook('', { onRead: () => undefined, onRefused: () => undefined });
  expect([await book.current(), await book.state()]).toEqual([undefined, undefined]);
});
