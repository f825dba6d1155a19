import { loadConfig } from '../config.ts';
import { loadModel } from '../models/load.ts';
import { calibratePackage } from '../packages/calibrate-package.ts';
import { modelPlaces } from '../places.ts';
import { Fault } from '../shared/fault.ts';
import { say } from './terminal.ts';

interface Words {
  readonly samples?: string;
  readonly label?: string;
  readonly positive?: string;
  readonly method?: string;
}

/** `pellucid model calibrate`: what a score means, fitted on images whose truth is known. */
export async function calibrateCommand(folder: string, words: Words): Promise<void> {
  const { samples, label, positive, method = 'temperature' } = words;
  if (!samples || (method !== 'temperature' && method !== 'isotonic'))
    throw new Fault(
      'REQUEST_INVALID',
      'say pellucid model calibrate <folder> --samples <folder> [--label Pneumonia] [--positive "Bacterial pneumonia,Viral pneumonia"] [--method temperature|isotonic]',
    );
  const config = loadConfig(process.env);
  const model = await loadModel(folder, modelPlaces(config).path.split(':'));
  const done = await calibratePackage(model, {
    samples,
    method,
    ...(label === undefined ? {} : { label }),
    ...(positive === undefined ? {} : { positive: positive.split(',').map((truth) => truth.trim()) }),
    threads: config.ORT_THREADS,
    progress: (n, of) => process.stderr.isTTY && process.stderr.write(`\rimage ${n + 1} of ${of} `),
  });
  if (process.stderr.isTTY) process.stderr.write('\r');
  say(
    `${done.label}, ${done.images} images, ${done.positives} with it: ${done.says} is written to ${folder}/model.yaml.`,
  );
  say(
    `Expected calibration error: ${done.before.toFixed(3)} of the score, ${done.after.toFixed(3)} of the probability (each image by a fit on the others).`,
  );
  say('The package is another now: give it another version where it has run, and check it again.');
}
