import type { Volume } from '../../server/contracts.ts';
import { coarse, evidenceRegions, onImage } from '../../server/explain/evidence-regions.ts';

/** A map drawn with figures, tenths of its maximum; a dot is 0. */
const drawn = (...lines: readonly string[]) => ({
  rows: lines.length,
  columns: (lines[0] as string).length,
  data: Float32Array.from([...lines.join('')], (c) => (c === '.' ? 0 : c === '-' ? -1 : Number(c) / 10)),
});
/** An image of ten pixels a cell. */
const imageOf = ({ rows, columns }: { rows: number; columns: number }) =>
  ({ shape: [1, 10 * rows, 10 * columns] }) as unknown as Volume;
const boxes = (map: ReturnType<typeof drawn>) =>
  evidenceRegions(map, imageOf(map)).map(({ region: { name, left, top, right, bottom }, cells }) => [
    name,
    ...[left, top, right, bottom].map((v) => v / 10),
    cells.length,
  ]);

test.each([
  ['one spot', drawn('......', '.99...', '.99...', '......'), [['A', 1, 1, 3, 3, 4]]],
  ['cells below half do not count', drawn('4444', '4994', '4444'), [['A', 1, 1, 3, 2, 2]]],
  [
    'two spots, the heavier first',
    drawn('9....', '.....', '..999'),
    [
      ['A', 2, 2, 5, 3, 3],
      ['B', 0, 0, 1, 1, 1],
    ],
  ],
  [
    'corners do not touch',
    drawn('9.', '.8'),
    [
      ['A', 0, 0, 1, 1, 1],
      ['B', 1, 1, 2, 2, 1],
    ],
  ],
  [
    'at most three',
    drawn('9.9.9.9'),
    [
      ['A', 0, 0, 1, 1, 1],
      ['B', 2, 0, 3, 1, 1],
      ['C', 4, 0, 5, 1, 1],
    ],
  ],
  // Two lungs that a weak bridge joins: one box over both would say nothing of where.
  [
    'two spots on a bridge are two regions',
    drawn('88....99', '88....99', '88555599', '88....99', '88....99', '88....99'),
    [
      ['A', 6, 0, 8, 6, 12],
      ['B', 0, 0, 2, 6, 12],
    ],
  ],
  // Round and square spots fill more than six tenths of their boxes.
  ['a round spot stays whole', drawn('.666.', '66666', '66966', '66666', '.666.'), [['A', 0, 0, 5, 5, 21]]],
  ['what goes against is no region', drawn('--', '--'), []],
  ['nothing is no region', drawn('..', '..'), []],
])('%s', (_, map, expected) => {
  expect(boxes(map)).toEqual(expected);
});

test('whatever the map, every region is connected, lies above half the maximum, and no cell is in two', () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let n = 0; n < 200; n++) {
    const [rows, columns] = [2 + (n % 13), 3 + (n % 11)];
    const map = {
      rows,
      columns,
      data: Float32Array.from({ length: rows * columns }, () => random() ** 2 - 0.1),
    };
    const maximum = Math.max(...map.data);
    const cells = evidenceRegions(map, imageOf(map)).flatMap((r) => r.cells);
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.min(...cells.map((i) => map.data[i] as number))).toBeGreaterThanOrEqual(
      Math.fround(maximum / 2) - 1e-7,
    );
  }
});

test('a fine map is averaged over blocks, and regions lie on the model’s image', () => {
  const fine = { rows: 64, columns: 64, data: new Float32Array(64 * 64).fill(0) };
  for (let r = 0; r < 2; r++) for (let c = 0; c < 2; c++) fine.data[r * 64 + c] = 4;
  const map = coarse(fine);
  expect([map.rows, map.columns, map.data[0], map.data[1]]).toEqual([32, 32, 4, 0]);
  const { label, count } = onImage(evidenceRegions(map, imageOf(map)), map, [64, 64]);
  expect([count, label[0], label[65], label[2]]).toEqual([2, 1, 1, 0]);
});
