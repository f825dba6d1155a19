import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../server/contracts.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { checkImage } from '../server/explain/checks/image.ts';
import { checkStability } from '../server/explain/checks/steady.ts';
import { explain } from '../server/explain/explain.ts';
import { type OnnxSubject, openSubject } from '../server/explain/onnx-subject.ts';
import { scoreOf } from '../server/explain/subject.ts';
import type { StudyCheck } from '../server/explanation.ts';
import { infer } from '../server/infer/infer.ts';
import { pictureFor } from '../server/infer/picture.ts';
import { loadModel } from '../server/models/load.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { knownImages, pictureOf, readKnown } from '../server/packages/known-images.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { EDGE, testSplit } from './chest-images.ts';
import { writeBetween } from './page.ts';

/**
 * What the checks of the chest model flag, and what they remark on: of the whole official test split (what the model is for), and of pictures
 * that it is not for. `npm run evaluate chest-checks` keeps the shares in chest-checks.json and writes the table of docs/elements.md.
 * `npm run evaluate chest-checks <folder>` measures only the held out pictures of training/chest-xr-pneumonia/lay_out.py, on which limits are
 * decided, and keeps the rest as it was.
 */
const PACKAGE = 'models/chest-xr-pneumonia';
const MEASURED = 'evaluate/chest-checks.json';
const KIT = '../shared/data';
/** Of the test split: turned and inverted, and what is remarked on. */
const EVERY = 4;

export interface Flagged {
  readonly images: number;
  /** Share that at least one check flagged, and by check. */
  readonly any: number;
  readonly checks: Readonly<Record<string, number>>;
}

export interface ChestChecks {
  readonly onnx: string;
  /** By checks of the image alone. */
  readonly ofImages: Readonly<Record<string, Flagged>>;
  /** By all checks that can mark a result: of the image, and of how firm the decision is. */
  readonly test: Flagged;
  readonly heldOut?: Flagged;
  /** What is only remarked on, of a part of the test split: it takes some 85 runs of the model an image. */
  readonly remarked: Flagged;
}

const model = await loadModel(PACKAGE, []);
const { spec } = model;
if (!model.reference || spec.kind !== 'classification') throw new Error(`${PACKAGE} keeps no reference`);
const classification = spec;
const { input, output } = classification;
const target = output.targets[0] as (typeof output.targets)[number];
const runtime = onnxRuntime({ intraOpNumThreads: 1 });
const bytes = new Uint8Array(readFileSync(model.onnxPath));
const open = (of: string, layer: string) =>
  openSubject(bytes, { runtime, inputDims: [1, 1, EDGE, EDGE], of, target: target.place, layer });
const scores = await open(output.scores, 'auto');
const features = await open(output.logits, model.reference.statistics.features.layer);
/** One for all images: it is not closed with the first. */
const kept = Object.create(features, { close: { value: async () => undefined } }) as OnnxSubject;

const test = testSplit().map(({ input }) => input.map((v) => v * 255));
const some = test.filter((_, i) => i % EVERY === 0);
const last = EDGE - 1;

const sets: Readonly<Record<string, () => Promise<readonly Volume[]>>> = {
  'official test split': async () => test.map(picture),
  'turned by 90°': async () => moved((row, column) => (last - column) * EDGE + row),
  'turned by 270°': async () => moved((row, column) => column * EDGE + last - row),
  'turned by 180°': async () => moved((row, column) => (last - row) * EDGE + last - column),
  'upside down': async () => moved((row, column) => (last - row) * EDGE + column),
  'left and right exchanged': async () => moved((row, column) => row * EDGE + last - column),
  inverted: async () => some.map((image) => picture(image.map((v) => 255 - v))),
  'CT slices as a chest radiograph': () => dicom('C_ct/dicom_chest_lung', () => true),
  'an NIH adult': () => dicom('B_chest_xray/dicom', (name) => name.startsWith('nih_')),
};

const heldOutFolder = process.argv[2];
const before = JSON.parse(readFileSync(MEASURED, 'utf8')) as ChestChecks;
const measured: ChestChecks = heldOutFolder
  ? { ...before, heldOut: await marked(await heldOut(heldOutFolder)) }
  : {
      onnx: spec.onnx.sha256,
      ofImages: await ofEachSet(),
      test: await marked(test.map(picture)),
      remarked: await remarked(some.map(picture)),
      ...(before.onnx === spec.onnx.sha256 && before.heldOut ? { heldOut: before.heldOut } : {}),
    };
