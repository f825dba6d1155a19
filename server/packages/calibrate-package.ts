import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { infer } from '../infer/infer.ts';
import type { Model } from '../models/load.ts';
import { Fault } from '../shared/fault.ts';
import {
  calibrationError,
  crossFitted,
  type FitMethod,
  fitCalibration,
  type Scored,
} from './fit-calibration.ts';
import { knownImages, readKnown } from './known-images.ts';

export interface CalibrateOptions {
  /** Folder of images of patients whom the model was not trained on; a folder in it is a truth by its name. */
  readonly samples: string;
  /** The label whose score is fitted; the only one when left out. */
  readonly label?: string;
  /** Truths where it is present; the one that is called as the label when left out. */
  readonly positive?: readonly string[];
  readonly method: FitMethod;
  readonly threads: number;
  readonly progress: (done: number, of: number) => void;
}

export interface Calibrated {
  readonly label: string;
  readonly images: number;
  readonly positives: number;
  /** Expected calibration error of the raw score, and of probabilities by fits on other images. */
  readonly before: number;
  readonly after: number;
  /** What was written. */
  readonly says: string;
}

/** Of each truth, so many at least. */
const FEWEST = 10;

/** Fits from raw score to probability on images as the server reads them, and writes it into model.yaml. Throws REQUEST_INVALID. */
export async function calibratePackage(
  model: Model,
  { samples, label: asked, positive, method, threads, progress }: CalibrateOptions,
): Promise<Calibrated> {
  const { place, label } = targetOf(model, asked);
  const images = await knownImages(samples);
  const present = new Set((positive ?? [label]).map((truth) => truth.toLowerCase()));
  const cases: Scored[] = [];
  for (const [n, image] of images.entries()) {
    if (image.truth === undefined)
      throw new Fault(
        'REQUEST_INVALID',
        `${image.path} has no truth: put the images into folders by what they show`,
      );
    progress(n, images.length);
    const { findings } = await infer(model, await readKnown(image), { threads });
    const finding = findings.find((f) => f.label.label === label);
    if (finding?.kind !== 'classification') throw new Fault('INTERNAL', `${label} has no score`);
    cases.push({ score: finding.score, positive: present.has(image.truth.toLowerCase()) });
  }
  const positives = cases.filter((c) => c.positive).length;
  if (Math.min(positives, cases.length - positives) < FEWEST)
    throw new Fault(
      'REQUEST_INVALID',
      `${positives} images with ${label} and ${cases.length - positives} without: at least ${FEWEST} of each are needed; say --positive for the folders where it is present`,
    );
  const fit = fitCalibration(method, cases);
  const fittedOn = `${cases.length} images of ${basename(resolve(samples))}, ${positives} of them with ${label}`;
  await write(join(model.folder, 'model.yaml'), place, { ...fit, fittedOn });
  return {
    label,
    images: cases.length,
    positives,
    before: calibrationError(cases),
    after: calibrationError(crossFitted(method, cases)),
    says:
      fit.method === 'temperature' ? `temperature ${fit.temperature}` : `isotonic, ${fit.knots.length} knots`,
  };
}

/** Which of the package's targets, by its place in their list. */
function targetOf({ spec }: Model, asked?: string): { readonly place: number; readonly label: string } {
  if (spec.kind === 'regression' || spec.kind === 'segmentation')
    throw new Fault('REQUEST_INVALID', `${spec.id} gives no scores: there is nothing to calibrate`);
  const { targets } = spec.output;
  const labels = targets.map(({ label }) => label.label);
  const place = asked === undefined && labels.length === 1 ? 0 : labels.indexOf(asked ?? '');
  const label = labels[place];
  if (label === undefined) throw new Fault('REQUEST_INVALID', `say --label, one of ${labels.join(', ')}`);
  if (targets[place]?.calibrated)
    throw new Fault('REQUEST_INVALID', `model.yaml says that the score of ${label} is a probability already`);
  return { place, label };
}

/** In its place, with all else as it was written. */
async function write(path: string, place: number, calibration: object): Promise<void> {
  const document = parseDocument(await readFile(path, 'utf8'));
  document.setIn(['output', 'targets', place, 'calibration'], document.createNode(calibration));
  await writeFile(path, document.toString({ lineWidth: 0 }));
}
