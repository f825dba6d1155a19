import { expandPalette } from '../../server/retrieve/segmented-palette.ts';

/** Worked by hand from PS3.3 C.7.9.2; pydicom 3.0.2 (_expand_segmented_lut) gives the same where it can. */
test.each<[string, Uint8Array | Uint16Array, number[]]>([
  ['discrete', Uint16Array.of(0, 3, 10, 20, 65_535), [10, 20, 65_535]],
  ['linear, upwards to its end', Uint16Array.of(0, 1, 0, 1, 4, 100), [0, 25, 50, 75, 100]],
  ['linear, downwards', Uint8Array.of(0, 1, 9, 1, 3, 0), [9, 6, 3, 0]],
  ['linear, rounded', Uint8Array.of(0, 1, 0, 1, 3, 4), [0, 1, 3, 4]],
  ['linear of one value', Uint8Array.of(0, 1, 7, 1, 1, 5), [7, 5]],
  ['linear, level', Uint8Array.of(0, 1, 7, 1, 3, 7), [7, 7, 7, 7]],
  [
    'indirect in words: one segment from byte 0, the first, again',
    Uint16Array.of(0, 2, 1, 2, 1, 2, 6, 2, 1, 0, 0),
    [1, 2, 4, 6, 1, 2],
  ],
  [
    'indirect in words: the linear segment at byte 8, from the value that now comes before it',
    Uint16Array.of(0, 2, 1, 2, 1, 2, 6, 0, 1, 0, 2, 1, 8, 0),
    [1, 2, 4, 6, 0, 3, 6],
  ],
  [
    'indirect in bytes: two segments from byte 0',
    Uint8Array.of(0, 1, 3, 1, 2, 5, 2, 2, 0, 0, 0, 0),
    [3, 4, 5, 3, 4, 5],
  ],
  ['a padding byte at the end', Uint8Array.of(0, 3, 1, 2, 3, 0), [1, 2, 3]],
])('%s', (_, data, expected) => {
  expect([...expandPalette(data, expected.length)]).toEqual(expected);
});

test('an offset has its low word first', () => {
  const data = new Uint16Array(2 ** 15 + 10);
  data.set([0, 1, 5, 2, 1, 4, 1]);
  data.set([0, 1, 9], (2 ** 16 + 4) / 2);
  expect([...expandPalette(data, 2)]).toEqual([5, 9]);
});

test.each<[string, Uint8Array | Uint16Array, number, string]>([
  ['too few entries', Uint8Array.of(0, 2, 1, 2), 3, 'ends inside a segment'],
  ['too many entries', Uint8Array.of(0, 3, 1, 2, 3), 2, 'makes more than 2 entries'],
  ['no data', new Uint8Array(), 1, 'ends inside a segment'],
  ['a linear segment first', Uint8Array.of(1, 2, 9), 2, 'does not begin with a discrete segment'],
  ['an indirect segment first', Uint8Array.of(2, 1, 0, 0, 0, 0), 2, 'does not begin with a discrete segment'],
  ['an unknown kind', Uint8Array.of(0, 1, 1, 3, 1, 1), 2, 'unknown kind 3'],
  ['an endless copy of itself', Uint8Array.of(0, 1, 1, 2, 1, 3, 0, 0, 0), 9, 'copies a copy'],
  ['an offset behind the data', Uint16Array.of(0, 1, 1, 2, 1, 0, 1), 2, 'ends inside a segment'],
  ['an offset between two words', Uint16Array.of(0, 1, 1, 2, 1, 1, 0), 2, 'points between two words'],
  ['an empty segment', Uint8Array.of(0, 1, 1, 0, 0, 0, 1, 2), 2, 'holds an empty segment'],
])('%s is refused', (_, data, length, why) => {
  expect(() => expandPalette(data, length)).toThrow(
    expect.objectContaining({ code: 'DICOM_UNREADABLE', detail: expect.stringContaining(why) }),
  );
});
