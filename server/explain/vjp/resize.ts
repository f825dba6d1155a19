import { float } from '../graph/onnx.ts';
import { range } from '../graph/ops.ts';
import type { Context, Rule, Rules, Sample } from './rule.ts';
import { between, constant, int64 } from './samples.ts';

/**
 * Interpolation is a linear map on each axis: y = W x, so the adjoint is Wᵀ g along that axis. W follows the operator's
 * definition (ONNX: Resize) and is written as a constant.
 */

const x = (...dims: number[]) => between(-1, 1, dims);
const scales = (...values: number[]) => constant({ dims: [values.length], values });
const none = constant({ dims: [0], values: [] });
const float32 = true as const;

const resize = (samples: readonly Sample[]): Rule => ({
  differentiable: [0],
  constants: [1, 2, 3],
  gradient: (c) => {
    const axes = axesOf(c);
    const factor = factorsOf(c);
    return c.x(0).dims.reduce((v, from, axis) => {
      const to = c.y.dims[axis] ?? from;
      const scale = factor?.[axes.indexOf(axis)] ?? to / from;
      if (!axes.includes(axis) || (to === from && scale === 1)) return v;
      return c.e.alongAxis(v, axis, { matrix: transposed(c, { from, to, scale }), to: from });
    }, c.g);
  },
  samples,
});

