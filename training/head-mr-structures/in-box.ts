import { PHASES, rewriting } from './rewrite.ts';

/**
 * `node training/head-mr-structures/in-box.ts HALF model.onnx`: what at-half.ts wrote, its last layers worked out only where a structure can be.
 *
 * The network itself is asked at every fourth voxel along each axis. The box around those where it names a structure, and two such steps more,
 * is then worked out in full; outside it there is no structure for certain. The box is cut along the first two axes of the head, left to right and top to
 * bottom, where most of what is no brain lies, and rows along the third stay whole. Where it names none at all, and for parts of a
 * head of at most 96 voxels along an axis, the box is everything: their shapes do not depend on the image, and gradients can be taken.
 */
const { old, weights, node, floats, whole, add, save } = rewriting();

const TRUNK = '/net/Elu_7_output_0';
const DETAIL = '/net/Elu_8_output_0';
/** In cells: two steps. */
const MARGIN = 4;
const WHOLE_UP_TO = 48;
/** Far below every place. */
const OUTSIDE = -(2 ** 31);
/** Of "none of these", where the others are 0: its share is 1 in double precision. */
const CERTAIN = 100;

const last = old.findIndex(({ name }) => name.startsWith('voxel'));
const tail = old.findIndex(({ name }) => name === 'shape');
add(...old.slice(0, last));

const [zero, one, two, three, four] = [0, 1, 2, 3, 4].map((n) => whole(`${n}`, n)) as Five;
const shape = node('Shape', ['input'], 'shape');
const lead = leadAtEveryFourth();
const [left, down] = [boxAlong(2, 'left'), boxAlong(3, 'down')];
const inBox = new Map([
  [TRUNK, cropped(TRUNK, 'cells')],
  [DETAIL, cropped(DETAIL, 'voxels')],
]);
for (const kept of old.slice(last, tail)) {
  kept.input = kept.input.map((name) => inBox.get(name) ?? name);
  add(kept);
}
inPlace();
save();

type Five = [string, string, string, string, string];

/** How far the best structure leads over none of them, at the first voxel of every second cell. */
function leadAtEveryFourth(): string {
  const name = 'every fourth';
  const coarse = node('Conv', [TRUNK, 'voxel 000 weight', 'cell bias'], `${name} coarse`, {
    kernel_shape: [3, 3, 3],
    strides: [2, 2, 2],
    pads: [1, 1, 1, 1, 1, 1],
  });
  const fine = node('Conv', [DETAIL, 'fine weight'], `${name} fine`, {
    kernel_shape: [3, 3, 3],
    strides: [4, 4, 4],
    pads: [1, 1, 1, 1, 1, 1],
  });
  const sum = node('Elu', [node('Add', [coarse, fine], `${name} both`)], `${name} sum`);
  const others = node('Conv', [sum, 'others.weight', 'others.bias'], `${name} others`);
  const named = node('Conv', [sum, 'named.weight', 'named.bias'], `${name} named`);
  return node(
    'Sub',
    [
      node('ReduceMax', [named], `${name} best`, { axes: [1], keepdims: 1 }),
      node('ReduceLogSumExp', [others], `${name} none`, { axes: [1], keepdims: 1 }),
    ],
    name,
  );
}

interface Along {
  /** The cells that are worked out: those of the box, and one on each side, whose neighbours are not there. */
  readonly cells: string;
  /** Their voxels. */
  readonly voxels: string;
  /** How many these are. */
  readonly count: string;
  /** For each voxel of the axis its place among theirs, or far below 0 outside the box. */
  readonly places: string;
}

