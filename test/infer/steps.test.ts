import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Volume } from '../../server/contracts.ts';
import { UNITS } from '../../server/dicom/code.ts';
import { toLps } from '../../server/infer/grid.ts';
import { prepare } from '../../server/infer/prepare.ts';
import { toSourceGrid } from '../../server/infer/to-source.ts';
import { Step } from '../../server/models/steps.ts';
import { applyAffine, invertAffine, type Point } from '../../server/shared/affine.ts';

interface Case {
  readonly volume: string;
  readonly steps: readonly unknown[];
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly affine?: readonly number[];
}

const oracle: {
  readonly shape: [number, number, number];
  readonly volumes: Record<string, readonly number[]>;
  readonly cases: readonly Case[];
} = JSON.parse(readFileSync(join(__dirname, '..', 'oracle', 'steps.json'), 'utf8'));

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The formula of test/oracle/steps.py. */
const values = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: size(shape) }, (_, i) =>
    Math.round(100 * Math.sin(i * 0.37) + 40 * Math.cos(i * 0.11) + (i % 7) * 10),
  );

const volume = (affine: readonly number[], shape = oracle.shape, more: Partial<Volume> = {}): Volume =>
  ({
    shape,
    data: values(shape),
    unit: UNITS.hu,
    inverted: false,
    padding: null,
    geometry: {
      affine,
      ImageOrientationPatient: [],
      spacingBetweenFrames: null,
      FrameOfReferenceUID: null,
      ...more.geometry,
    },
  }) as unknown as Volume;

const steps = (raw: readonly unknown[]): Step[] => raw.map((step) => Step.parse(step));
const TILTED = oracle.volumes.tilted as readonly number[];

test.each(oracle.cases.map((c) => [JSON.stringify(c.steps), c.volume, c] as const))(
  '%s of the %s volume: as other libraries do (test/oracle/steps.py)',
  (_, name, { steps: wanted, shape, data, affine }) => {
    const { grid } = prepare(volume(oracle.volumes[name] as readonly number[]), {
      grid: 'source',
      steps: steps(wanted),
    });
    expect(grid.shape).toEqual(shape);
    for (const [i, v] of (affine ?? []).entries()) expect(toLps(grid)[i]).toBeCloseTo(v, 4);
    const off = data.map((v, i) => Math.abs(v - (grid.data[i] as number)));
    expect(Math.max(...off)).toBeLessThan(2e-4);
  },
);

test('every step is checked against another library, and in docs/models.md', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'models.md'), 'utf8');
  const checked = new Set(oracle.cases.flatMap((c) => c.steps.map((s) => (s as Step).step)));
  const names = Step.options.map((o) => o.shape.step.value);
  expect([...checked].sort()).toEqual(names.toSorted());
  for (const [name, { shape }] of names.map(
    (n, i) => [n, Step.options[i] as (typeof Step.options)[number]] as const,
  ))
    expect(page).toContain(
      `\`${[name, Object.keys(shape).slice(1).join(', ')].filter(Boolean).join(': ')}\``,
    );
});

/** Steps that lose nothing: turning, padding, and a crop of the padding. */
const lossless = fc.array(
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]),
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      )
      .map(([order, flip]) => ({
        step: 'orient',
        axes: order.map((lps) => ['LR', 'PA', 'SI'][lps]?.[Number(flip[lps])]).join(''),
      })),
    fc.integer({ min: 2, max: 9 }).map((of) => ({ step: 'padToMultiple', of })),
    fc.integer({ min: 7, max: 12 }).map((n) => ({ step: 'pad', size: [n, n, n] })),
    fc.constant({ step: 'crop', size: [12, 12, 12] }),
    fc.constant({ step: 'foreground', above: -1e9, padding: 0 }),
    fc.constant({ step: 'minmax' }),
  ),
  { maxLength: 5 },
);

test('source → steps without interpolation → source gives every voxel back: Dice 1.0', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(oracle.volumes)), lossless, (name, wanted) => {
      fc.pre(name !== 'sheared');
      const source = volume(oracle.volumes[name] as readonly number[]);
      const { grid } = prepare(source, { grid: 'source', steps: steps(wanted) });
      const { data } = prepare(source, {
        grid: 'source',
        steps: steps(wanted.filter((s) => s.step !== 'minmax')),
      }).grid;
      for (const interpolation of ['nearest', 'linear'] as const) {
        const back = toSourceGrid({ ...grid, data: Float32Array.from(data) }, source, {
          out: new Float32Array(source.data.length).fill(-1),
          interpolation,
        });
        for (const [i, v] of source.data.entries()) expect(back[i]).toBeCloseTo(v, 3);
      }
    }),
    { seed: 4, numRuns: 60 },
  );
});

test('a label map on half-size voxels comes back whole', () => {
  const source = volume(TILTED);
  const { grid } = prepare(source, {
    grid: 'source',
    steps: steps([{ step: 'resize', size: [12, 10, 8], interpolation: 'nearest' }]),
  });
  const back = toSourceGrid({ ...grid, data: Float32Array.from(grid.data) }, source, {
    out: new Float32Array(source.data.length),
    interpolation: 'nearest',
  });
  expect(back).toEqual(source.data);
});

