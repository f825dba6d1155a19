import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { explainCommand } from '../../server/cli/explain.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { readNpy, writeNpy } from '../../server/shared/npy.ts';
import { modelOf } from '../explain/models.ts';
import { radiograph } from '../helpers/radiograph.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const array = (name: string, dims: readonly number[], values: ArrayLike<number>): string => {
  writeFileSync(at(name), writeNpy({ dims, data: Float32Array.from(values) }));
  return at(name);
};

/** Runs the command and gives what it prints and what it wrote. */
async function explain(input: string, model: string, ...more: string[]) {
  let printed = '';
  const out = more.includes('--out') ? (more[more.indexOf('--out') + 1] as string) : at('map.npy');
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  const quiet = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await explainCommand([input, '--model', resolve(folder, model), '--threads', '1', '--out', out, ...more]);
  } finally {
    write.mockRestore();
    quiet.mockRestore();
  }
  const map = out.endsWith('.npy') ? readNpy(readFileSync(out)) : undefined;
  return { facts: JSON.parse(printed), dims: map?.dims, data: [...(map?.data ?? [])] };
}

const near = (found: readonly number[], expected: readonly number[], digits = 5) => {
  expect(found).toHaveLength(expected.length);
  for (const [i, v] of expected.entries()) expect(found[i]).toBeCloseTo(v, digits);
};

const floats = (name: string, dims: readonly number[], values: readonly number[]) =>
  makeTensor(name, DataType.FLOAT, { dims, values });

