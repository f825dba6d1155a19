import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ablationCam } from '../../../server/explain/methods/ablation-cam.ts';
import {
  eigenCam,
  gradCam,
  gradCamPlusPlus,
  hiResCam,
  layerCam,
} from '../../../server/explain/methods/cam.ts';
import {
  inputXGradient,
  integratedGradients,
  saliency,
  smoothGrad,
} from '../../../server/explain/methods/gradients.ts';
import { occlusion } from '../../../server/explain/methods/occlusion.ts';
import { scoreCam } from '../../../server/explain/methods/score-cam.ts';
import { exactShapley } from '../../../server/explain/methods/shapley.ts';
import { kernelShap, lime } from '../../../server/explain/methods/surrogate.ts';
import { type OnnxSubject, openSubject } from '../../../server/explain/onnx-subject.ts';
import { gridRegions } from '../../../server/explain/regions.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { wave } from '../wave.ts';

/** Values by Captum and pytorch-grad-cam in float64: `test/oracle/attributions.py` made them and says how. */
const folder = 'test/oracle/attributions';
const numbers = z.array(z.number());
const oracle = z
  .object({
    nSteps: z.number(),
    noiseLevel: z.number(),
    kernelWidth: z.number(),
    models: z.array(
      z.object({
        name: z.string(),
        dims: numbers,
        target: z.number(),
        window: z.number(),
        region: z.number(),
        layer: z.string(),
        layerDims: numbers,
        score: z.number(),
        completenessGap: z.number(),
        maps: z.record(z.enum(['saliency', 'inputXGradient', 'integratedGradients', 'occlusion']), numbers),
        regions: z.record(z.enum(['exactShapley', 'kernelShap', 'lime']), numbers),
        smoothGrad: z.object({ samples: z.number(), deviation: z.number(), map: numbers }),
        cams: z.partialRecord(
          z.enum([
            'gradCam',
            'gradCamPlusPlus',
            'hiResCam',
            'layerCam',
            'eigenCam',
            'eigenCamOfPaper',
            'scoreCam',
            'ablationCam',
          ]),
          numbers,
        ),
        activation: numbers,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(`${folder}/attributions.json`, 'utf8')));

/** Of deterministic methods, as relative L2 between our float32 and their float64. */
const EXACT = 1e-4;

describe.each(oracle.models)('$name', (it) => {
  const input = wave(it.dims, 0.1).data as Float32Array;
  const baseline = (wave(it.dims, 2.5).data as Float32Array).map((v) => 0.2 * v);
  const zero = new Float32Array(input.length);
  const regions = gridRegions(it.dims.slice(2), it.region);
  let subject: OnnxSubject;
  beforeAll(async () => {
    subject = await openSubject(readFileSync(`${folder}/${it.name}.onnx`), {
      runtime: onnxRuntime(),
      inputDims: it.dims,
      target: it.target,
    });
  });
  afterAll(() => subject.close());

  test('the score, and the layer that auto finds, are those of PyTorch', async () => {
    const { score, activation } = await subject.tap(input);
    expect(score).toBeCloseTo(it.score, 5);
    expect(subject.layer).toBe(it.layer);
    expect(activation.dims).toEqual(it.layerDims);
    expect(error(activation.data, it.activation)).toBeLessThan(EXACT);
  });

  test.each([
    ['saliency', () => saliency(subject, input)],
    ['inputXGradient', () => inputXGradient(subject, input)],
    ['integratedGradients', () => integratedGradients(subject, input, { baseline, nSteps: oracle.nSteps })],
    ['occlusion', () => occlusion(subject, input, { baseline, windowSize: it.window })],
  ] as const)('%s is Captum’s', async (name, explain) => {
    const { data } = await explain();
    expect(error(data, it.maps[name])).toBeLessThan(EXACT);
  });

  test('the completeness gap of integrated gradients is Captum’s convergence delta', async () => {
    const { completenessGap } = await integratedGradients(subject, input, {
      baseline,
      nSteps: oracle.nSteps,
    });
    expect(Math.abs(completenessGap - it.completenessGap)).toBeLessThan(1e-4 * Math.abs(it.score));
  });

  // pytorch-grad-cam's maps before its ReLU: ours keep the positive part, and neither scale nor resize it.
  test.each([
    ['gradCam', gradCam],
    ['gradCamPlusPlus', gradCamPlusPlus],
    ['hiResCam', hiResCam],
    ['layerCam', layerCam],
  ] as const)('%s is pytorch-grad-cam’s', async (name, explain) => {
    const { data } = await explain(subject, input);
    expect(error(data, positive(it.cams[name]))).toBeLessThan(EXACT);
  });

  test('Eigen-CAM is the first component by NumPy’s SVD, uncentred as in the paper', async () => {
    const { data } = await eigenCam(subject, input);
    expect(error(data, positive(it.cams.eigenCamOfPaper))).toBeLessThan(EXACT);
  });

  test('Eigen-CAM of the centred activation is pytorch-grad-cam’s, which centres it and leaves the sign open', async () => {
    const { activation, gradient, score } = await subject.tap(input);
    const space = activation.data.length / (activation.dims[0] ?? 1);
    const means = Array.from(
      { length: activation.dims[0] ?? 1 },
      (_, k) => activation.data.subarray(k * space, (k + 1) * space).reduce((a, b) => a + b) / space,
    );
    const centred = activation.data.map((v, i) => v - (means[Math.floor(i / space)] as number));
    const { data } = await eigenCam(
      {
        ...subject,
        layer: subject.layer,
        tap: async () => ({ score, gradient, activation: { ...activation, data: centred } }),
      },
      input,
    );
    const theirs = it.cams.eigenCam as number[];
    const either = [positive(theirs), positive(theirs.map((v) => -v))].map((map) => error(data, map));
    expect(Math.min(...either)).toBeLessThan(EXACT);
  });

  test('exact Shapley values are Captum’s over all orders', async () => {
    const { shares } = await exactShapley(subject, input, { baseline, regions });
    expect(error(shares, it.regions.exactShapley)).toBeLessThan(EXACT);
  });

  // Both draw their own coalitions: Captum's 2000 lie up to 0.03 from the exact values.
  test.each([
    ['kernelShap', 0.05],
    ['lime', 0.06],
  ] as const)('%s is Captum’s within sampling error', async (name, tolerance) => {
    const { data } = await { kernelShap, lime }[name](subject, input, { baseline, regions, nSamples: 1000 });
    const shares = Array.from({ length: regions.count }, (_, r) => data[regions.label.indexOf(r)] as number);
    expect(error(shares, it.regions[name])).toBeLessThan(tolerance);
  });

  test('SmoothGrad is Captum’s NoiseTunnel within the standard error of both means', async () => {
    const nSamples = 150;
    const { samples, deviation, map } = it.smoothGrad;
    const { data } = await smoothGrad(subject, input, { nSamples, noiseLevel: oracle.noiseLevel });
    const standardError = deviation * Math.sqrt(1 / nSamples + 1 / samples);
    const far = (own: Float32Array) => norm(map.map((v, i) => v - (own[i] as number)));
    expect(far(data)).toBeLessThan(1.5 * standardError);
    expect(far((await subject.gradient(input)).gradient)).toBeGreaterThan(1.5 * standardError);
  });

  // The library has both for images only. Silent channels take a share of its softmax, and add nothing: maps of unit length.
  if (!it.cams.scoreCam) return;
  test('Score-CAM is pytorch-grad-cam’s, its masks enlarged by half-pixel centres', async () => {
    const { data } = await scoreCam(subject, input, { baseline: zero });
    expect(error(unit([...data]), unit(positive(it.cams.scoreCam)))).toBeLessThan(EXACT);
  });

  test('Ablation-CAM is pytorch-grad-cam’s times the score, by which it divides', async () => {
    const { data } = await ablationCam(subject, input);
    const theirs = (it.cams.ablationCam ?? []).map((v) => v * it.score);
    expect(error(data, positive(theirs))).toBeLessThan(EXACT);
  });
});

const norm = (v: readonly number[]): number => Math.hypot(...v);
const unit = (v: readonly number[]): readonly number[] => v.map((x) => x / norm(v));
const positive = (v: readonly number[] | undefined): readonly number[] =>
  (v ?? []).map((x) => Math.max(x, 0));

/** Relative L2; of maps of different length, or against one that is empty, infinity. */
function error(own: ArrayLike<number>, theirs: readonly number[]): number {
  if (own.length !== theirs.length || norm(theirs) === 0) return Number.POSITIVE_INFINITY;
  return norm(theirs.map((v, i) => v - (own[i] as number))) / norm(theirs);
}
