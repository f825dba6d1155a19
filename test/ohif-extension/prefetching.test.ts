import { pausePrefetching } from '../../ohif-extension/src/lib/prefetching.ts';

const USUAL = 5;
const pool = {
  most: USUAL,
  grabs: 0,
  getMaxSimultaneousRequests: () => pool.most,
  setMaxSimultaneousRequests: (_: 'prefetch', most: number) => {
    pool.most = most;
  },
  startGrabbing: () => {
    pool.grabs++;
  },
};

beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, { cornerstone: { imageLoadPoolManager: pool } });
  pool.grabs = 0;
});
afterEach(() => {
  jest.useRealTimers();
  Reflect.deleteProperty(globalThis, 'cornerstone');
});

test('nothing is fetched ahead in a pause; at its end the host goes on as before, once', () => {
  const end = pausePrefetching();
  expect(pool).toMatchObject({ most: 0, grabs: 0 });
  end();
  end();
  jest.runAllTimers();
  expect(pool).toMatchObject({ most: USUAL, grabs: 1 });
});

test('a pause that nobody ends is over after a while', () => {
  pausePrefetching();
  jest.runAllTimers();
  expect(pool).toMatchObject({ most: USUAL, grabs: 1 });
});

test('a second pause does not take the first for what is usual, and the end of the first is not its end', () => {
  const first = pausePrefetching();
  const second = pausePrefetching();
  first();
  expect(pool.most).toBe(0);
  second();
  expect(pool.most).toBe(USUAL);
});

test('a host without such a queue is left alone', () => {
  Object.assign(globalThis, { cornerstone: {} });
  pausePrefetching()();
  expect(pool).toMatchObject({ most: USUAL, grabs: 0 });
});
