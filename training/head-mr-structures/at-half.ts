import { PHASES, type Phase, rewriting, type Weights } from './rewrite.ts';

/**
 * `node training/head-mr-structures/at-half.ts EXPORTED model.onnx`: what export.py wrote, with its last layers at half resolution.
 *
 * Between the transposed convolution `spread` and the convolution `last` there is no activation, so both are one convolution; and each of
 * the eight voxels of a cell of two by two by two has one of its own, of the half-sized features. Weights are multiplied out in float64. Nothing
 * is learned or left out: only in the outermost layer of voxels the logits are others, since `last` saw zeros beyond it, and this sees features that are
 * spread from zeros. ONNX Runtime takes half the time and a third of the memory.
 */
const { old, weights, node, floats, whole, add, save } = rewriting();

const last = weights('net.last.weight');
const lastBias = weights('net.last.bias').data;
const pieces = Array.from({ length: 7 }, (_, i) => weights(`net.spread.pieces.${i}.weight`));
const spreadBias = pieces.flatMap((_, i) => weights(`net.spread.pieces.${i}.bias`).data);
const [OUT = 0, BOTH = 0] = last.dims;
const WIDE = pieces.reduce((sum, { dims }) => sum + (dims[1] as number), 0);
const DETAIL = BOTH - WIDE;

/** `last`'s tap [t0, t1, t2] from channel m to o. */
const lastAt = (o: number, m: number, t: readonly number[]): number =>
  last.data[
    (((o * BOTH + m) * 3 + (t[0] as number)) * 3 + (t[1] as number)) * 3 + (t[2] as number)
  ] as number;
/** `spread`'s tap [s0, s1, s2] from channel c to m. */
function spreadAt(c: number, m: number, s: readonly number[]): number {
  const { dims, data } = pieces[Math.floor(m / 3)] as Weights;
  const each = dims[1] as number;
  return data[
    (((c * each + (m % 3)) * 3 + (s[0] as number)) * 3 + (s[1] as number)) * 3 + (s[2] as number)
  ] as number;
}

/**
 * Along one axis, for voxels at an even (0) or odd (1) place: which taps of `last` and `spread` meet at each tap of the whole. A full-sized place
 * 2j is spread's tap 1 of j; 2j + 1 is its tap 2 of j and 0 of j + 1.
 */
const MEET: readonly (readonly (readonly (readonly [last: number, spread: number])[])[])[] = [
  [
    [[0, 2]],
    [
      [0, 0],
      [1, 1],
      [2, 2],
    ],
    [[2, 0]],
  ],
  [
    [
      [0, 1],
      [1, 2],
    ],
    [
      [1, 0],
      [2, 1],
    ],
  ],
];

const TRUNK = '/net/Elu_7_output_0';
const SEEN = '/net/Elu_8_output_0';

const end = old.findIndex(({ output }) => output.includes(TRUNK));
add(
  ...old.filter(
    ({ output }, i) => i <= end || output.some((o) => o === SEEN || o === '/net/detail/Conv_output_0'),
  ),
);

function voxel(phase: Phase): string {
  const name = `voxel ${phase.join('')}`;
  const taps = phase.map((p) => MEET[p] as (typeof MEET)[number]) as [
    (typeof MEET)[number],
    (typeof MEET)[number],
    (typeof MEET)[number],
  ];
  const kernel = taps.map(({ length }) => length);
  const values: number[] = [];
  for (let o = 0; o < OUT; o++)
    for (let c = 0; c < (pieces[0]?.dims[0] as number); c++)
      for (const a of taps[0])
        for (const b of taps[1])
          for (const d of taps[2]) {
            let sum = 0;
            for (const [t0, s0] of a)
              for (const [t1, s1] of b)
                for (const [t2, s2] of d)
                  for (let m = 0; m < WIDE; m++)
                    sum += lastAt(o, m, [t0, t1, t2]) * spreadAt(c, m, [s0, s1, s2]);
            values.push(sum);
          }
  const coarse = node(
    'Conv',
    [TRUNK, floats(`${name} weight`, [OUT, pieces[0]?.dims[0] as number, ...kernel], values), 'cell bias'],
    `${name} coarse`,
    // Of two taps the second lies behind.
    { kernel_shape: kernel, pads: [...phase.map((p) => 1 - p), 1, 1, 1] },
  );
  const fine = node('Conv', [SEEN, 'fine weight'], `${name} fine`, {
    kernel_shape: [3, 3, 3],
    strides: [2, 2, 2],
    pads: [...phase.map((p) => 1 - p), ...phase],
  });
  const sum = node('Elu', [node('Add', [coarse, fine], `${name} both`)], `${name} sum`);
  const others = node('Conv', [sum, 'others.weight', 'others.bias'], `${name} others`);
  return node(
    'Concat',
    [
      node('ReduceLogSumExp', [others], `${name} none`, { axes: [1], keepdims: 1 }),
      node('Conv', [sum, 'named.weight', 'named.bias'], `${name} named`),
    ],
    name,
    { axis: 1 },
  );
}

// Every tap of `last` lies inside, but for the outermost voxels.
floats(
  'cell bias',
  [OUT],
  lastBias.map((bias, o) => {
    let sum = bias;
    for (let m = 0; m < WIDE; m++)
      for (let t = 0; t < 27; t++)
        sum += lastAt(o, m, [Math.floor(t / 9), Math.floor(t / 3) % 3, t % 3]) * (spreadBias[m] as number);
    return sum;
  }),
);
floats(
  'fine weight',
  [OUT, DETAIL, 3, 3, 3],
  Array.from({ length: OUT * DETAIL * 27 }, (_, i) => {
    const o = Math.floor(i / (DETAIL * 27));
    return last.data[o * BOTH * 27 + WIDE * 27 + (i % (DETAIL * 27))] as number;
  }),
);
const CLASSES = (weights('named.weight').dims[0] as number) + 1;
const voxels = PHASES.map(voxel);
// [voxel of the cell, class, cell] to [class, place]: along each axis the cell, then the voxel in it.
const size = node(
  'Slice',
  [node('Shape', ['input'], 'shape'), whole('two', [2]), whole('five', [5])],
  'size',
);
const cells = node('Div', [size, 'two'], 'cells');
const apart = node('Concat', [whole('voxels and classes', [2, 2, 2, CLASSES]), cells], 'apart', { axis: 0 });
const placed = node(
  'Transpose',
  [node('Reshape', [node('Concat', voxels, 'all voxels', { axis: 0 }), apart], 'each axis')],
  'in place',
  { perm: [3, 4, 0, 5, 1, 6, 2] },
);
const together = node('Concat', [whole('one and classes', [1, CLASSES]), size], 'together', { axis: 0 });
node('Reshape', [placed, together], 'logits');
save();
