import fc from 'fast-check';
import { eachRun } from '../../server/encode/runs.ts';

type Run = [label: number, from: number, end: number];

function runsOf(labels: Uint8Array | Uint16Array): readonly Run[] {
  const runs: Run[] = [];
  eachRun(labels, (...run) => runs.push(run));
  return runs;
}

/** Label after label. */
function slowly(labels: readonly number[]): readonly Run[] {
  const starts = labels.flatMap((label, i) => (i > 0 && labels[i - 1] === label ? [] : [i]));
  return starts.map((from, n) => [labels[from] as number, from, starts[n + 1] ?? labels.length]);
}

/** Runs of all lengths: most are longer than a word, some are not. */
const labels = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 255, 256, 65_535), fc.nat({ max: 11 })), { maxLength: 12 })
  .map((runs) => runs.flatMap(([label, length]) => new Array<number>(length).fill(label)));

test.each([
  ['8 bits', Uint8Array],
  ['16 bits', Uint16Array],
])('%s, wherever the labels begin in memory: the runs that a loop over labels finds', (_, Kind) => {
  fc.assert(
    fc.property(labels, fc.nat({ max: 4 }), (list, offset) => {
      const whole = new Kind(offset + list.length);
      whole.set(list, offset);
      const view = whole.subarray(offset);
      expect(runsOf(view)).toEqual(slowly([...view]));
    }),
    { numRuns: 1_000, seed: 1 },
  );
});
