import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { blur } from '../server/explain/baselines.ts';
import { deletion, insertion } from '../server/explain/measures/curves.ts';
import { randomiseWeights } from '../server/explain/measures/randomisation.ts';
import { agreement } from '../server/explain/measures/shape.ts';
import { METHODS, type MethodInput } from '../server/explain/methods/index.ts';
import { type OnnxSubject, openSubject } from '../server/explain/onnx-subject.ts';
import { overInput } from '../server/explain/over-space.ts';
import type { Attribution } from '../server/explain/subject.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { sha256 } from '../server/shared/digest.ts';
import { seededRandom } from '../server/shared/random.ts';
import { EDGE, testImages } from './chest-images.ts';
import { bootstrapInterval } from './statistics.ts';

/**
 * How faithful each method is on the chest model: deletion and insertion areas on test radiographs of the kit against a
 * random map, and how far the map changes when the weights are shuffled. `npm run evaluate chest-explanations [images]
 * [methods…]` measures all methods, or those named beside what is kept of the others, keeps what it measured in chest-explanations.json and
 * writes the table of docs/faithfulness.md: at its end, so that a run that breaks off leaves no half table.
 */
const PAGE = 'docs/faithfulness.md';
const MEASURED = 'evaluate/chest-explanations.json';
const RANDOM = 'random map';
/** The model's own map: its head is pooling and a linear unit. */
const OWN = 'exactCam';
const DIMS = [1, EDGE, EDGE];
/** The sanity check costs a second explanation: one image in ten. */
const SHUFFLED_EVERY = 10;

interface Row {
  readonly deletion: number[];
  readonly insertion: number[];
  readonly shuffled: number[];
}

interface Measured {
  readonly images: number;
  /** SHA-256 of the ONNX file. */
  readonly onnx: string;
  readonly rows: Record<string, Row>;
}

type Explain = (it: MethodInput, image: number) => Promise<Attribution>;

const images = testImages(Number(process.argv[2] ?? 60));
const methods: Readonly<Record<string, Explain>> = {
  [RANDOM]: async (_, image) => {
    const random = seededRandom(1000 + image);
    return {
      method: 'random',
      dims: [14, 14],
      data: Float32Array.from({ length: 196 }, random),
      parameters: {},
    };
  },
  ...METHODS,
};

const model = new Uint8Array(readFileSync('models/chest-xr-pneumonia/model.onnx'));
const runtime = onnxRuntime({ intraOpNumThreads: 2 });
const open = (bytes: Uint8Array, of: string): Promise<OnnxSubject> =>
  openSubject(bytes, { runtime, inputDims: [1, ...DIMS], of, target: 0 });
const logit = await open(model, 'logit');
const probability = await open(model, 'prob');
const shuffled = await open(randomiseWeights(model, 3), 'logit');

const measured = begin();
for (const name of process.argv.length > 3 ? process.argv.slice(3) : Object.keys(methods))
  measured.rows[name] = await measure(name, methods[name] as Explain);
const missing = Object.keys(methods).filter((name) => !measured.rows[name]);
if (missing.length > 0)
  throw new Error(`of these images nothing is kept of ${missing.join(', ')}: measure all`);
writeFileSync(MEASURED, `${JSON.stringify(measured)}\n`);
writeFileSync(PAGE, `${readFileSync(PAGE, 'utf8').split('<!-- table -->')[0]}${table(measured)}`);

/** What was measured on the same images and weights before; else a new record. */
function begin(): Measured {
  const onnx = sha256(model);
  const known = existsSync(MEASURED) ? (JSON.parse(readFileSync(MEASURED, 'utf8')) as Measured) : undefined;
  if (known?.images === images.length && known.onnx === onnx) return known;
  return { images: images.length, onnx, rows: {} };
}

async function measure(name: string, method: Explain): Promise<Row> {
  const row: Row = { deletion: [], insertion: [], shuffled: [] };
  const start = performance.now();
  for (const [n, { input }] of images.entries()) {
    const baseline = blur(input, DIMS, 16);
    const map = overInput(await method({ subject: logit, input, baseline }, n), DIMS);
    row.deletion.push(rounded((await deletion(probability, input, map, { baseline })).area));
    row.insertion.push(rounded((await insertion(probability, input, map, { baseline })).area));
    if (n % SHUFFLED_EVERY === 0) {
      const other = overInput(await method({ subject: shuffled, input, baseline }, n), DIMS);
      row.shuffled.push(rounded(agreement(map, other) ?? 0));
    }
  }
  console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return row;
}

function table({ images, rows }: Measured): string {
  const [chance, own] = [rows[RANDOM] as Row, rows[OWN]];
  const figure = (values: readonly number[]): string => {
    const { mean, low, high } = bootstrapInterval(values);
    return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  };
  const against = (values: readonly number[], other: readonly number[] | undefined): string =>
    other ? figure(values.map((v, i) => v - (other[i] as number))) : '';
  const lines = Object.entries(rows).map(
    ([name, row]) =>
      `| ${[
        name,
        figure(row.deletion),
        against(row.deletion, chance.deletion),
        name === OWN ? '' : against(row.deletion, own?.deletion),
        figure(row.insertion),
        against(row.insertion, chance.insertion),
        name === OWN ? '' : against(row.insertion, own?.insertion),
        name === RANDOM ? '' : figure(row.shuffled),
      ].join(' | ')} |`,
  );
  return `<!-- table -->
${images} radiographs of the official test split, half of them normal.

| method | deletion area | against random | against own map | insertion area | against random | against own map | agreement with shuffled weights |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
}

function rounded(v: number): number {
  return Number(v.toFixed(5));
}
