import { openOnce } from '../../server/review/once.ts';

test('with one key a thing is done once, however often it is asked for, and meanwhile; with another, or none, anew', async () => {
  const once = openOnce<number>();
  let done = 0;
  const act = async () => ++done;
  expect(await Promise.all([once('a', act), once('a', act)])).toEqual([1, 1]);
  expect(await once('a', act)).toBe(1);
  expect([await once('b', act), await once(undefined, act), await once(undefined, act)]).toEqual([2, 3, 4]);
});

test('what failed is done again, as of the moment of its first try', async () => {
  const once = openOnce<string>();
  const moments: Date[] = [];
  const act = async (at: Date) => {
    moments.push(at);
    if (moments.length === 1) throw new Error('no archive');
    return 'done';
  };
  await expect(once('a', act)).rejects.toThrow('no archive');
  expect(await once('a', act)).toBe('done');
  expect(moments[1]).toBe(moments[0]);
});
