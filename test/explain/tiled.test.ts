import { labelsOf } from '../../server/explain/classes.ts';
import {
  DataType,
  makeNode,
  makeTensor,
  type NodeProto,
  type TensorProto,
  valueInfo,
} from '../../server/explain/graph/onnx.ts';
import { integratedGradients } from '../../server/explain/methods/gradients.ts';
import { openSubject } from '../../server/explain/onnx-subject.ts';
import { openTiled } from '../../server/explain/tiled.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { modelOf } from './models.ts';
import { wave } from './wave.ts';

const runtime = onnxRuntime();

const weights = (name: string, dims: readonly number[], phase: number): TensorProto =>
  makeTensor(name, DataType.FLOAT, {
    dims,
    values: [...(wave(dims, phase).data as Float32Array)].map((v) => v / 4),
  });

/** Layers from x to y by name; all spatial dims open. */
const openSized = (node: readonly NodeProto[], initializer: readonly TensorProto[]) =>
  modelOf({
    node,
    initializer,
    input: [valueInfo('x', DataType.FLOAT)],
    output: [valueInfo('y', DataType.FLOAT)],
  });

/** A dilated net as MeshNet: 3³ convolutions of dilation 1, 2, 1, then one filter a class. */
const mesh = openSized(
  [
    makeNode('Conv', ['x', 'w1'], { output: ['a'], attributes: { pads: Array(6).fill(1) } }),
    makeNode('Elu', ['a'], { output: ['b'] }),
    makeNode('Conv', ['b', 'w2', 'b2'], {
      output: ['c'],
      attributes: { pads: Array(6).fill(2), dilations: [2, 2, 2] },
    }),
    makeNode('Relu', ['c'], { output: ['d'] }),
    makeNode('Conv', ['d', 'w3', 'b3'], { output: ['y'] }),
  ],
  [
    weights('w1', [4, 1, 3, 3, 3], 1),
    weights('w2', [4, 4, 3, 3, 3], 2),
    weights('b2', [4], 3),
    weights('w3', [3, 4, 1, 1, 1], 4),
    weights('b3', [3], 5),
  ],
);

/** A U-Net of one level on an image: pooled, convolved, brought back up, joined with what it came from; ends in softmax. */
const unet = openSized(
  [
    makeNode('Conv', ['x', 'w1'], { output: ['a'], attributes: { pads: [1, 1, 1, 1] } }),
    makeNode('Softplus', ['a'], { output: ['b'] }),
    makeNode('AveragePool', ['b'], { output: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }),
    makeNode('Conv', ['p', 'w2'], { output: ['q'], attributes: { pads: [1, 1, 1, 1] } }),
    makeNode('Tanh', ['q'], { output: ['r'] }),
    makeNode('ConvTranspose', ['r', 'w3'], { output: ['u'], attributes: { strides: [2, 2] } }),
    makeNode('Concat', ['u', 'b'], { output: ['j'], attributes: { axis: 1 } }),
    makeNode('Conv', ['j', 'w4'], { output: ['l'] }),
    makeNode('Softmax', ['l'], { output: ['y'], attributes: { axis: 1 } }),
  ],
  [
    weights('w1', [3, 1, 3, 3], 1),
    weights('w2', [4, 3, 3, 3], 2),
    weights('w3', [4, 3, 2, 2], 3),
    weights('w4', [2, 6, 1, 1], 4),
  ],
);

/** A foreground alone. */
const lone = openSized(
  [makeNode('Conv', ['x', 'w'], { output: ['y'], attributes: { pads: [1, 1, 1, 1] } })],
  [weights('w', [1, 1, 3, 3], 2)],
);

const cases: readonly {
  name: string;
  model: Uint8Array;
  space: number[];
  edge: number;
  label: number;
  tiles: number;
}[] = [
  { name: 'a dilated 3-D net', model: mesh, space: [9, 12, 13], edge: 9, label: 2, tiles: 6 },
  { name: 'a U-Net', model: unet, space: [18, 22], edge: 12, label: 1, tiles: 12 },
  { name: 'a foreground alone', model: lone, space: [7, 9], edge: 5, label: 1, tiles: 6 },
];

