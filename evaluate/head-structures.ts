import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../server/contracts.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { segment } from '../server/infer/segment.ts';
import { loadModel, type Model } from '../server/models/load.ts';
import type { SegmentationSpec } from '../server/models/schema.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { readNifti } from './nifti.ts';
import { writeBetween } from './page.ts';

/**
 * How far the head model agrees with the two networks that taught it, on whose label maps (of the kit) no weight was fitted for the
 * first head. `npm run evaluate head-structures` keeps the figures in head-structures.json and writes the table of the model's card.
 */
const PACKAGE = 'models/head-mr-structures';
const MEASURED = 'evaluate/head-structures.json';
const KIT = '../shared/data/A_brain_mri';
const HELD_OUT = 't1_crop';

/** The teachers' classes that make up each label. */
const TAUGHT_AS: Readonly<Record<string, readonly number[]>> = {
  'Cerebral white matter': [1],
  'Cerebral cortex': [2],
  'Lateral ventricles': [3, 4],
  Cerebellum: [5, 6],
  'Deep grey matter': [7, 8, 9, 10, 16],
  'Brain stem': [13],
  Hippocampi: [14],
};

export interface HeadFigures {
  readonly onnx: string;
  /** Head, pair of label maps, label: Dice, 0..1. */
  readonly dice: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
}

const model = (await loadModel(PACKAGE, [])) as Model & { readonly spec: SegmentationSpec };
const { labels } = model.spec.output;
const reference = (name: string): Uint8Array => readNifti(join(KIT, 'reference', `${name}.nii.gz`)).data;
const dice: Record<string, Record<string, Record<string, number>>> = {};
{
  const ours = await labelsOf(fromNifti(join(KIT, `${HELD_OUT}.nii.gz`)));
  const [first, second] = ['model18cls', 'model30chan18cls'].map((name) =>
    byLabel(reference(`${HELD_OUT}_${name}_labels`)),
  ) as [Uint8Array, Uint8Array];
  dice[HELD_OUT] = {
    'with the first teacher': compare(ours, first),
    'with the second teacher': compare(ours, second),
    'the teachers with each other': compare(first, second),
  };
}
for (const [folder, name] of [
  ['datalad_t1_every2nd', 'datalad_t1'],
  ['vs_seg_001', 'vs_seg_001'],
] as const) {
  const ours = await labelsOf(await fromDicom(join(KIT, 'dicom', folder)));
  const first = byLabel(reference(`${name}_model18cls_labels_sourcegrid`));
  dice[name] = { 'with the first teacher': compare(ours, first) };
}

const measured: HeadFigures = { onnx: model.spec.onnx.sha256, dice };
writeFileSync(MEASURED, `${JSON.stringify(measured, null, 1)}\n`);
writeBetween(`${PACKAGE}/card.md`, 'figures', table(measured));

async function labelsOf(volume: Volume): Promise<Uint8Array | Uint16Array> {
  const begin = performance.now();
  const { labelMap } = await segment(model, volume, { threads: 2 });
  console.error(`${volume.shape.join(' × ')}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  if (!labelMap) throw new Error('no label map');
  return labelMap.data;
}

/** The voxels of a NIfTI file as a volume, with nothing of a patient around it. */
function fromNifti(file: string): Volume {
  const { shape, data, affine } = readNifti(file);
  return {
    shape,
    data: Float32Array.from(data),
    inverted: false,
    padding: null,
    unit: null,
    PixelSpacing: null,
    geometry: { affine },
    frames: [],
    header: {},
  } as unknown as Volume;
}

function fromDicom(folder: string): Promise<Volume> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.dcm'));
  return assembleVolume(files.map((name) => readPart10(new Uint8Array(readFileSync(join(folder, name))))));
}

/** The teachers' classes as places in the package's labels, from 1; 0 for none of them. */
function byLabel(classes: Uint8Array): Uint8Array {
  const place = new Uint8Array(256);
  for (const [i, { label }] of labels.entries())
    for (const of of TAUGHT_AS[label] ?? unknown(label)) place[of] = i + 1;
  return classes.map((c) => place[c] as number);
}

function unknown(label: string): never {
  throw new Error(`no class of the teachers is known as ${label}`);
}

/** 2 |A ∩ B| / (|A| + |B|) of each label. */
function compare(a: Uint8Array | Uint16Array, b: Uint8Array): Record<string, number> {
  if (a.length !== b.length) throw new Error(`${a.length} voxels against ${b.length}`);
  return Object.fromEntries(
    labels.map(({ label }, i) => {
      let [both, sum] = [0, 0];
      for (let v = 0; v < a.length; v++) {
        const [inA, inB] = [a[v] === i + 1, b[v] === i + 1];
        if (inA && inB) both++;
        sum += Number(inA) + Number(inB);
      }
      return [label, Number(((2 * both) / sum).toFixed(3))];
    }),
  );
}

function table({ dice }: HeadFigures): string {
  const rows = Object.entries(dice).flatMap(([head, pairs]) =>
    Object.entries(pairs).map(([pair, values]) => {
      const mean = Object.values(values).reduce((sum, v) => sum + v, 0) / labels.length;
      const shown = [...labels.map(({ label }) => values[label] as number), mean].map((v) => v.toFixed(3));
      return `| ${head === HELD_OUT ? 'held out' : `trained on: ${head}`}, ${pair} | ${shown.join(' | ')} |`;
    }),
  );
  const names = labels.map(({ label }) => label.toLowerCase());
  return `| Dice | ${names.join(' | ')} | mean |
|---|${'---|'.repeat(names.length + 1)}
${rows.join('\n')}
`;
}
