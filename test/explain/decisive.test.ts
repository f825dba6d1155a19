import { decisiveEvidence } from '../../server/explain/decisive.ts';

/** Hiding A, B, C takes 1, 2, 3 from a score of 10. */
const scoreWithout = async (places: readonly number[]): Promise<number> =>
  10 - places.reduce((sum, i) => sum + i + 1, 0);
const deletion = {
  area: 0,
  points: [
    { share: 0, score: 10 },
    { share: 0.5, score: 3.5 },
    { share: 1, score: 0 },
  ],
};

test.each([
  ['one region', 9.5, { kind: 'regions', names: ['A'], score: 9 }],
  ['one region, the first that turns it', 8.5, { kind: 'regions', names: ['B'], score: 8 }],
  ['two regions', 6.5, { kind: 'regions', names: ['A', 'C'], score: 6 }],
  ['all regions', 4.5, { kind: 'regions', names: ['A', 'B', 'C'], score: 4 }],
  ['a share of the picture', 3.6, { kind: 'share', share: 0.5, score: 3.5 }],
  ['nothing but all', 3, undefined],
])('%s', async (_, threshold, found) => {
  expect(await decisiveEvidence({ names: ['A', 'B', 'C'], threshold, scoreWithout, deletion })).toEqual(
    found,
  );
});