test.each(cases)(
  '$name in tiles gives labels, score and gradient of the whole',
  async ({ model, space, edge, label, tiles }) => {
    const inputDims = [1, 1, ...space];
    const input = wave(inputDims, 0.3).data as Float32Array;
    const region = Uint8Array.from(input, (v, i) => (v > 0 && i % 3 ? 1 : 0));
    const session = await runtime.open(model);
    const whole = (await session.run({ x: { type: 'float32', dims: inputDims, data: input } }, ['y'])).y;
    await session.close();
    const channels = whole?.dims[1] as number;
    const channel = channels === 1 ? 0 : label;
    const target = [...region.keys()].filter((i) => region[i]).map((i) => channel * region.length + i);
    const untiled = await openSubject(model, { runtime, inputDims, target });
    const expected = await untiled.gradient(input);

    const seen: string[] = [];
    const tiled = await openTiled(model, {
      runtime,
      inputDims,
      edge,
      progress: (done, of) => seen.push(`${done}/${of}`),
    });
    expect(tiled.tiling.tiles).toHaveLength(tiles);
    expect([...(await tiled.labels(input))]).toEqual([
      ...labelsOf({ dims: [channels, ...space], data: whole?.data as Float32Array }),
    ]);
    const subject = tiled.subject({ label, region });
    const found = await subject.gradient(input);
    const norm = Math.hypot(...expected.gradient);
    expect(norm).toBeGreaterThan(0.1);
    expect(
      Math.hypot(...found.gradient.map((v, i) => v - (expected.gradient[i] as number))) / norm,
    ).toBeLessThan(1e-5);
    expect(found.score).toBeCloseTo(expected.score, 3);
    expect((await subject.score([input]))[0]).toBeCloseTo(expected.score, 3);
    expect(seen).toContain(`${tiles - 1}/${tiles}`);
    // Labels need no way back, so their boxes are larger, but not one.
    const boxes = Number(seen[0]?.split('/')[1]);
    expect(boxes > 1 && boxes <= tiles).toBe(true);
    await subject.close();
    await untiled.close();
  },
);

test('with half the halo the result is another: the halo is needed', async () => {
  const inputDims = [1, 1, 9, 12, 13];
  const input = wave(inputDims, 0.3).data as Float32Array;
  const region = new Uint8Array(input.length).fill(1);
  const gradientWith = async (more: { halo?: number; edge: number }) => {
    const subject = (await openTiled(mesh, { runtime, inputDims, ...more })).subject({ label: 2, region });
    const { gradient } = await subject.gradient(input);
    await subject.close();
    return gradient;
  };
  const whole = await gradientWith({ edge: 13 });
  const off = async (halo: number) => {
    const other = await gradientWith({ edge: 9, halo });
    return Math.hypot(...other.map((v, i) => v - (whole[i] as number))) / Math.hypot(...whole);
  };
  expect(await off(3)).toBeLessThan(1e-5);
  expect(await off(1)).toBeGreaterThan(1e-2);
});

test('methods that need no layer work on tiles: integrated gradients add up', async () => {
  const inputDims = [1, 1, 18, 22];
  const input = wave(inputDims, 0.3).data as Float32Array;
  const subject = (await openTiled(unet, { runtime, inputDims, edge: 14 })).subject({
    label: 1,
    region: new Uint8Array(input.length).fill(1),
  });
  const { completenessGap } = await integratedGradients(subject, input, {
    baseline: new Float32Array(input.length),
    nSteps: 8,
  });
  expect(completenessGap).toBeLessThan(1e-3);
  await subject.close();
});

test('only tiles that hold a part of the region are run', async () => {
  const inputDims = [1, 1, 9, 12, 13];
  const input = wave(inputDims, 0.3).data as Float32Array;
  const region = new Uint8Array(input.length);
  region[5] = 1;
  const seen: number[] = [];
  const tiled = await openTiled(mesh, { runtime, inputDims, edge: 9, progress: (_, of) => seen.push(of) });
  const subject = tiled.subject({ label: 0, region });
  await subject.gradient(input);
  expect(seen).toEqual([1]);
  await subject.close();
});

test('the boxes are as large as the memory allows, and never without a core', async () => {
  const open = (memory: number) => openTiled(mesh, { runtime, inputDims: [1, 1, 90, 90, 90], memory });
  // One value in, four layers of four channels, one class with its seed: 19 floats a place; 40³ of them, of which 0.8 is expected.
  const large = await open(0.8 * 19 * 4 * 40 ** 3 + 1);
  expect(large.tiling.tile).toEqual([40, 40, 40]);
  expect(large.expected).toBeCloseTo(0.8 * 19 * 4 * 40 ** 3);
  // It reads three places on each side.
  const least = await open(1);
  expect(least.tiling.tile).toEqual([14, 14, 14]);
  expect(least.expected).toBeCloseTo(0.8 * 19 * 4 * 14 ** 3);
  expect((await open(2 ** 40)).tiling.tiles).toHaveLength(1);
});

