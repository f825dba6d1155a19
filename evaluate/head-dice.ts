import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../server/contracts.ts';
import { readPart10 } from '../server/dicom/read.ts';
import { segment } from '../server/infer/segment.ts';
import { loadModel, type Model } from '../server/models/load.ts';
import type { SegmentationSpec } from '../server/models/schema.ts';
import { assembleVolume } from '../server/retrieve/volume.ts';
import { readNifti } from './nifti.ts';

/** Dice of each label, 0..1. */
export type Dice = Readonly<Record<string, number>>;

/** What was measured of one head. */
export interface Head {
  /** By pair of label maps. */
  readonly dice: Readonly<Record<string, Dice>>;
  /** ml of each label. */
  readonly volumes: Readonly<Record<string, number>>;
}

const PACKAGE = 'models/head-mr-structures';
const KIT = '../shared/data/A_brain_mri';

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

const model = (await loadModel(PACKAGE, [])) as Model & { readonly spec: SegmentationSpec };
const { labels } = model.spec.output;
const reference = (name: string): Uint8Array => readNifti(join(KIT, 'reference', `${name}.nii.gz`)).data;

/** A head of the kit that no weight was fitted on: with each of the two teachers, and the teachers with each other. */
export async function heldOut(name: string): Promise<Head> {
  const { labels: ours, volumes } = await segmented(fromNifti(join(KIT, `${name}.nii.gz`)));
  const [first, second] = ['model18cls', 'model30chan18cls'].map((teacher) =>
    byLabel(reference(`${name}_${teacher}_labels`)),
  ) as [Uint8Array, Uint8Array];
  const dice = {
    'with the first teacher': compare(ours, first),
    'with the second teacher': compare(ours, second),
    'the teachers with each other': compare(first, second),
  };
  return { dice, volumes };
}

/** A series that weights were fitted on. */
export async function taught(series: string, name: string): Promise<Head> {
  const { labels: ours, volumes } = await segmented(await fromDicom(join(KIT, 'dicom', series)));
  const first = byLabel(reference(`${name}_model18cls_labels_sourcegrid`));
  return { dice: { 'with the first teacher': compare(ours, first) }, volumes };
}

/** A head that weights were fitted on, without label maps of a teacher on its grid. */
export async function taughtByFile(file: string): Promise<Head> {
  const { volumes } = await segmented(fromNifti(file));
  return { dice: {}, volumes };
}

async function segmented(volume: Volume): Promise<{
  readonly labels: Uint8Array | Uint16Array;
  readonly volumes: Head['volumes'];
}> {
  const begin = performance.now();
  const { labelMap, findings } = await segment(model, volume, { threads: 2 });
  console.error(`${volume.shape.join(' × ')}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  if (!labelMap) throw new Error('no label map');
  const volumes = findings.flatMap((f) =>
    f.kind === 'segment' ? [[f.label.label, Number((f.volumeMm3 / 1000).toFixed(1))]] : [],
  );
  return { labels: labelMap.data, volumes: Object.fromEntries(volumes) };
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
