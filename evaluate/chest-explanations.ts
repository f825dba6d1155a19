import { readFileSync, writeFileSync } from 'node:fs';
import { blur } from '../server/explain/baselines.ts';
import { enlarge } from '../server/explain/enlarge.ts';
import { deletion, insertion } from '../server/explain/measures/curves.ts';
import { randomiseWeights } from '../server/explain/measures/randomisation.ts';
import { agreement } from '../server/explain/measures/shape.ts';
import { METHODS } from '../server/explain/methods/index.ts';
import { type OnnxSubject, openSubject } from '../server/explain/onnx-subject.ts';
import { type Attribution, size } from '../server/explain/subject.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { seededRandom } from '../server/shared/random.ts';
import { EDGE, testImages } from './chest-images.ts';
import { bootstrapInterval } from './statistics.ts';

/**
 * How faithful each method is on the chest model: deletion and insertion areas on test radiographs of the kit against a
 * random map, and how far the map changes when the weights are shuffled. `npm run evaluate chest-explanations [images]` writes
 * the table of docs/faithfulness.md. The model's own exact map is Grad-CAM's here: its head is pooling and a linear unit.
 */
const PAGE = 'docs/faithfulness.md';
const CAM_BIAS = 0.07773921638727188;
const images = testImages(Number(process.argv[3] ?? 200));
const model = new Uint8Array(readFileSync('models/chest-xr-pneumonia/model.onnx'));
const runtime = onnxRuntime({ intraOpNumThreads: 2 });
const open = (bytes: Uint8Array, of: string): Promise<OnnxSubject> =>
  openSubject(bytes, { runtime, inputDims: [1, 1, EDGE, EDGE], of, target: 0 });
const logit = await open(model, 'logit');
const probability = await open(model, 'prob');
const shuffled = await open(randomiseWeights(model, 3), 'logit');
const camSession = await runtime.open(model);

const random = seededRandom(7);
const methods: Readonly<
  Record<string, (subject: OnnxSubject, input: Float32Array, baseline: Float32Array) => Promise<Attribution>>
> = {
  ...Object.fromEntries(
    Object.entries(METHODS).map(([name, method]) => [
      name,
      (subject: OnnxSubject, input: Float32Array, baseline: Float32Array) =>
        method({ subject, input, baseline }),
    ]),
  ),
  'random map': async () => ({
    method: 'random',
    dims: [14, 14],
    data: Float32Array.from({ length: 196 }, random),
    parameters: {},
  }),
};

interface Row {
  readonly deletion: number[];
  readonly insertion: number[];
  readonly shuffled: number[];
  ms: number;
}
const rows = Object.fromEntries(
  Object.keys(methods).map((m): [string, Row] => [m, { deletion: [], insertion: [], shuffled: [], ms: 0 }]),
);
let worstGap = 0;
let worstScore = 0;

for (const [n, { input, expected }] of images.entries()) {
  worstGap = Math.max(worstGap, await exactGap(input));
  worstScore = Math.max(worstScore, Math.abs(((await probability.score([input]))[0] as number) - expected));
  const baseline = blur(input, [1, EDGE, EDGE], 16);
  for (const [name, method] of Object.entries(methods)) {
    const row = rows[name] as Row;
    const start = performance.now();
    const map = onImage(await method(logit, input, baseline));
    row.ms += performance.now() - start;
    row.deletion.push((await deletion(probability, input, map, { baseline })).area);
    row.insertion.push((await insertion(probability, input, map, { baseline })).area);
    // The sanity check costs a second explanation: one image in ten.
    if (n % 10 === 0)
      row.shuffled.push(agreement(map, onImage(await method(shuffled, input, baseline))) ?? 0);
  }
  if (n % 10 === 9) console.error(`${n + 1} of ${images.length}`);
}
report();

function report(): void {
  const chance = rows['random map'] as Row;
  const figure = (values: readonly number[]): string => {
    const { mean, low, high } = bootstrapInterval(values);
    return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  };
  const against = (own: readonly number[], other: readonly number[]): string =>
    figure(own.map((v, i) => v - (other[i] as number)));
  const lines = Object.entries(rows).map(([name, row]) =>
    [
      '',
      name,
      figure(row.deletion),
      against(row.deletion, chance.deletion),
      figure(row.insertion),
      against(row.insertion, chance.insertion),
      figure(row.shuffled),
      (row.ms / images.length).toFixed(0),
      '',
    ].join(' | '),
  );
  const page = `${readFileSync(PAGE, 'utf8').split('<!-- table -->')[0]}<!-- table -->
${images.length} radiographs of the official test split, half of them normal. Largest difference of the exact map's sum from the logit:
${worstGap.toExponential(1)}. Largest difference of the score from PyTorch's (another JPEG decoder): ${worstScore.toFixed(3)}.

| method | deletion area | against random | insertion area | against random | agreement with shuffled weights | ms an image |
|---|---|---|---|---|---|---|
${lines.map((line) => line.trim()).join('\n')}
`;
  writeFileSync(PAGE, page);
  console.log(page);
}

/** On the image's grid. Signed attributions count with their sign, plain gradients by magnitude. */
function onImage({ method, data, dims }: Attribution): Float32Array {
  if (size(dims) !== EDGE * EDGE) return enlarge(data, dims, [EDGE, EDGE]);
  return method === 'smoothGrad' ? data.map(Math.abs) : data;
}

/** |logit − (mean(cam) + constant)| */
async function exactGap(input: Float32Array): Promise<number> {
  const { cam, logit: sum } = await camSession.run(
    { input: { type: 'float32', dims: [1, 1, EDGE, EDGE], data: input } },
    ['cam', 'logit'],
  );
  const cells = Array.from(cam?.data ?? [], Number);
  return Math.abs(Number(sum?.data[0]) - (cells.reduce((a, b) => a + b, 0) / cells.length + CAM_BIAS));
}