test('what the grid does not cover keeps what it holds', () => {
  const source = volume(TILTED);
  const { grid } = prepare(source, { grid: 'source', steps: steps([{ step: 'crop', size: [2, 5, 4] }]) });
  const back = toSourceGrid({ ...grid, data: new Uint8Array(grid.data.length).fill(9) }, source, {
    out: new Uint8Array(source.data.length),
    interpolation: 'nearest',
  });
  const inFrames = Array.from({ length: 6 }, (_, f) =>
    back.subarray(20 * f, 20 * (f + 1)).every((v) => v === 9),
  );
  expect(inFrames).toEqual([false, false, true, true, false, false]);
});

test('an irregular stack is read between its slices, and its mask lies on them', () => {
  const shape = [4, 1, 2] as const;
  const irregular = {
    ...volume(TILTED, [...shape], { geometry: { frameAt: [0, 1, 3, 3.5] } as unknown as Volume['geometry'] }),
    data: Float32Array.from([0, 10, 20, 30, 60, 70, 100, 110]),
  };
  const { grid } = prepare(irregular, { grid: 'source', steps: [] });
  // Places 0, 1, 2 (half-way from 20 to 60), 3, and beyond the last slice.
  expect([...grid.data]).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 100, 110]);
  const labels = Uint8Array.from([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  const back = toSourceGrid({ ...grid, data: labels }, irregular, {
    out: new Uint8Array(8),
    interpolation: 'nearest',
  });
  expect([...back]).toEqual([1, 1, 2, 2, 4, 4, 5, 5]);
});

test.each([
  ['tilted', undefined],
  ['sheared', undefined],
  ['sagittal', [0, 1, 2.5, 3, 4, 6]],
  ['sheared', [0, 1, 2.5, 3, 4, 6]],
])(
  'a map that grows along the patient does so on the slices of the %s volume, frames at %j',
  (name, frameAt) => {
    const affine = oracle.volumes[name] as readonly number[];
    const source = volume(affine, oracle.shape, {
      geometry: (frameAt ? { frameAt } : {}) as unknown as Volume['geometry'],
    });
    const { grid } = prepare(source, {
      grid: 'source',
      steps: steps([
        { step: 'orient', axes: 'RAS' },
        { step: 'spacing', mm: [1.1, 0.9, 1.7], interpolation: 'linear' },
        { step: 'padToMultiple', of: 8 },
      ]),
    });
    const height = ([x, y, z]: Point): number => 2 * x - y + 0.5 * z;
    const [ni, nj, nk] = grid.shape;
    const map = toLps(grid);
    const data = Float32Array.from({ length: size(grid.shape) }, (_, at) =>
      height(applyAffine(map, [Math.floor(at / (nj * nk)), Math.floor(at / nk) % nj, at % nk])),
    );
    const back = toSourceGrid({ ...grid, data }, source, {
      out: new Float32Array(source.data.length).fill(Number.NaN),
      interpolation: 'linear',
    });
    const toGrid = invertAffine(map);
    let inside = 0;
    for (const [at, v] of back.entries()) {
      const frame = Math.floor(at / 20);
      const place = applyAffine(affine, [at % 4, Math.floor(at / 4) % 5, frameAt?.[frame] ?? frame]);
      const index = applyAffine(toGrid, place);
      if (index.some((n, axis) => n < 0 || n > ([ni, nj, nk][axis] as number) - 1)) continue;
      inside++;
      expect(v).toBeCloseTo(height(place), 3);
    }
    expect(inside).toBe(source.data.length);
  },
);

test('the record names each step once', () => {
  const { said } = prepare(volume(TILTED), {
    grid: 'source',
    steps: steps([
      { step: 'clip', low: -50, high: 50 },
      { step: 'minmax' },
      { step: 'crop', size: [3, 3, 3] },
      { step: 'minmax' },
    ]),
  });
  expect(said).toMatchObject({
    grid: 'source 6x5x4',
    clip: '-50..50',
    minmax: '-50..50',
    crop: '3x3x3 at 2,1,1',
    'minmax 2': expect.stringMatching(/^\S+\.\.\S+$/),
  });
});

test.each([
  ['a sheared grid that nothing makes perpendicular', 'sheared', [], {}, 'the gantry was tilted'],
  ['one value', 'tilted', [{ step: 'clip', low: 5, high: 5 }, { step: 'zscore' }], {}, 'the same value'],
  ['one value', 'tilted', [{ step: 'clip', low: 5, high: 5 }, { step: 'minmax' }], {}, 'the same value'],
  ['no foreground', 'tilted', [{ step: 'foreground', above: 1e6, padding: 0 }], {}, 'nothing to read'],
  [
    'another unit',
    'tilted',
    [{ step: 'window', centre: 1, width: 2, unit: 'SUVbw' }],
    {},
    "the model's window is in SUVbw, the values are Hounsfield unit",
  ],
  ['no place in the patient', 'tilted', [], { geometry: null }, 'patient geometry'],
  ['a grid of 8.6e9 voxels', 'tilted', [{ step: 'pad', size: [2048, 2048, 2048] }], {}, '2048 × 2048 × 2048'],
])('%s is refused', (_, name, wanted, more, words) => {
  const source = { ...volume(oracle.volumes[name] as readonly number[]), ...more } as Volume;
  expect(() => prepare(source, { grid: 'source', steps: steps(wanted) })).toThrow(
    expect.objectContaining({ code: 'MODEL_REFUSES_SERIES', detail: expect.stringContaining(words) }),
  );
});

test.each(['LLS', 'LP', 'LPSI', 'XYZ', 'RL'])('axes %s are no axes', (axes) => {
  expect(Step.safeParse({ step: 'orient', axes }).success).toBe(false);
});
