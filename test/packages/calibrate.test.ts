import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { loadModel } from '../../server/models/load.ts';
import { calibratePackage } from '../../server/packages/calibrate-package.ts';
import {
  calibrationError,
  crossFitted,
  fitCalibration,
  type Scored,
} from '../../server/packages/fit-calibration.ts';

const cases = (positive: boolean, ...scores: readonly number[]): readonly Scored[] =>
  scores.map((score) => ({ score, positive }));

test('three of four right at a score of 0.9: by hand, ln 9 / T must be ln 3, so T is 2', () => {
  const of = [...cases(true, 0.9, 0.9, 0.9, 0.1), ...cases(false, 0.1, 0.1, 0.1, 0.9)];
  expect(fitCalibration('temperature', of)).toEqual({ method: 'temperature', temperature: 2 });
});

test('on the 624 scores of the test split the temperature is that of NumPy’s grid', () => {
  const scores = JSON.parse(readFileSync('evaluate/chest-pytorch.json', 'utf8')) as Record<string, number>;
  const of = Object.entries(scores).map(([file, score]) => ({ score, positive: file.startsWith('person') }));
  // training/chest-xr-pneumonia/calibrate.py: temperature() on the same scores.
  expect(fitCalibration('temperature', of)).toMatchObject({ temperature: 0.62 });
});

test('isotonic, by hand: neighbours that fall are pooled; of four cases no probability is nearer to 0 or 1 than a sixth', () => {
  const of = [...cases(true, 0.2, 0.4), ...cases(false, 0.3, 0.1)];
  expect(fitCalibration('isotonic', of)).toEqual({
    method: 'isotonic',
    knots: [
      [0.1, 0.1667],
      [0.2, 0.5],
      [0.3, 0.5],
      [0.4, 0.8333],
    ],
  });
});

test('scores that say too much are told: the error of probabilities by fits on other cases is smaller', () => {
  // There in 75 of 100 at 0.95, and in 25 of 100 at 0.05.
  const ten = (high: number, low: number) => [
    ...cases(true, ...Array(high).fill(0.95)),
    ...cases(false, ...Array(low).fill(0.95)),
  ];
  const other = (high: number, low: number) => [
    ...cases(true, ...Array(high).fill(0.05)),
    ...cases(false, ...Array(low).fill(0.05)),
  ];
  const of = [...ten(75, 25), ...other(25, 75)];
  expect(calibrationError(of)).toBeCloseTo(0.2, 12);
  expect(calibrationError(crossFitted('temperature', of))).toBeLessThan(0.1);
  expect(calibrationError(crossFitted('isotonic', of))).toBeLessThan(0.1);
});

describe('a package', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pellucid-calibrate-'));
    cpSync('models/chest-xr-pneumonia', join(folder, 'chest'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Grey pictures, the brighter ones of one truth. */
  function pictures(truth: string, count: number, from: number): void {
    mkdirSync(join(folder, 'images', truth), { recursive: true });
    for (let n = 0; n < count; n++) {
      const png = new PNG({ width: 32, height: 32 });
      png.data.fill(255);
      for (let i = 0; i < 1024; i++) png.data.fill((from + 7 * n + (i % 32)) % 256, 4 * i, 4 * i + 3);
      writeFileSync(join(folder, 'images', truth, `${n}.png`), PNG.sync.write(png));
    }
  }
  const calibrated = async (positive?: readonly string[]) =>
    calibratePackage(await loadModel(join(folder, 'chest'), []), {
      samples: join(folder, 'images'),
      method: 'isotonic',
      threads: 1,
      progress: () => undefined,
      ...(positive ? { positive } : {}),
    });

  test('gets the fit in its model.yaml, with on which images, and all else stays as it was written', async () => {
    pictures('bright', 10, 120);
    pictures('dark', 10, 0);
    expect(await calibrated(['Bright'])).toMatchObject({ label: 'Pneumonia', images: 20, positives: 10 });
    const { spec } = await loadModel(join(folder, 'chest'), []);
    const before = (await loadModel('models/chest-xr-pneumonia', [])).spec;
    if (spec.kind !== 'classification' || before.kind !== 'classification') throw new Error('a classifier');
    const [target] = spec.output.targets;
    expect(target?.calibration).toMatchObject({
      method: 'isotonic',
      fittedOn: '20 images of images, 10 of them with Pneumonia',
    });
    expect({ ...target, calibration: 0 }).toEqual({ ...before.output.targets[0], calibration: 0 });
    expect({ ...spec, output: 0 }).toEqual({ ...before, output: 0 });
  });

  test('is left as it is where no folder is one of the label', async () => {
    pictures('bright', 10, 120);
    pictures('dark', 10, 0);
    const yaml = readFileSync(join(folder, 'chest', 'model.yaml'), 'utf8');
    await expect(calibrated()).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      detail: expect.stringContaining('0 images with Pneumonia and 20 without'),
    });
    expect(readFileSync(join(folder, 'chest', 'model.yaml'), 'utf8')).toBe(yaml);
  });
});
