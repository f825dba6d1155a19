import { readFileSync } from 'node:fs';
import { NOT_DIFFERENTIABLE, RULES } from '../../../server/explain/vjp/index.ts';

const page = readFileSync('docs/gradients.md', 'utf8');
const names = (line: string) => page.match(new RegExp(`^${line}(.+)$`, 'm'))?.[1];
const list = (ops: Iterable<string>) => `${[...ops].toSorted().join(', ')}.`;

test('docs/gradients.md lists the operators with a rule', () => {
  expect(names('Differentiable: ')).toBe(list(Object.keys(RULES)));
});

test('docs/gradients.md lists the operators that are constant by nature', () => {
  expect(names('Constant by nature: ')).toBe(list(NOT_DIFFERENTIABLE));
});

test('no operator is in both lists', () => {
  expect(Object.keys(RULES).filter((op) => NOT_DIFFERENTIABLE.has(op))).toEqual([]);
});