export const RESIZE: Rules = {
  Resize: resize([
    { x: [x(1, 2, 3, 4), scales(1, 1, 2, 2)], opsets: [10], float32 },
    { x: [x(1, 2, 5, 7), scales(1, 1, 0.6, 0.45)], opsets: [10], float32 },
    { x: [x(1, 2, 3, 4), scales(1, 1, 2, 1.5)], a: { mode: 'linear' }, opsets: [10], float32 },
    ...(['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'] as const).flatMap(
      (mode): Sample[] => {
        const a = { coordinate_transformation_mode: mode };
        return [
          { x: [x(1, 2, 3, 4), none, scales(1, 1, 2, 2)], a, opsets: [11, 13, 18], float32 },
          {
            x: [x(1, 2, 3, 4), none, scales(1, 1, 2, 1.5)],
            a: { ...a, mode: 'linear' },
            opsets: [11, 19],
            float32,
          },
          { x: [x(1, 2, 5, 6), none, none, int64(1, 2, 7, 3)], a: { ...a, mode: 'linear' }, float32 },
          { x: [x(1, 2, 5, 6), none, none, int64(1, 2, 8, 4)], a: { ...a, mode: 'cubic' }, float32 },
        ];
      },
    ),
    ...['round_prefer_ceil', 'floor', 'ceil'].map(
      (nearest_mode): Sample => ({
        x: [x(1, 1, 5, 4), none, none, int64(1, 1, 8, 3)],
        a: { nearest_mode },
        float32,
      }),
    ),
    {
      x: [x(1, 1, 5, 4), none, scales(1, 1, 1.6, 2)],
      a: { mode: 'cubic', cubic_coeff_a: float(-0.5), exclude_outside: 1 },
      float32,
    },
    {
      x: [x(1, 2, 4, 4), null, null, int64(1, 2, 1, 7)],
      a: { coordinate_transformation_mode: 'pytorch_half_pixel', mode: 'linear' },
      float32,
    },
    {
      x: [x(1, 2, 4, 4), null, scales(2, 1.5)],
      a: { axes: [2, 3], mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
      opsets: [19],
      float32,
    },
    ...[
      { mode: 'linear' },
      { mode: 'cubic' },
      { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
      { mode: 'cubic', exclude_outside: 1 },
    ].map(
      (a): Sample => ({
        x: [x(1, 1, 9, 7), null, null, int64(1, 1, 4, 10)],
        a: { ...a, antialias: 1 },
        opsets: [18, 19],
        float32,
      }),
    ),
    { x: [x(1, 1, 3, 4, 2), null, scales(1, 1, 2, 2, 2)], a: { mode: 'linear' }, float32 },
    { x: [x(1, 2, 5), null, scales(1, 1, 2)], a: { mode: 'linear' }, float32 },
  ]),
  /** Resize as it was before op set 10: `asymmetric`, nearest downwards. */
  Upsample: resize([
    { x: [x(1, 2, 3, 4), scales(1, 1, 2, 3)], opsets: [9], float32 },
    { x: [x(1, 2, 3, 4), scales(1, 1, 2, 2)], a: { mode: 'linear' }, opsets: [9], float32 },
  ]),
};

/** Resized axes: all unless op set 18's `axes` says which. */
function axesOf({ a, y }: Context): readonly number[] {
  const rank = y.dims.length;
  return a.ints('axes', range(0, rank)).map((axis) => (axis < 0 ? axis + rank : axis));
}

/** The factors as given. Rounded sizes follow from them, but coordinates use the factor itself. */
function factorsOf(c: Context): readonly number[] | undefined {
  const input = c.inputs === 2 ? 1 : 2;
  const given = c.has(input) ? c.constant(input) : c.a.floats('scales', []);
  return given.length ? given : undefined;
}

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/** Wᵀ, row-major [from, to]. */
function transposed(c: Context, axis: Axis): readonly number[] {
  const matrix = new Array<number>(axis.from * axis.to).fill(0);
  const taps = interpolation(c, axis);
  for (let o = 0; o < axis.to; o++) {
    for (const [cell, weight] of taps(coordinate(c, axis, o))) {
      const at = Math.min(axis.from - 1, Math.max(0, cell)) * axis.to + o;
      matrix[at] = (matrix[at] ?? 0) + weight;
    }
  }
  return matrix;
}

/** Before op set 11 the coordinates were `asymmetric` and the nearest cell the one below (above when shrinking). */
const isOld = ({ inputs, e }: Context): boolean => inputs === 2 && e.opset < 11;

function coordinate(c: Context, { from, to, scale }: Axis, o: number): number {
  const mode = isOld(c) ? 'asymmetric' : c.a.text('coordinate_transformation_mode', 'half_pixel');
  switch (mode) {
    case 'half_pixel':
      return (o + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return to > 1 ? (o + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      return to > 1 ? (o * (from - 1)) / (to - 1) : 0;
    case 'asymmetric':
      return o / scale;
    case 'half_pixel_symmetric':
      return (from / 2) * (1 - to / (scale * from)) + (o + 0.5) / scale - 0.5;
    default:
      return c.refuse(`coordinates ${mode} are not covered`);
  }
}

type Taps = (at: number) => readonly (readonly [cell: number, weight: number])[];

/** Which cells make the value at a coordinate, with what weight. Cells outside stand for the edge. */
function interpolation(c: Context, { from, scale }: Axis): Taps {
  const mode = c.a.text('mode', 'nearest');
  if (mode === 'nearest') {
    const round = nearest(c, scale);
    return (at) => [[round(at), 1]];
  }
  const cubic = mode === 'cubic';
  if (!cubic && mode !== 'linear' && mode !== 'bilinear') return c.refuse(`mode ${mode} is not covered`);
  const antialias = c.a.int('antialias', 0) === 1;
  const inside = c.a.int('exclude_outside', 0) === 1 && (cubic || antialias);
  return sampled(cubic ? keys(c.a.float('cubic_coeff_a', -0.75)) : TRIANGLE, {
    stretch: antialias ? Math.max(1, 1 / scale) : 1,
    ...(inside ? { within: from } : {}),
  });
}

function nearest(c: Context, scale: number): (at: number) => number {
  if (isOld(c)) return scale < 1 ? Math.ceil : Math.floor;
  const mode = c.a.text('nearest_mode', 'round_prefer_floor');
  const rounds: Readonly<Record<string, ((at: number) => number) | undefined>> = {
    round_prefer_floor: (at) => Math.ceil(at - 0.5),
    round_prefer_ceil: (at) => Math.floor(at + 0.5),
    floor: Math.floor,
    ceil: Math.ceil,
  };
  return rounds[mode] ?? c.refuse(`nearest_mode ${mode} is not covered`);
}

/** Weight by distance, 0 from `reach` on. */
interface Kernel {
  readonly reach: number;
  weight(distance: number): number;
}

const TRIANGLE: Kernel = { reach: 1, weight: (d) => Math.max(0, 1 - d) };

/** Keys 1981, with coefficient `a`. */
const keys = (a: number): Kernel => ({
  reach: 2,
  weight: (d) => {
    if (d >= 2) return 0;
    return d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  },
});

/** Weights that sum to 1; `within` drops cells outside. A kernel is stretched when shrinking shall not alias. */
function sampled(
  { reach, weight }: Kernel,
  { stretch, within }: { readonly stretch: number; readonly within?: number },
): Taps {
  return (at) => {
    const first = Math.floor(at - reach * stretch) + 1;
    const cells = range(first, Math.floor(at + reach * stretch) + 1).filter(
      (cell) => within === undefined || (cell >= 0 && cell < within),
    );
    const weights = cells.map((cell) => weight(Math.abs(cell - at) / stretch));
    const sum = weights.reduce((s, w) => s + w, 0);
    return cells.map((cell, i) => [cell, (weights[i] ?? 0) / sum] as const);
  };
}