function boxAlong(axis: 2 | 3, name: string): Along {
  const n = (op: string, inputs: readonly string[], what: string, attributes = {}): string =>
    node(op, inputs, `${name} ${what}`, attributes);
  const voxels = n('Gather', [shape, axis === 2 ? two : three], 'voxels');
  const cells = n('Div', [voxels, two], 'all cells');
  const beyond = n('Sub', [cells, one], 'beyond');
  // What is small is whole with a margin as large as itself.
  const small = n('LessOrEqual', [cells, whole(`${name} small`, WHOLE_UP_TO)], 'is small');
  const margin = n('Where', [small, cells, whole(`${name} steps`, MARGIN)], 'margin');
  const best = n('ReduceMax', [lead], 'best', {
    axes: [0, 1, 2, 3, 4].filter((a) => a !== axis),
    keepdims: 0,
  });
  const isNamed = n('Cast', [n('Greater', [best, floats(`${name} even`, [], [0])], 'named')], 'is named', {
    to: 6,
  });
  const step = (what: string, select_last_index: number): string =>
    n(
      'Mul',
      [n('ArgMax', [isNamed], what, { axis: 0, keepdims: 0, select_last_index }), two],
      `${what} cell`,
    );
  // Where none is named the first and the last of equals are found: everything.
  const first = n('Max', [zero, n('Sub', [step('first', 0), margin], 'before')], 'begin');
  const last = n('Min', [beyond, n('Add', [step('last', 1), margin], 'behind')], 'end');
  const from = n('Max', [zero, n('Sub', [first, one], 'one before')], 'from');
  const to = n('Min', [cells, n('Add', [last, two], 'one behind')], 'to');
  const places = n('Range', [zero, voxels, one], 'places');
  const cell = n('Div', [places, two], 'cell');
  const inside = n(
    'And',
    [n('GreaterOrEqual', [cell, first], 'not before'), n('LessOrEqual', [cell, last], 'not behind')],
    'inside',
  );
  const fromVoxel = n('Mul', [from, two], 'from voxel');
  const own = n('Sub', [places, fromVoxel], 'own places');
  return {
    cells: n('Range', [from, to, one], 'cells'),
    voxels: n('Range', [fromVoxel, n('Mul', [to, two], 'to voxel'), one], 'voxels in box'),
    count: n('Sub', [to, from], 'count'),
    places: n('Where', [inside, own, whole(`${name} outside`, OUTSIDE)], 'in box'),
  };
}

function cropped(name: string, by: 'cells' | 'voxels'): string {
  const rows = node('Gather', [name, down[by]], `${name} down`, { axis: 3 });
  return node('Gather', [rows, left[by]], `${name} in box`, { axis: 2 });
}

/** The voxels of the box in their rows, one more row of certain background, and from these the rows of the whole. */
function inPlace(): void {
  const classes = (weights('named.weight').dims[0] as number) + 1;
  const list = (values: readonly string[], name: string): string =>
    node(
      'Concat',
      values.map((v) => node('Reshape', [v, 'a list'], `${name}: ${v}`)),
      name,
      { axis: 0 },
    );
  whole('a list', [1]);
  const long = node('Gather', [shape, four], 'long');
  const cells = [left.count, down.count, node('Div', [long, two], 'long cells')];
  const voxelsAndClasses = whole('voxels and classes', [2, 2, 2, classes]);
  const apart = node('Concat', [voxelsAndClasses, list(cells, 'cells in box')], 'apart', { axis: 0 });
  // [voxel of the cell, class, cell] to [class, place]: along each axis the cell, then the voxel in it.
  const voxels = node(
    'Concat',
    PHASES.map((phase) => `voxel ${phase.join('')}`),
    'all voxels',
    { axis: 0 },
  );
  const placed = node('Transpose', [node('Reshape', [voxels, apart], 'each axis')], 'in place', {
    perm: [3, 4, 0, 5, 1, 6, 2],
  });
  const rowsOf = node(
    'Concat',
    [whole('classes and rows', [1, classes, -1]), list([long], 'row')],
    'rows of',
    { axis: 0 },
  );
  const background = node(
    'Expand',
    [
      floats(
        'certain',
        [1, classes, 1, 1],
        Array.from({ length: classes }, (_, c) => (c === 0 ? CERTAIN : 0)),
      ),
      node('Concat', [whole('one row', [1, classes, 1]), 'row'], 'background row', { axis: 0 }),
    ],
    'background',
  );
  const rows = node(
    'Concat',
    [node('Reshape', [placed, rowsOf], 'rows'), background],
    'rows and background',
    { axis: 2 },
  );
  const wide = node('Mul', [down.count, two], 'rows along');
  const begins = node(
    'Unsqueeze',
    [node('Mul', [left.places, wide], 'begins'), whole('behind', [1])],
    'begins, upright',
  );
  const place = node('Add', [begins, down.places], 'row in box');
  const behind = node('Mul', [wide, node('Mul', [left.count, two], 'rows down')], 'row of background');
  const isOutside = node('Less', [place, zero], 'row is outside');
  const taken = node(
    'Reshape',
    [node('Where', [isOutside, behind, place], 'row taken'), 'all of them'],
    'rows taken',
  );
  whole('all of them', [-1]);
  const together = node(
    'Concat',
    [
      whole('one and classes', [1, classes]),
      node('Slice', [shape, whole('from 2', [2]), whole('to 5', [5])], 'size'),
    ],
    'together',
    { axis: 0 },
  );
  node('Reshape', [node('Gather', [rows, taken], 'rows of all', { axis: 2 }), together], 'logits');
}
