import { sliceWords } from '../../server/explain/slice-words.ts';

const numbered = (...numbers: readonly (number | undefined)[]) =>
  numbers.map((n) => (n === undefined ? {} : { InstanceNumber: n }));
/** A stack whose frames follow each other in this direction. */
const along = (x: number, y: number, z: number) => ({
  affine: [0.5, 0, x, 0, 0, 0.5, y, 0, 0, 0, z, 0, 0, 0, 0, 1],
});

test.each([
  ['numbers that grow', numbered(11, 12, 13), null, 'image 12', 'images 12 to 13'],
  ['numbers from the other end', numbered(90, 60, 30), null, 'image 60', 'images 30 to 60'],
  [
    'frames of one object',
    [1, 2, 3].map((frameNumber) => ({ frameNumber, InstanceNumber: 7 })),
    null,
    'image 2',
    'images 2 to 3',
  ],
  [
    'one number twice',
    numbered(1, 1, 2),
    along(0, 0, 3),
    'slice 2 from the feet',
    'slices 2 to 3 from the feet',
  ],
  ['no order', numbered(1, 3, 2), along(0, 0, -3), 'slice 2 from the head', 'slices 2 to 3 from the head'],
  [
    'a number that is missing',
    numbered(1, undefined, 3),
    along(0.2, -0.1, 0.1),
    'slice 2 from the right',
    'slices 2 to 3 from the right',
  ],
  [
    'none',
    numbered(undefined, undefined, undefined),
    along(0, 2, 1),
    'slice 2 from the front',
    'slices 2 to 3 from the front',
  ],
  [
    'no number and no place',
    [{}, {}, {}],
    null,
    'slice 2 from the first image',
    'slices 2 to 3 from the first image',
  ],
] as const)('%s', (_, frames, geometry, one, several) => {
  const words = sliceWords({ frames, geometry });
  expect([words.one(1), words.several(1, 2)]).toEqual([one, several]);
});
