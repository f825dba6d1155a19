import { loadConfig } from '../config.ts';
import { loadModel } from '../models/load.ts';
import { writeReference } from '../packages/reference.ts';
import { modelPlaces } from '../places.ts';
import { Fault } from '../shared/fault.ts';

/** Cases that a reader is shown one of; each is a picture of some kB. */
const CASES = 48;

interface Words {
  readonly samples?: string;
  readonly 'held-out'?: string;
  readonly cases?: string;
}

/** `pellucid model reference`: what a package keeps of known images. */
export async function referenceCommand(folder: string, words: Words): Promise<void> {
  const config = loadConfig(process.env);
  const { samples, 'held-out': heldOut } = words;
  const cases = Number(words.cases ?? CASES);
  if (!samples || !heldOut || !Number.isInteger(cases) || cases < 0 || cases > 999)
    throw new Fault(
      'REQUEST_INVALID',
      'say pellucid model reference <folder> --samples <folder> --held-out <folder> [--cases 48]',
    );
  const model = await loadModel(folder, modelPlaces(config).path.split(':'));
  const { spec } = model;
  if (spec.kind === 'segmentation')
    throw new Fault(
      'REQUEST_INVALID',
      `${spec.id} is a segmentation; what known images look like is kept for models of one image. Say what its structures may be: expected and plausible of its labels`,
    );
  const { features, texture, layout, histogram, flagged } = await writeReference({ ...model, spec }, folder, {
    samples,
    heldOut,
    cases,
    threads: config.ORT_THREADS,
    progress: (done, of) => process.stderr.isTTY && process.stderr.write(`\rimage ${done + 1} of ${of} `),
  });
  const spaces = Object.entries({ features, texture, layout, histogram });
  const limits = spaces.map(([name, { usual, limit }]) => `${name} ${usual}, limit ${limit}`).join('; ');
  process.stdout.write(
    `${folder}/reference is written: ${limits}. ${(100 * flagged).toFixed(1)} % of the held out images are beyond one.\n`,
  );
}
