import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyCheck, Volume } from '../server/contracts.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { explain } from '../server/explain/explain.ts';
import { infer } from '../server/infer/infer.ts';
import { loadModel } from '../server/models/load.ts';
import { onnxRuntime } from '../server/onnx-runtime.ts';
import { pictureOf } from '../server/packages/known-images.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { EDGE, testSplit } from './chest-images.ts';
import { writeBetween } from './page.ts';

/**
 * What the checks of the chest model flag: of the whole official test split (what the model is for), and of pictures that it is not for.
 * `npm run evaluate chest-checks` keeps the shares in chest-checks.json and writes the table of docs/elements.md.
 */
const PACKAGE = process.argv[3] ?? 'models/chest-xr-pneumonia';
const MEASURED = 'evaluate/chest-checks.json';
const KIT = '../shared/data';
/** Of the test split, turned and inverted one by one. */
const EVERY = 12;

export interface Flagged {
  readonly images: number;
  /** Share that at least one check of likeness flagged, and that any check did. */
  readonly unlike: number;
  readonly any: number;
  /** Share by check. */
  readonly checks: Readonly<Record<string, number>>;
}

const model = await loadModel(PACKAGE, []);
if (!model.reference) throw new Error(`${PACKAGE} keeps no reference`);
const engine = { runtime: onnxRuntime({ intraOpNumThreads: 1 }), cacheFolder: '.cache/gradients' };
const LIKENESS = ['features', 'texture', 'layout', 'greys'];

const test = testSplit().map(({ input }) => input.map((v) => v * 255));
const some = test.filter((_, i) => i % EVERY === 0);
const changed = (change: (row: number, column: number) => number) =>
  some.map((image) => image.map((_, i) => image[change(Math.floor(i / EDGE), i % EDGE)] as number));
const last = EDGE - 1;

const sets: Readonly<Record<string, () => Promise<readonly Volume[]>>> = {
  'official test split': async () => test.map(picture),
  'turned by 90°': async () => changed((r, c) => (last - c) * EDGE + r).map(picture),
  'turned by 270°': async () => changed((r, c) => c * EDGE + last - r).map(picture),
  'turned by 180°': async () => changed((r, c) => (last - r) * EDGE + last - c).map(picture),
  'upside down': async () => changed((r, c) => (last - r) * EDGE + c).map(picture),
  inverted: async () => some.map((image) => picture(image.map((v) => 255 - v))),
  'left and right exchanged': async () => changed((r, c) => r * EDGE + last - c).map(picture),
  'CT slices as a chest radiograph': () => dicom('C_ct/dicom_chest_lung', () => true),
  'NIH adult': () => dicom('B_chest_xray/dicom', (name) => name.startsWith('nih_')),
};

const measured: Record<string, Flagged> = {};
for (const [name, volumes] of Object.entries(sets)) {
  const checks: (readonly StudyCheck[])[] = [];
  for (const volume of await volumes()) checks.push(await checksOf(volume));
  measured[name] = flaggedIn(checks);
  console.error(name, JSON.stringify(measured[name]));
}
if (process.argv[3] === undefined) {
  writeFileSync(MEASURED, `${JSON.stringify({ onnx: model.spec.onnx.sha256, sets: measured })}\n`);
  writeBetween('docs/elements.md', 'checks', table(measured));
}

function picture(values: Float32Array): Volume {
  return pictureOf({ rows: EDGE, columns: EDGE, values, samples: 1 });
}

async function dicom(folder: string, isWanted: (name: string) => boolean): Promise<readonly Volume[]> {
  const names = readdirSync(join(KIT, folder)).filter((n) => n.endsWith('.dcm') && isWanted(n));
  return Promise.all(
    names.map((n) => assembleVolume([readPart10(new Uint8Array(readFileSync(join(KIT, folder, n))))])),
  );
}

async function checksOf(volume: Volume): Promise<readonly StudyCheck[]> {
  const prediction = await infer(model, volume, { threads: 1 });
  return (await explain(model, { volume, prediction }, engine)).checks;
}

function flaggedIn(all: readonly (readonly StudyCheck[])[]): Flagged {
  const failed = all.map((checks) => checks.filter((c) => c.state === 'failed').map((c) => c.name));
  const share = (has: (names: readonly string[]) => boolean): number =>
    Number((failed.filter(has).length / failed.length).toFixed(4));
  const names = [...new Set(failed.flat())].sort();
  return {
    images: all.length,
    unlike: share((f) => f.some((name) => LIKENESS.includes(name))),
    any: share((f) => f.length > 0),
    checks: Object.fromEntries(names.map((name) => [name, share((f) => f.some((n) => n === name))])),
  };
}

function table(of: Readonly<Record<string, Flagged>>): string {
  const percent = (v = 0): string => `${(100 * v).toFixed(1)} %`;
  const rows = Object.entries(of).map(([name, { images, unlike, any, checks }]) => {
    const each = Object.entries(checks).map(([check, v]) => `${check} ${percent(v)}`);
    return `| ${name} | ${images} | ${percent(unlike)} | ${percent(any)} | ${each.join(', ')} |`;
  });
  return [
    '| pictures | n | unlike known images | any check | by check |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
