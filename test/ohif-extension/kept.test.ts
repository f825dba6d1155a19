import { kept } from '../../ohif-extension/src/lib/kept.ts';

test.each([
  ['all that fit', 4, [1, 2, 3, 4, 4, 3, 2, 1], [1, 2, 3, 4]],
  ['the one that was asked for longest ago goes', 2, [1, 2, 1, 3, 1, 2], [1, 2, 3, 2]],
  ['one', 1, [1, 1, 2, 1], [1, 2, 1]],
] as const)('what was made is kept: %s', (_, limit, asked, made) => {
  const calls: number[] = [];
  const of = kept(limit, (n) => {
    calls.push(n);
    return `${n}`;
  });
  expect(asked.map(of)).toEqual(asked.map(String));
  expect(calls).toEqual(made);
});
