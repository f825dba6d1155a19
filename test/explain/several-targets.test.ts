import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassificationFinding, Prediction, Volume } from '../../server/contracts.ts';
import { explain } from '../../server/explain/explain.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import type { Explanation } from '../../server/explanation.ts';
import type { Model } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { modelOf, needing } from './models.ts';

/** One model with several targets: each is explained by itself. All by hand. */

const folder = mkdtempSync(join(tmpdir(), 'pellucid-targets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isLeft = (i: number): boolean => i % 4 < 2;
/** 4 × 4: 1 on the left, 0.5 on the right. */
const IMAGE = Float32Array.from({ length: 16 }, (_, i) => (isLeft(i) ? 1 : 0.5));
const volume = { shape: [1, 8, 8], PixelSpacing: null, unit: null, header: {} } as unknown as Volume;
/** Logits: half the sum of the left half − 2, a quarter of that of the right − 3, and 0. */
const WEIGHTS = Array.from({ length: 16 }, (_, i) => (isLeft(i) ? [0.5, 0, 0] : [0, 0.25, 0])).flat();
const LOGITS = [2, -2, 0];

async function explained(last: 'Sigmoid' | 'Softmax'): Promise<{
  readonly explanation: Explanation;
  readonly findings: readonly ClassificationFinding[];
}> {
  const onnxPath = join(folder, `${last}.onnx`);
  writeFileSync(
    onnxPath,
    modelOf({
      node: [
        makeNode('Flatten', ['x'], { output: ['f'] }),
        makeNode('MatMul', ['f', 'w'], { output: ['m'] }),
        makeNode('Add', ['m', 'b'], { output: ['logits'] }),
        makeNode(last, ['logits'], { output: ['prob'] }),
      ],
      initializer: [
        makeTensor('w', DataType.FLOAT, { dims: [16, 3], values: WEIGHTS }),
        makeTensor('b', DataType.FLOAT, { dims: [3], values: [-2, -3, 0] }),
      ],
      input: [valueInfo('x', DataType.FLOAT, [1, 1, 4, 4])],
      output: [valueInfo('prob', DataType.FLOAT, [1, 3])],
    }),
  );
  const odds = LOGITS.map(Math.exp);
  const all = odds.reduce((a, b) => a + b, 0);
  const findings = ['Effusion', 'Nodule', 'Mass'].map((label, i): ClassificationFinding => {
    const score = last === 'Sigmoid' ? 1 / (1 + 1 / (odds[i] as number)) : (odds[i] as number) / all;
    const target = { threshold: 0.45, positive: score >= 0.45 };
    return { kind: 'classification', label: { label } as never, score, calibrated: false, ...target };
  });
  const model = {
    onnxPath,
    identity: {},
    spec: {
      kind: 'classification',
      interpretability: needing(),
      onnx: { sha256: last },
      input: { layout: 'NCHW', mean: [0], std: [1] },
      output: {
        scores: 'prob',
        logits: 'logits',
        targets: findings.map(({ label, threshold }, place) => ({
          place,
          threshold,
          calibrated: false,
          label,
        })),
      },
      explanation: { method: 'inputXGradient', layer: 'auto', baseline: 'mirror' },
    },
  } as unknown as Model;
  const input = { dims: [1, 1, 4, 4], data: IMAGE };
  const prediction = { findings, input, taps: {} } as unknown as Prediction;
  const engine = { runtime: onnxRuntime(), cacheFolder: join(folder, 'gradients') };
  return { findings, explanation: await explain(model, { volume, prediction }, engine) };
}

test('of three labels by sigmoid each has its own sentence, map and regions', async () => {
  const { explanation } = await explained('Sigmoid');
  expect(explanation.findings.map(({ finding, sentence }) => [finding, sentence])).toEqual([
    [0, 'The model sees signs of effusion, mainly in the left middle part of the image.'],
    [1, 'The model sees no sign of nodule. It does not rule it out.'],
    // sigmoid(0) = 0.5, but no pixel speaks for it: no place is named.
    [2, 'The model sees signs of mass.'],
  ]);
  expect(explanation.maps.map(({ finding, name }) => [finding, name])).toEqual([
    [0, 'Evidence for effusion'],
    [1, 'Evidence for nodule'],
    [2, 'Evidence for mass'],
  ]);
  // Input × gradient: 0.5 on the left for the first, 0.125 on the right for the second, nothing for the third.
  const cell = (map: number, at: number) => explanation.maps[map]?.data[at];
  expect([0, 1, 2].map((map) => [cell(map, 0), cell(map, 3)])).toEqual([
    [0.5, 0],
    [0, 0.125],
    [0, 0],
  ]);
  expect(explanation.findings[2]?.elements.localization).toEqual({
    state: 'absent',
    reason: 'no cell of the map speaks for the finding',
  });
  // Checks of a score name their finding.
  expect(explanation.checks.filter(({ name }) => name === 'stability').map(({ finding }) => finding)).toEqual(
    [0, 1, 2],
  );
});

test.each(['Sigmoid', 'Softmax'] as const)(
  'before a %s the shares of the regions, of the rest and what is hidden add up to the logit of each within 1e-4',
  async (last) => {
    const { explanation } = await explained(last);
    for (const place of [0, 1]) {
      const shares = (explanation.findings[place]?.measures ?? []).filter(
        ({ name }) => name.startsWith('Shapley value') || name === 'Logit with everything hidden',
      );
      expect(shares.length).toBeGreaterThanOrEqual(3);
      const sum = shares.reduce((total, { value }) => total + value, 0);
      expect(Math.abs(sum - (LOGITS[place] as number))).toBeLessThan(1e-4);
    }
    // Mirrored, the left half is 0.5: it carries 8 · 0.5 · 0.5 of the first logit.
    const first = explanation.findings[0]?.measures.find(({ name }) => name === 'Shapley value of region A');
    expect(first?.value).toBeCloseTo(2, 5);
  },
);

test('what hiding a region does to a softmax is said of the score, which the other classes share', async () => {
  const { explanation, findings } = await explained('Softmax');
  // 0.867 becomes e⁰ / (e⁰ + e⁻² + e⁰), for the right half, mirrored with it or not, is not hidden.
  expect(findings[0]?.score.toFixed(2)).toBe('0.87');
  expect(explanation.findings[0]?.elements.physicalAttribution).toMatchObject({
    sentence:
      'With A replaced by its other side, the score is 0.47 instead of 0.87. Its size in mm is unknown.',
  });
});
