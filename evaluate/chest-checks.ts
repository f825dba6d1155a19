import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyCheck, Volume } from '../server/contracts.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { checkImage } from '../server/explain/checks/image.ts';
import { explain } from '../server/explain/explain.ts';
import { openSubject } from '../server/explain/onnx-subject.ts';
import { infer } from '../server/infer/infer.ts';
import { pictureFor } from '../server/infer/picture.ts';
import { loadModel } from '../server/models/load.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { pictureOf } from '../server/packages/known-images.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { EDGE, testSplit } from './chest-images.ts';
import { writeBetween } from './page.ts';

/**
 * What the checks of the chest model flag: of the whole official test split (what the model is for), and of pictures that it is not for.
 * Checks of the score take some 85 runs of the model each, so they are measured on a part of the split. `npm run evaluate chest-checks`
 * keeps the shares in chest-checks.json and writes the table of docs/elements.md.
 */
const PACKAGE = 'models/chest-xr-pneumonia';
const MEASURED = 'evaluate/chest-checks.json';
const KIT = '../shared/data';
/** Of the test split: turned and inverted, and with checks of the score. */
const EVERY = 4;

export interface Flagged {
  readonly images: number;
  /** Share that at least one check flagged, and by check. */
  readonly any: number;
  readonly checks: Readonly<Record<string, number>>;
}

const model = await loadModel(PACKAGE, []);
const { spec } = model;
if (!model.reference || spec.kind !== 'classification') throw new Error(`${PACKAGE} keeps no reference`);
const runtime = onnxRuntime({ intraOpNumThreads: 1 });
const bytes = new Uint8Array(readFileSync(model.onnxPath));

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

const ofImages: Record<string, Flagged> = {};
for (const [name, volumes] of Object.entries(sets)) {
  const checks: (readonly StudyCheck[])[] = [];
  for (const volume of await volumes()) checks.push(await checksOfImage(volume));
  ofImages[name] = flaggedIn(checks);
}
const ofScores = flaggedIn(await checksOfScores(some.map(picture)));
writeFileSync(MEASURED, `${JSON.stringify({ onnx: spec.onnx.sha256, ofImages, ofScores })}\n`);
writeBetween('docs/elements.md', 'checks', table());

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
  if (spec.kind !== 'classification') throw new Error('no classification');
  const { image } = pictureFor(volume, spec.input);
  const { logits } = spec.output;
  const { ofImage } = await checkImage(
    { ...model, spec },
    {
      volume,
      input: image,
      open: (layer) => openSubject(bytes, { runtime, inputDims: image.dims, of: logits, target: 0, layer }),
    },
  );
  return ofImage;
}

async function checksOfScores(volumes: readonly Volume[]): Promise<readonly (readonly StudyCheck[])[]> {
  const all: (readonly StudyCheck[])[] = [];
  for (const volume of volumes) {
    const prediction = await infer(model, volume, { threads: 1 });
    const seen = { volume, prediction };
    const { checks } = await explain(model, seen, { runtime, cacheFolder: '.cache/gradients' });
    all.push(checks.filter(({ finding }) => finding !== undefined));
  }
  return all;
}

function flaggedIn(all: readonly (readonly StudyCheck[])[]): Flagged {
  const failed = all.map((checks) => checks.filter((c) => c.state === 'failed').map((c) => c.name));
  const share = (has: (names: readonly string[]) => boolean): number =>
    Number((failed.filter(has).length / failed.length).toFixed(4));
  const names = [...new Set(failed.flat())].sort();
  return {
    images: all.length,
    any: share((f) => f.length > 0),
    checks: Object.fromEntries(names.map((name) => [name, share((f) => f.some((n) => n === name))])),
  };
}

function table(): string {
  const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
  const row = (name: string, { images, any, checks }: Flagged): string => {
    const each = Object.entries(checks).map(([check, v]) => `${check} ${percent(v)}`);
    return `| ${name} | ${images} | ${percent(any)} | ${each.join(', ')} |`;
  };
  return [
    '| pictures | n | flagged | by check |',
    '|---|---|---|---|',
    ...Object.entries(ofImages).map(([name, flagged]) => row(name, flagged)),
    row('official test split, by checks of the score', ofScores),
    '',
  ].join('\n');
}