writeFileSync(MEASURED, `${JSON.stringify(measured)}\n`);
writeBetween('docs/elements.md', 'checks', table(measured));
await features.close();
await scores.close();

async function ofEachSet(): Promise<Record<string, Flagged>> {
  const found: Record<string, Flagged> = {};
  for (const [name, volumes] of Object.entries(sets)) {
    const checks: (readonly StudyCheck[])[] = [];
    for (const volume of await volumes()) checks.push(await checksOfImage(volume));
    found[name] = shares(checks, 'failed');
  }
  return found;
}

async function heldOut(folder: string): Promise<readonly Volume[]> {
  const images = await knownImages(folder);
  return Promise.all(images.map(readKnown));
}

function picture(values: Float32Array): Volume {
  return pictureOf({ rows: EDGE, columns: EDGE, values, samples: 1 });
}

/** Each pixel from another place. */
function moved(from: (row: number, column: number) => number): readonly Volume[] {
  return some.map((image) =>
    picture(image.map((_, i) => image[from(Math.floor(i / EDGE), i % EDGE)] as number)),
  );
}

async function dicom(folder: string, isWanted: (name: string) => boolean): Promise<readonly Volume[]> {
  const names = readdirSync(join(KIT, folder)).filter((n) => n.endsWith('.dcm') && isWanted(n));
  return Promise.all(
    names.map((n) => assembleVolume([readPart10(new Uint8Array(readFileSync(join(KIT, folder, n))))])),
  );
}

async function checksOfImage(volume: Volume): Promise<readonly StudyCheck[]> {
  const { image } = pictureFor(volume, input);
  const { ofImage } = await checkImage(
    { ...model, spec: classification },
    { volume, input: image, open: async () => kept },
  );
  return ofImage;
}

async function marked(volumes: readonly Volume[]): Promise<Flagged> {
  const all: (readonly StudyCheck[])[] = [];
  for (const volume of volumes) {
    const { data } = pictureFor(volume, input).image;
    const finding = { score: await scoreOf(scores, data), threshold: target.threshold };
    all.push([...(await checksOfImage(volume)), await checkStability(scores, data, finding)]);
  }
  return shares(all, 'failed');
}

async function remarked(volumes: readonly Volume[]): Promise<Flagged> {
  const all: (readonly StudyCheck[])[] = [];
  for (const volume of volumes) {
    const prediction = await infer(model, volume, { threads: 1 });
    const seen = { volume, prediction };
    all.push((await explain(model, seen, { runtime, cacheFolder: '.cache/gradients' })).checks);
  }
  return shares(all, 'remark');
}

function shares(all: readonly (readonly StudyCheck[])[], state: StudyCheck['state']): Flagged {
  const found = all.map((checks) => checks.filter((c) => c.state === state).map((c) => c.name));
  const share = (has: (names: readonly string[]) => boolean): number =>
    Number((found.filter(has).length / found.length).toFixed(4));
  const names = [...new Set(found.flat())].sort();
  return {
    images: all.length,
    any: share((f) => f.length > 0),
    checks: Object.fromEntries(names.map((name) => [name, share((f) => f.some((n) => n === name))])),
  };
}

function table({ ofImages, test, heldOut, remarked }: ChestChecks): string {
  const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
  const row = (name: string, { images, any, checks }: Flagged): string => {
    const each = Object.entries(checks).map(([check, v]) => `${check} ${percent(v)}`);
    return `| ${name} | ${images} | ${percent(any)} | ${each.join(', ')} |`;
  };
  return [
    'By all checks together:',
    '',
    '| pictures | n | share | by check |',
    '|---|---|---|---|',
    row('official test split: **check before use**', test),
    ...(heldOut ? [row('held out patients: **check before use**', heldOut)] : []),
    row('official test split: a remark', remarked),
    '',
    'By the checks of the image alone:',
    '',
    '| pictures | n | flagged | by check |',
    '|---|---|---|---|',
    ...Object.entries(ofImages).map(([name, flagged]) => row(name, flagged)),
    '',
  ].join('\n');
}