test('what goes wrong in the numbers is said, not added up', async () => {
  const inputDims = [1, 1, 9, 12, 13];
  const tiled = await openTiled(mesh, { runtime, inputDims, edge: 9 });
  const subject = tiled.subject({ label: 0, region: new Uint8Array(1404).fill(1) });
  await expect(subject.gradient(new Float32Array(1404).fill(Number.NaN))).rejects.toMatchObject({
    code: 'MODEL_RUN_FAILED',
    detail: 'the score is NaN: check weights and input',
  });
  await subject.close();
});

test.each([
  [{ label: 3, region: new Uint8Array(1404).fill(1) }, 'there is no class 3; the output has classes 0 to 2'],
  [{ label: 0, region: new Uint8Array(1404) }, 'the region is empty'],
  [{ label: 0, region: new Uint8Array(3).fill(1) }, 'not of the size of the input'],
])('refused: %#', async (target, words) => {
  const tiled = await openTiled(mesh, { runtime, inputDims: [1, 1, 9, 12, 13], edge: 9 });
  expect(() => tiled.subject(target)).toThrow(words);
});

test.each([
  [{ of: 'z' }, 'the model has no output z; it has y'],
  [{ edge: 6 }, 'tiles of 6 are too small: the model reads 3 places before and 3 after each; take over 7'],
])('%j is refused', async (more, words) => {
  await expect(
    openTiled(mesh, { runtime, inputDims: [1, 1, 9, 12, 13], edge: 9, ...more }),
  ).rejects.toMatchObject({
    detail: expect.stringContaining(words),
  });
});

test('a model of a fixed size has no tiles', async () => {
  const fixed = modelOf({
    node: [makeNode('Relu', ['x'], { output: ['y'] })],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 8, 8])],
    output: [valueInfo('y', DataType.FLOAT)],
  });
  await expect(openTiled(fixed, { runtime, inputDims: [1, 1, 20, 20], edge: 8 })).rejects.toMatchObject({
    code: 'MODEL_NOT_TILEABLE',
    detail: 'x has a fixed size; export the model with open sizes',
  });
});

test('a model that shrinks its image has no tiles', async () => {
  const valid = openSized([makeNode('Conv', ['x', 'w'], { output: ['y'] })], [weights('w', [1, 1, 3, 3], 2)]);
  await expect(openTiled(valid, { runtime, inputDims: [1, 1, 20, 20], edge: 8 })).rejects.toMatchObject({
    code: 'MODEL_NOT_TILEABLE',
    detail: 'y is 6 × 6 for an input of 8 × 8',
  });
});

describeWithKit('the kit’s brain models', () => {
  test.each([
    ['model5_gw_ae', 46],
    ['model11_gw_ae', 24],
    ['model18cls', 46],
    ['model21_104class', 45],
  ])('%s reads %i places around each, as its makers’ code was measured to', async (name, halo) => {
    const tiled = await openTiled(kitBytes('A_brain_mri', 'models', `${name}.onnx`), {
      runtime,
      inputDims: [1, 1, 4, 4, 4],
      edge: 4,
    });
    expect(tiled.field).toEqual({ before: [halo, halo, halo], after: [halo, halo, halo], stride: [1, 1, 1] });
  });

  test('mindgrab normalises over the whole volume, and is refused by name', async () => {
    const model = kitBytes('A_brain_mri', 'models', 'mindgrab.onnx');
    await expect(openTiled(model, { runtime, inputDims: [1, 1, 8, 8, 8], edge: 8 })).rejects.toMatchObject({
      code: 'MODEL_NOT_TILEABLE',
      detail: expect.stringContaining('InstanceNormalization'),
    });
  });

  test('model11 in tiles is model11 whole', async () => {
    const inputDims = [1, 1, 20, 20, 64];
    const input = (wave(inputDims, 0.3).data as Float32Array).map((v) => 0.5 + v / 4);
    const model = kitBytes('A_brain_mri', 'models', 'model11_gw_ae.onnx');
    const region = Uint8Array.from(input, (_, i) => (i % 7 === 0 ? 1 : 0));
    const gradientOf = async (edge: number) => {
      const tiled = await openTiled(model, { runtime, inputDims, edge });
      const subject = tiled.subject({ label: 1, region });
      const { gradient } = await subject.gradient(input);
      await subject.close();
      return { gradient, labels: await tiled.labels(input), tiles: tiled.tiling.tiles.length };
    };
    const [whole, parts] = [await gradientOf(64), await gradientOf(56)];
    expect([whole.tiles, parts.tiles]).toEqual([1, 2]);
    expect(parts.labels).toEqual(whole.labels);
    const off = Math.hypot(...parts.gradient.map((v, i) => v - (whole.gradient[i] as number)));
    expect(off / Math.hypot(...whole.gradient)).toBeLessThan(1e-5);
  });
});