/** Two classes: class 1 is −1 2 −1 along the last axis, class 0 is 0. All dims open unless said. */
const lines = (rank: number, dims?: readonly number[]) =>
  modelOf({
    node: [
      makeNode('Conv', ['x', 'w'], {
        output: ['y'],
        attributes: { pads: [...Array<number>(rank - 1).fill(0), 1, ...Array<number>(rank - 1).fill(0), 1] },
      }),
    ],
    initializer: [floats('w', [2, ...Array<number>(rank).fill(1), 3], [0, 0, 0, -1, 2, -1])],
    input: [valueInfo('x', DataType.FLOAT, dims)],
    output: [valueInfo('y', DataType.FLOAT)],
  });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-explain-'));
  /** y = 2 x₀ − x₁ + ½ x₂ */
  const linear = modelOf({
    node: [makeNode('Conv', ['x', 'w'], { output: ['y'] })],
    initializer: [floats('w', [1, 1, 1, 3], [2, -1, 0.5])],
    input: [valueInfo('x', DataType.FLOAT, [1, 1, 1, 3])],
    output: [valueInfo('y', DataType.FLOAT, [1, 1, 1, 1])],
  });
  writeFileSync(at('linear.onnx'), linear);
  writeFileSync(at('rows.onnx'), lines(2));
  writeFileSync(at('volume.onnx'), lines(3));
  writeFileSync(at('sized.onnx'), lines(3, [1, 1, 3, 2, 4]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const row = () => array('row.npy', [1, 1, 1, 5], [0, 2, 0, 2, 0]);
const three = () => array('three.npy', [1, 1, 1, 3], [0, 1, 0.5]);
const cine = () => array('cine.npy', [2, 1, 1, 3], [1, 0, 0, 0, 4, 0]);

test('a segmentation is explained by the sum over its own mask of the class (by hand)', async () => {
  const { facts, dims, data } = await explain(
    row(),
    'rows.onnx',
    '--method',
    'inputXGradient',
    '--target',
    '1',
  );
  expect(facts).toMatchObject({
    of: 'y',
    target: 1,
    mask: 'of the model',
    places: 2,
    score: 8,
    fallback: null,
  });
  expect(dims).toEqual([1, 1, 5]);
  near(data, [0, 4, 0, 4, 0]);
});

test('or over a region that is given (by hand)', async () => {
  const region = array('region.npy', [1, 5], [0, 0, 1, 0, 0]);
  const { facts, data } = await explain(
    row(),
    'rows.onnx',
    '--method',
    'saliency',
    '--target',
    '1',
    '--region',
    region,
  );
  expect(facts).toMatchObject({ mask: 'region', places: 1, score: -4 });
  near(data, [0, 1, 2, 1, 0]);
});

test.each([
  // Class 1 is −2 4 −4 4 −2 against 0.
  ['entropy', [0.365334, 0.0900948, 0.0900948, 0.0900948, 0.365334]],
  ['margin', [-2, 4, -4, 4, -2].map((v) => Math.tanh(Math.abs(v) / 2))],
])('%s of a segmentation (by hand)', async (method, expected) => {
  const { facts, dims, data } = await explain(row(), 'rows.onnx', '--method', method);
  expect(facts).toMatchObject({ method, of: 'y', output: 'logits', classes: 2 });
  expect(dims).toEqual([1, 5]);
  near(data, expected);
});

test('disagreement says which structures changed, and by how much', async () => {
  const { facts, data } = await explain(row(), 'rows.onnx', '--method', 'disagreement', '--augment', 'flip');
  expect(facts.structures).toEqual([
    { label: 0, places: 3, fewest: 3, most: 3 },
    { label: 1, places: 2, fewest: 2, most: 2 },
  ]);
  near(data, [0, 0, 0, 0, 0]);
});

test('integrated gradients say what they leave unexplained: of a linear score, nothing', async () => {
  const { facts, data } = await explain(
    three(),
    'linear.onnx',
    '--method',
    'integratedGradients',
    '--baseline',
    '0',
  );
  near(data, [0, -1, 0.25]);
  expect(facts.completenessGap).toBeLessThan(1e-6);
});

test('a counterfactual reaches the goal inside the tissue, and says what it is', async () => {
  const { facts, data } = await explain(
    three(),
    'linear.onnx',
    '--method',
    'counterfactual',
    '--goal=-0.755',
  );
  expect(facts).toMatchObject({ method: 'counterfactual', goal: -0.755, reached: true, score: -0.75 });
  expect(facts.meaning).toContain('model sensitivity');
  // Otsu takes the two bright places; the first, dark one stays.
  expect(data[0]).toBe(0);
  expect(facts.scoreThen).toBeLessThanOrEqual(-0.755);
});

test('measures of faithfulness: of a linear score the gradient is exact (by hand)', async () => {
  const weights = [4, 3, 2, 1];
  writeFileSync(
    at('weighted.onnx'),
    modelOf({
      node: [
        makeNode('Flatten', ['x'], { output: ['f'] }),
        makeNode('MatMul', ['f', 'w'], { output: ['y'] }),
      ],
      initializer: [floats('w', [4, 1], weights)],
      input: [valueInfo('x', DataType.FLOAT, [1, 1, 2, 2])],
      output: [valueInfo('y', DataType.FLOAT, [1, 1])],
    }),
  );
  const x = array('ones.npy', [1, 1, 2, 2], [1, 1, 1, 0]);
  const truth = array('truth.npy', [2, 2], [1, 1, 0, 0]);
  const asked = ['--method', 'saliency', '--baseline', '0', '--measure', '--truth', truth];
  const { measures } = (await explain(x, 'weighted.onnx', ...asked)).facts;
  expect(measures.maxSensitivity).toBe(0);
  expect(measures.infidelity).toBeCloseTo(0, 9);
  // (4 + 3) of 10; Gini of 1 2 3 4.
  expect(measures.relevanceMass).toBeCloseTo(0.7, 6);
  expect(measures.sparseness).toBeCloseTo(0.25, 6);
  expect(measures.pointingGame).toBe(true);
  expect(measures.deletion).toBeLessThan(measures.insertion);
  const times = (
    await explain(x, 'weighted.onnx', '--method', 'inputXGradient', '--baseline', '0', '--measure')
  ).facts;
  expect(times.measures.faithfulnessCorrelation).toBeCloseTo(1, 6);
  expect(times.measures).not.toHaveProperty('infidelity');
  expect(times.measures).not.toHaveProperty('relevanceMass');
});

test('maps on several baselines are compared (by hand)', async () => {
  const { facts, data } = await explain(
    three(),
    'linear.onnx',
    '--method',
    'occlusion',
    '--baseline',
    '0,mirror,tissueMean',
  );
  // Against 0: 0, −1, ¼. Against the mirror ½ 1 0: −1, 0, ¼. Against ¾: −1.5, −¼, −⅛.
  near(data, [0, -1, 0.25]);
  expect(facts.baseline).toBe('0');
  near(
    facts.agreement.map((p: { agreement: number }) => p.agreement),
    [0.5, 0.5, 1],
  );
});

test('a volume in tiles gives the map of the whole, and says how it was cut', async () => {
  const values = Array.from({ length: 60 }, (_, i) => Math.sin(i * 1.3));
  const input = array('volume.npy', [1, 1, 1, 3, 20], values);
  const whole = await explain(
    input,
    'volume.onnx',
    '--size',
    '1x3x20',
    '--method',
    'inputXGradient',
    '--target',
    '1',
  );
  const tiled = await explain(
    input,
    'volume.onnx',
    '--size',
    '1x3x20',
    '--method',
    'inputXGradient',
    '--target',
    '1',
    '--tile',
    '8',
  );
  expect(tiled.facts).toMatchObject({
    tile: '1x3x8',
    tiles: 3,
    before: '0x0x1',
    after: '0x0x1',
    mask: 'of the model',
  });
  expect(tiled.facts.places).toBe(whole.facts.places);
  expect(tiled.facts.score).toBeCloseTo(whole.facts.score, 4);
  near(tiled.data, whole.data);
  // What fits in memory is one box: x, and one class with its seed, 12 bytes a place at most.
  const auto = await explain(
    input,
    'volume.onnx',
    '--method',
    'inputXGradient',
    '--target',
    '1',
    '--tile',
    'auto',
  );
  expect(auto.facts).toMatchObject({ tiles: 1, tile: '1x3x20', tileMb: 1 });
  near(auto.data, whole.data);
});

test.each([
  // Scores 2 and −4; each map is x ⊙ w.
  ['each', 'inputXGradient', [1, 2, 1, 3], [2, 0, 0, 0, -4, 0]],
  // Mean −1: without frame 0 it is −2, without frame 1 it is 1.
  ['time', 'occlusion', [2, 1, 3], [1, 1, 1, -2, -2, -2]],
])('a cine, --frames %s (by hand)', async (frames, method, dims, expected) => {
  const found = await explain(
    cine(),
    'linear.onnx',
    '--method',
    method,
    '--frames',
    frames,
    '--baseline',
    '0',
  );
  expect(found.facts.scores).toEqual([2, -4]);
  expect(found.dims).toEqual(dims);
  near(found.data, expected);
});

test('slices of a folder become a volume, and its map lies in the patient', async () => {
  const slices = at('slices');
  mkdirSync(slices);
  for (const z of [0, 1, 2]) {
    writeFileSync(
      join(slices, `${z}.dcm`),
      writePart10({
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
        SOPInstanceUID: `1.2.3.${z}`,
        StudyInstanceUID: '1.2.3',
        SeriesInstanceUID: '1.2.3.0',
        FrameOfReferenceUID: '1.2.3.9',
        PatientID: 'TEST-1',
        Modality: 'MR',
        Rows: 2,
        Columns: 4,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 0,
        PixelSpacing: [2, 3],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        ImagePositionPatient: [10, 20, 30 + 4 * z],
        PixelData: Uint16Array.from({ length: 8 }, (_, i) => (i === 1 ? 100 : z)),
      }),
    );
  }
  const out = at('map.nii.gz');
  await explain(slices, 'sized.onnx', '--method', 'saliency', '--target', '1', '--out', out);
  const file = gunzipSync(readFileSync(out));
  expect([42, 44, 46].map((p) => file.readInt16LE(p))).toEqual([4, 2, 3]);
  // LPS 10 20 30 is RAS −10 −20 30; columns 3 mm, rows 2 mm, slices 4 mm.
  near(
    [...Array(12).keys()].map((i) => file.readFloatLE(280 + 4 * i)),
    [-3, 0, 0, -10, 0, -2, 0, -20, 0, 0, 4, 30],
  );
  // The bright column makes class 1 at itself: −1 2 −1 around it, on each row where it is.
  near(
    [0, 1, 2, 3].map((i) => file.readFloatLE(352 + 4 * i)),
    [1, 2, 1, 0],
  );
});

test.each<[string, () => string, string, string[], string]>([
  [
    'a class that is not there',
    row,
    'rows.onnx',
    ['--target', '2'],
    'there is no class 2; the output has classes 0 to 1',
  ],
  [
    'a region without space',
    three,
    'linear.onnx',
    ['--region', 'REGION'],
    'no space that a region could lie in',
  ],
  [
    'a region of another size',
    row,
    'rows.onnx',
    ['--region', 'REGION'],
    'the region is 1 × 3, the input 1 × 5',
  ],
  ['a counterfactual without a goal', three, 'linear.onnx', ['--method', 'counterfactual'], 'say --goal'],
  ['a truth without measures', three, 'linear.onnx', ['--truth', 'mask.npy'], 'say --measure'],
  [
    'measures of a counterfactual',
    three,
    'linear.onnx',
    ['--method', 'counterfactual', '--measure'],
    'by attribution',
  ],
  [
    'baselines of a method without',
    three,
    'linear.onnx',
    ['--baseline', 'blur,0'],
    'gradCam reads no baseline',
  ],
  [
    'a baseline that is none',
    three,
    'linear.onnx',
    ['--method', 'occlusion', '--baseline', 'x'],
    'baseline x is no number and none of blur',
  ],
  ['frames without saying how', cine, 'linear.onnx', ['--method', 'saliency'], 'say --frames each'],
  [
    'another method over time',
    cine,
    'linear.onnx',
    ['--frames', 'time'],
    'say --method occlusion, not gradCam',
  ],
  [
    'a cine in tiles',
    cine,
    'linear.onnx',
    ['--method', 'saliency', '--tile', 'auto'],
    'a cine is not explained in tiles',
  ],
  ['frames otherwise', cine, 'linear.onnx', ['--frames', 'both'], '--frames is each or time, not both'],
  [
    'perturbation in tiles',
    row,
    'rows.onnx',
    ['--tile', '4', '--method', 'rise'],
    'in tiles there are saliency',
  ],
  ['a tile that is no number', row, 'rows.onnx', ['--tile', 'x'], 'tile x is no whole number from 1'],
  [
    'an augmentation that is none',
    row,
    'rows.onnx',
    ['--augment', 'spin'],
    'no augmentation spin; there are flip, shift, noise',
  ],
  [
    'a map of a model without space',
    three,
    'linear.onnx',
    ['--method', 'entropy'],
    'has no place for each pixel',
  ],
  ['an output that is none', row, 'rows.onnx', ['--output', 'z'], 'the model has no output z; it has y'],
  [
    'an array of another size',
    three,
    'sized.onnx',
    ['--method', 'saliency'],
    'the array is 1 × 1 × 1 × 3, the model reads 1 × 1 × 3 × 2 × 4',
  ],
])('%s is refused', async (_, input, model, more, words) => {
  const region = array('small.npy', [1, 3], [1, 1, 1]);
  const options = more.map((word) => (word === 'REGION' ? region : word));
  await expect(explain(input(), model, ...options)).rejects.toMatchObject({
    detail: expect.stringContaining(words),
  });
});

test.each<[string, string, string[], object]>([
  ['chest-xr-pneumonia', 'its own method', [], { method: 'exactCam', asked: 'exactCam' }],
  ['chest-xr-pneumonia', 'another that is asked for', ['--method', 'hiResCam'], { asked: 'hiResCam' }],
  ['ct-body-basics', 'the margin of its labels', [], { method: 'margin', asked: 'margin' }],
])('a package is explained as in the server: %s by %s', async (id, _, more, facts) => {
  const image = at('chest.dcm');
  writeFileSync(image, radiograph({ study: '1.2.3' }));
  const input = id === 'ct-body-basics' ? array('ct.npy', [1, 1, 4, 4, 4], Array(64).fill(40)) : image;
  expect((await explain(input, resolve('models', id), ...more)).facts).toMatchObject(facts);
});
