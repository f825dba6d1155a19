import fc from 'fast-check';
import { contoursOf, type Field, type Ring } from '../../ohif-extension/src/lib/contour.ts';
import { outlinesIn, outlinesOf, type Plane } from '../../ohif-extension/src/lib/outlines.ts';
import type { Look } from '../../ohif-extension/src/lib/paint.ts';
import type { ValueMap } from '../../ohif-extension/src/lib/value-map.ts';

/** Signed, by Gauss’s formula. */
const areaOf = (ring: Ring): number =>
  ring.reduce((sum, [x, y], i) => {
    const [nx, ny] = ring[(i + 1) % ring.length] as Ring[number];
    return sum + (x * ny - nx * y) / 2;
  }, 0);
const areaIn = (rings: readonly Ring[]): number =>
  Math.abs(rings.reduce((sum, ring) => sum + areaOf(ring), 0));
/** How many lines a ray to the right crosses. */
const isInside = (rings: readonly Ring[], x: number, y: number): boolean =>
  rings.flatMap((ring) =>
    ring.filter(([ax, ay], i) => {
      const [bx, by] = ring[(i + 1) % ring.length] as Ring[number];
      return ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax);
    }),
  ).length %
    2 ===
  1;
const fieldOf = (width: number, height: number, at: Field['at']): Field => ({ width, height, at });

test('around a disc: as large as it, and everywhere at its radius', () => {
  const [ring, ...more] = contoursOf(
    fieldOf(41, 41, (x, y) => 12 - Math.hypot(x - 20, y - 20)),
    0,
  );
  expect(more).toEqual([]);
  for (const [x, y] of ring ?? []) expect(Math.hypot(x - 20, y - 20)).toBeCloseTo(12, 1);
  expect(areaIn([ring ?? []]) / (Math.PI * 144)).toBeCloseTo(1, 2);
});

test('a ring is two lines, and what it leaves out is outside', () => {
  const rings = contoursOf(
    fieldOf(41, 41, (x, y) => 4 - Math.abs(Math.hypot(x - 20, y - 20) - 12)),
    0,
  );
  expect(rings).toHaveLength(2);
  expect(areaIn(rings) / (Math.PI * (256 - 64))).toBeCloseTo(1, 1);
  expect(isInside(rings, 20.1, 20.1)).toBe(false);
  expect(isInside(rings, 32.1, 20.1)).toBe(true);
});

test('a field that is above everywhere is outlined at its edge, and what is NaN is cut out half a sample away', () => {
  expect(
    areaIn(
      contoursOf(
        fieldOf(4, 3, () => 1),
        0,
      ),
    ),
  ).toBeCloseTo(4 * 3 - 4 * 0.125);
  const holed = contoursOf(
    fieldOf(5, 5, (x, y) => (x === 2 && y === 2 ? Number.NaN : 1)),
    0,
  );
  expect(holed).toHaveLength(2);
  expect(
    contoursOf(
      fieldOf(5, 5, () => Number.NaN),
      0,
    ),
  ).toEqual([]);
  expect(
    contoursOf(
      fieldOf(5, 5, () => 0),
      0,
    ),
  ).toEqual([]);
});

test('whatever the field: inside are the samples above the level, and no others', () => {
  const fields = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([width, height]) =>
      fc.tuple(
        fc.constant(width),
        fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN)), {
          minLength: width * height,
          maxLength: width * height,
        }),
      ),
    );
  fc.assert(
    fc.property(fields, ([width, values]) => {
      const height = values.length / width;
      const rings = contoursOf(
        fieldOf(width, height, (x, y) => values[y * width + x] as number),
        0.5,
      );
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          expect(isInside(rings, x + 1e-7, y + 1e-7)).toBe((values[y * width + x] as number) > 0.5);
    }),
    { numRuns: 300 },
  );
});

const LOOK: Look = { threshold: 0.5, side: 'both', palette: 'inferno' };
const MAP: ValueMap = {
  name: 'Evidence',
  method: '',
  unit: '1',
  reading: 'evidence',
  rows: 4,
  columns: 6,
  values: new Float32Array(24).map((_, i) => (i === 8 ? 1 : i === 15 ? -1 : 0)),
  low: -1,
  high: 1,
  images: ['a'],
};

test('of a frame: where it speaks for and where against, in shares of the extent', () => {
  const lines = outlinesOf(MAP, 0, LOOK);
  const middle = (ring: Ring | undefined) =>
    [0, 1].map(
      (k) => (ring ?? []).reduce((sum, point) => sum + (point[k] as number), 0) / (ring?.length ?? 1),
    );
  expect([lines.for.length, lines.against.length]).toEqual([1, 1]);
  // Cells 8 and 15: row 1, column 2, and row 2, column 3.
  const [x, y] = middle(lines.for[0]);
  expect([x, y]).toEqual([expect.closeTo(2.5 / 6, 2), expect.closeTo(1.5 / 4, 2)]);
  const [ax, ay] = middle(lines.against[0]);
  expect([ax, ay]).toEqual([expect.closeTo(3.5 / 6, 2), expect.closeTo(2.5 / 4, 2)]);
  expect(outlinesOf(MAP, 0, { ...LOOK, side: 'for' }).against).toEqual([]);
});

test('of a plane through an oblique volume: a ball is a circle of its size, where it is', () => {
  const [rows, columns, frames] = [40, 44, 36];
  const spacing = [1.1, 0.8, 2.5];
  const direction = [0.8, 0.6, 0, -0.48, 0.64, 0.6, 0.36, -0.48, 0.8];
  const world = (index: readonly number[]): readonly number[] =>
    [0, 1, 2].map(
      (i) =>
        ([-40, -41, 7][i] as number) +
        [0, 1, 2].reduce(
          (sum, k) => sum + (index[k] as number) * (spacing[k] as number) * (direction[3 * k + i] as number),
          0,
        ),
    );
  const centre = world([20, 22, 16]);
  const radius = 11;
  const values = new Float32Array(rows * columns * frames);
  for (let f = 0, i = 0; f < frames; f++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++, i++)
        values[i] = radius - Math.hypot(...world([c, r, f]).map((v, k) => v - (centre[k] as number)));
  const map: ValueMap = {
    ...MAP,
    rows,
    columns,
    values,
    high: radius,
    images: Array.from({ length: frames }, (_, i) => String(i)),
    grid: { FrameOfReferenceUID: '1', origin: world([0, 0, 0]), spacing, dimensions: [], direction },
  };
  // Half a millimetre a pixel, its centre at (150, 100), across the slices.
  const plane: Plane = {
    origin: centre.map(
      (v, k) => v - 0.5 * (150 * ([1, 0, 0][k] as number) + 100 * ([0, 0, -1][k] as number)),
    ),
    right: [0.5, 0, 0],
    down: [0, 0, -0.5],
    width: 320,
    height: 210,
  };
  const lines = outlinesIn(plane, map, { ...LOOK, side: 'for', threshold: 0 });
  expect(lines.for).toHaveLength(1);
  for (const [x, y] of lines.for[0] ?? [])
    expect(Math.abs(Math.hypot(x - 150, y - 100) - 22)).toBeLessThan(1);
});
