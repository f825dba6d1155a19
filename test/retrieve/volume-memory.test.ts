import { giveBack, takeMemory } from '../../server/retrieve/volume-memory.ts';

/** Of eight samples, all 7, given back. */
function leaveSevens(): Float32Array {
  const memory = takeMemory(8).fill(7);
  giveBack(memory);
  return memory;
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  jest.runAllTimers();
  jest.useRealTimers();
});

test('fresh memory is zero', () => {
  expect([...takeMemory(3)]).toEqual([0, 0, 0]);
});

test.each([8, 5])('%d samples lie where a volume of eight lay', (samples) => {
  leaveSevens();
  expect([...takeMemory(samples)]).toEqual(Array(samples).fill(7));
});

test('what is too small is not used', () => {
  leaveSevens();
  expect([...takeMemory(9)]).toEqual(Array(9).fill(0));
});

test('nobody gets memory that another has', () => {
  leaveSevens();
  const first = takeMemory(8);
  takeMemory(8).fill(1);
  expect([...first]).toEqual(Array(8).fill(7));
});

test('a volume that was given back is empty, and stays so when its memory is used again', () => {
  const memory = takeMemory(8).fill(7);
  const frame = memory.subarray(2, 4);
  giveBack(memory);
  takeMemory(8).fill(1);
  expect([memory.length, frame.length, frame[0]]).toEqual([0, 0, undefined]);
  expect(() => memory.subarray(2, 4)).toThrow('detached');
});

test('the last that was given back is kept, whole, though only a part of it was used', () => {
  leaveSevens();
  giveBack(takeMemory(2).fill(3));
  expect([...takeMemory(8)]).toEqual([3, 3, 7, 7, 7, 7, 7, 7]);
});

test('it is let go after a minute', () => {
  leaveSevens();
  jest.advanceTimersByTime(59_999);
  giveBack(takeMemory(8));
  jest.advanceTimersByTime(59_999);
  expect([...takeMemory(8)]).toEqual(Array(8).fill(7));
  leaveSevens();
  jest.advanceTimersByTime(60_000);
  expect([...takeMemory(8)]).toEqual(Array(8).fill(0));
});
