import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Anatomy, ClassificationFinding } from '../../server/contracts.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { contextMeasures, contextOf, contextSentence } from '../../server/explain/anatomy.ts';
import { explain } from '../../server/explain/explain.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { infer } from '../../server/infer/infer.ts';
import { loadModel } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import { modelOf } from './models.ts';

const folder = mkdtempSync(join(tmpdir(), 'pellucid-anatomy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const anatomy = (structures: Readonly<Record<string, readonly number[]>>): Anatomy => ({
  rows: 2,
  columns: 4,
  source: 'made by hand',
  structures: Object.entries(structures).map(([name, mask]) => ({ name, mask: Uint8Array.from(mask) })),
});
/** Cells 3 and 1 of 2, on two by two of eight places; what speaks against the finding is no evidence. */
const MAP = { rows: 1, columns: 2, data: Float32Array.of(3, 1) };

test('the share of the evidence in each structure, the greatest first, by hand: 12 of 16 weights lie left', () => {
  const context = contextOf(
    MAP,
    anatomy({
      Right: [0, 0, 0, 1, 0, 0, 0, 1],
      Left: [1, 1, 0, 0, 1, 1, 0, 0],
      Nowhere: [0, 0, 0, 0, 0, 0, 0, 0],
    }),
  );
  expect(context?.structures).toEqual([
    { name: 'Left', share: 0.75, fills: 0.5 },
    { name: 'Right', share: 0.125, fills: 0.25 },
  ]);
  expect(context && contextSentence(context)).toBe(
    '75 % of the evidence lies in “Left”, which fills 50 % of the picture; 13 % in “Right”, which fills 25 % of the picture.',
  );
  expect(contextMeasures(context)).toMatchObject([
    { name: 'Evidence in Left', value: 0.75 },
    { name: 'Evidence in Right', value: 0.125 },
  ]);
});

test('no anatomy, or no evidence: nothing is said; no structure found: that is said', () => {
  const left = anatomy({ Left: [1, 1, 0, 0, 1, 1, 0, 0] });
  expect(contextOf(MAP, undefined)).toBeUndefined();
  expect(contextOf({ ...MAP, data: Float32Array.of(-3, 0) }, left)).toBeUndefined();
  const none = contextOf(MAP, anatomy({ Left: [0, 0, 0, 0, 0, 0, 0, 0] }));
  expect(none && contextSentence(none)).toMatch(/^None of the structures/);
  expect(contextMeasures(none)).toEqual([]);
});

/** Two channels of a picture: 0.5 − v and v − 0.5, so that dark and bright are told apart at one half. */
const DARK_AND_BRIGHT = modelOf({
  node: [makeNode('Conv', ['x', 'w', 'b'], { output: ['masks'] })],
  initializer: [
    makeTensor('w', DataType.FLOAT, { dims: [2, 1, 1, 1], values: [-1, 1] }),
    makeTensor('b', DataType.FLOAT, { dims: [2], values: [0.5, -0.5] }),
  ],
  input: [valueInfo('x', DataType.FLOAT, [1, 1, 32, 32])],
  output: [valueInfo('masks', DataType.FLOAT, [1, 2, 32, 32])],
});

/** The kit's chest model with that network beside it. */
function packageWith(changes: Readonly<Record<string, unknown>> = {}): string {
  const made = mkdtempSync(join(folder, 'package-'));
  const spec = parse(readFileSync('test/fixtures/models/chest-kit/model.yaml', 'utf8'));
  writeFileSync(join(made, 'structures.onnx'), DARK_AND_BRIGHT);
  spec.explanation.anatomy = {
    onnx: { file: 'structures.onnx', sha256: sha256(DARK_AND_BRIGHT) },
    input: { tensor: 'x', rows: 32, columns: 32, window: 'exact' },
    output: 'masks',
    among: 'softmax',
    structures: [
      { channel: 0, name: 'Dark half' },
      { channel: 1, name: 'Bright half' },
    ],
    source: 'a threshold at one half',
    ...changes,
  };
  writeFileSync(join(made, 'model.yaml'), stringify(spec));
  return made;
}

describeWithKit('a package with a network for structures, on a radiograph of the kit', () => {
  const SEARCH = [kitPath('B_chest_xray', 'models')];
  const radiograph = () =>
    assembleVolume([
      readPart10(kitBytes('B_chest_xray', 'dicom', 'kermany_test_PNEUMONIA_person63_virus_121.dcm')),
    ]);

  test('the result says where the evidence lies, and the shares of what fills the picture add up to one', async () => {
    const model = await loadModel(packageWith(), SEARCH);
    const volume = await radiograph();
    const prediction = await infer(model, volume, { threads: 1 });
    expect((prediction.findings[0] as ClassificationFinding).positive).toBe(true);
    const engine = { runtime: onnxRuntime(), cacheFolder: join(folder, 'gradients') };
    const { findings } = await explain(model, { volume, prediction }, engine);
    expect(findings[0]?.elements.visualRecognizability).toMatchObject({
      sentence: expect.stringMatching(
        /^\d+ % of the evidence lies in “(Dark|Bright) half”, which fills \d+ % of/,
      ),
      method: expect.stringMatching(/^structures by a threshold at one half; /),
    });
    const shares = findings[0]?.measures.filter(({ name }) => name.startsWith('Evidence in ')) ?? [];
    expect(shares).toHaveLength(2);
    expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 6);
  }, 60_000);

  test('by sigmoid each channel is for itself: above one half', async () => {
    const only = { among: 'sigmoid', structures: [{ channel: 1, name: 'Bright half' }] };
    const model = await loadModel(packageWith(only), SEARCH);
    const { anatomy: found } = await infer(model, await radiograph(), { threads: 1 });
    const share = found?.structures[0]?.mask.reduce((sum, v) => sum + v, 0) ?? 0;
    expect(share / 1024).toBeGreaterThan(0.2);
    expect(share / 1024).toBeLessThan(0.8);
  });

  test('a channel that is not there is said at the first run', async () => {
    const wrong = { structures: [{ channel: 2, name: 'Third' }] };
    const model = await loadModel(packageWith(wrong), SEARCH);
    await expect(infer(model, await radiograph(), { threads: 1 })).rejects.toMatchObject({
      code: 'MODEL_INPUT_MISMATCH',
      detail: expect.stringContaining('channel 2'),
    });
  });

  test('another network than the one that is named refuses the package', async () => {
    const other = { onnx: { file: 'structures.onnx', sha256: '0'.repeat(64) } };
    await expect(loadModel(packageWith(other), SEARCH)).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_INVALID',
      detail: expect.stringContaining('explanation.anatomy'),
    });
  });
});
