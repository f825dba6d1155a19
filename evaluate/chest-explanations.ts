import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { blur } from '../server/explain/baselines.ts';
import { enlarge } from '../server/explain/enlarge.ts';
import { type Curve, deletion, insertion } from '../server/explain/measures/curves.ts';
import { eigenCam } from '../server/explain/methods/cam.ts';
import { occlusion, occlusionCoarseToFine } from '../server/explain/methods/occlusion.ts';
import { rise } from '../server/explain/methods/rise.ts';
import { scoreCam } from '../server/explain/methods/score-cam.ts';
import { kernelShap, lime } from '../server/explain/methods/surrogate.ts';
import type { Attribution } from '../server/explain/subject.ts';
import { superpixels } from '../server/explain/superpixels.ts';
import { seededRandom } from '../server/shared/random.ts';
import { ChestSubject, EDGE } from './chest-subject.ts';
import { bootstrapInterval } from './statistics.ts';

/**
 * How faithful each method is on the chest model: deletion and insertion areas on test radiographs of the kit against a
 * random map and against the model's own exact map. `npm run evaluate chest-explanations [images]` writes the table of
 * docs/faithfulness.md.
 */
const KIT = '../shared/data/B_chest_xray';
const images = Number(process.argv[3] ?? 200);

const subject = await ChestSubject.open('models/chest-xr-pneumonia/model.onnx');
const methods: Readonly<Record<string, (x: Float32Array, baseline: Float32Array) => Promise<Attribution>>> = {
  'exact map of the model': (x) => subject.exactMap(x),
  eigenCam: (x) => eigenCam(subject, x),
  scoreCam: (x, baseline) => scoreCam(subject, x, { baseline, channels: 32 }),
  'occlusion, 28 pixels': (x, baseline) => occlusion(subject, x, { baseline, windowSize: 28 }),
  'occlusion, coarse to fine': (x, baseline) =>
    occlusionCoarseToFine(subject, x, { baseline, windowSize: 56, finest: 14 }),
  'RISE, 300 masks': (x, baseline) => rise(subject, x, { baseline, nMasks: 300 }),
  'KernelSHAP, 50 superpixels': (x, baseline) =>
    kernelShap(subject, x, { baseline, regions: parts(x), nSamples: 200 }),
  'LIME, 50 superpixels': (x, baseline) => lime(subject, x, { baseline, regions: parts(x), nSamples: 200 }),
  'random map': async () => ({
    method: 'random',
    dims: [14, 14],
    data: Float32Array.from({ length: 196 }, random),
    parameters: {},
  }),
};
const random = seededRandom(7);
const parts = (x: Float32Array) => superpixels(x, [1, EDGE, EDGE], { count: 50 });

interface Row {
  readonly deletion: number[];
  readonly insertion: number[];
  ms: number;
}
const rows: Record<string, Row> = Object.fromEntries(
  Object.keys(methods).map((m) => [m, { deletion: [], insertion: [], ms: 0 }]),
);
let worstGap = 0;
let worstScore = 0;

const chosen = testImages(images);
for (const [n, { input, expected }] of chosen.entries()) {
  worstGap = Math.max(worstGap, await subject.completenessGap(input));
  worstScore = Math.max(worstScore, Math.abs(((await subject.score([input]))[0] as number) - expected));
  const baseline = blur(input, [1, EDGE, EDGE], 16);
  for (const [name, method] of Object.entries(methods)) {
    const row = rows[name] as Row;
    const start = performance.now();
    const { data, dims } = await method(input, baseline);
    row.ms += performance.now() - start;
    const map = enlarge(data, dims, [EDGE, EDGE]);
    const area = (curve: Curve): number => curve.area;
    row.deletion.push(area(await deletion(subject, input, map, { baseline })));
    row.insertion.push(area(await insertion(subject, input, map, { baseline })));
  }
  if (n % 10 === 9) console.error(`${n + 1} of ${chosen.length}`);
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
  const lines = Object.entries(rows).map(
    ([name, row]) =>
      `| ${name} | ${figure(row.deletion)} | ${against(row.deletion, chance.deletion)} | ${figure(row.insertion)} | ${against(row.insertion, chance.insertion)} | ${(row.ms / chosen.length).toFixed(0)} |`,
  );
  const page = `${readFileSync('docs/faithfulness.md', 'utf8').split('<!-- table -->')[0]}<!-- table -->
${chosen.length} radiographs of the official test split, half of them normal. Largest difference of the exact map's sum from the logit:
${worstGap.toExponential(1)}. Largest difference of the score from PyTorch's (another JPEG decoder): ${worstScore.toFixed(3)}.

| method | deletion area | against random | insertion area | against random | ms an image |
|---|---|---|---|---|---|
${lines.join('\n')}
`;
  writeFileSync('docs/faithfulness.md', page);
  console.log(page);
}

/** Test radiographs with the score that PyTorch gave, half of each class, drawn with a fixed seed. */
function testImages(count: number): readonly { readonly input: Float32Array; readonly expected: number }[] {
  const { test } = JSON.parse(readFileSync(`${KIT}/test_set_predictions.json`, 'utf8')) as {
    test: [string, string, number][];
  };
  const draw = seededRandom(11);
  const shuffled = test.map((row) => ({ row, key: draw() })).sort((a, b) => a.key - b.key);
  const ofClass = (name: string) => shuffled.filter(({ row }) => row[0] === name).slice(0, count / 2);
  const picked = [...ofClass('NORMAL'), ...ofClass('PNEUMONIA')].map(({ row }) => row);
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-evaluate-'));
  try {
    execFileSync('tar', ['-xf', `${KIT}/kermany_224.tar`, '-C', folder, 'test']);
    return picked.map(([label, file, expected]) => ({
      expected,
      input: grey(readFileSync(join(folder, 'test', label, file))),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 0..1, rows × columns; the files are grey, so any channel is the picture. */
function grey(bytes: Uint8Array): Float32Array {
  const { data, width, height } = jpeg.decode(bytes, { useTArray: true });
  if (width !== EDGE || height !== EDGE) throw new Error(`an image is ${width} × ${height}`);
  return Float32Array.from({ length: EDGE * EDGE }, (_, i) => (data[4 * i] as number) / 255);
}
