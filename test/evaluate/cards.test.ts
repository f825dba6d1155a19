import { readFileSync } from 'node:fs';
import type { ChestFigures } from '../../evaluate/chest-figures.ts';
import type { ChestHeldOut } from '../../evaluate/chest-held-out.ts';
import type { ChestPlace } from '../../evaluate/chest-place.ts';
import type { HeadFigures } from '../../evaluate/head-structures.ts';
import type { Acceptance } from '../../server/models/acceptance.ts';
import { loadModel } from '../../server/models/load.ts';

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

test('the chest card says the figures that were measured, and they are of the weights and the threshold in the box', async () => {
  const { onnx, threshold, figures, images } = json('evaluate/chest-figures.json') as ChestFigures;
  const { spec } = await loadModel('models/chest-xr-pneumonia', []);
  if (spec.kind !== 'classification') throw new Error('the chest model is a classifier');
  expect([spec.onnx.sha256, spec.output.targets[0]?.threshold]).toEqual([onnx, threshold]);
  const card = readFileSync('models/chest-xr-pneumonia/card.md', 'utf8');
  expect(card).toContain(`| ${images} radiographs |`);
  for (const [name, { value, low, high }] of Object.entries(figures)) {
    const [shown, from, to] = [value, low, high].map((v) => v.toFixed(3));
    expect(card).toContain(`| ${name} | ${shown} (${from} to ${to}) |`);
  }
});

test('what the chest card and limits say first is the table’s, rounded', async () => {
  const { figures } = json('evaluate/chest-figures.json') as ChestFigures;
  const card = readFileSync('models/chest-xr-pneumonia/card.md', 'utf8');
  const ofHundred = (name: string): number => Math.round(100 * (1 - (figures[name]?.value ?? Number.NaN)));
  const words = `misses ${ofHundred('sensitivity')} of 100 pneumonias and calls ${ofHundred('specificity')} of 100 normal radiographs positive`;
  expect(card).toContain(words);
  const { spec } = await loadModel('models/chest-xr-pneumonia', []);
  expect(spec.limits.join('\n')).toContain(words);
  expect(figures.sensitivity?.value).toBeGreaterThan(0.9);
});

test('the chest card says what it calls of the patients held out, as it was counted of all of them', async () => {
  const { onnx, threshold, normal, pneumonia } = json('evaluate/chest-held-out.json') as ChestHeldOut;
  const { spec } = await loadModel('models/chest-xr-pneumonia', []);
  if (spec.kind !== 'classification') throw new Error('the chest model is a classifier');
  expect([spec.onnx.sha256, spec.output.targets[0]?.threshold]).toEqual([onnx, threshold]);
  expect(spec.output.targets[0]?.calibration).toMatchObject({
    fittedOn: expect.stringContaining(`${normal.images + pneumonia.images} radiographs of 513 patients`),
  });
  const patients = Object.values(json('evaluate/chest-patients.json') as Record<string, number[]>).flat();
  expect(patients).toHaveLength(513);
  expect(normal.called).toBe(0);
  const card = readFileSync('models/chest-xr-pneumonia/card.md', 'utf8').replaceAll(/\s+/g, ' ');
  expect(card).toContain(
    `it calls none of ${normal.images} normal images, and misses ${pneumonia.images - pneumonia.called} of ${pneumonia.images} pneumonias`,
  );
});

test('the chest card and the caution in its results say where the evidence lay, as it was counted', async () => {
  const { onnx, positives, left, right, middle } = json('evaluate/chest-place.json') as ChestPlace;
  const { spec } = await loadModel('models/chest-xr-pneumonia', []);
  if (spec.kind !== 'classification') throw new Error('the chest model is a classifier');
  expect(spec.onnx.sha256).toBe(onnx);
  expect(left + right + middle).toBe(positives);
  const card = readFileSync('models/chest-xr-pneumonia/card.md', 'utf8').replaceAll(/\s+/g, ' ');
  expect(card).toContain(
    `Of ${positives} pneumonias of the test split that it calls, its strongest evidence lies on the patient's left in ${left}, in the middle in ${middle}, on the right in ${right}`,
  );
  expect(spec.explanation.caution).toContain(`In ${Math.round((10 * left) / positives)} of 10 positives`);
});

test('on each image of the test split ONNX Runtime gave PyTorch’s score within what another JPEG decoder makes', () => {
  const { worstScore, images } = json('evaluate/chest-figures.json') as ChestFigures;
  expect(Object.keys(json('evaluate/chest-pytorch.json') as object)).toHaveLength(images);
  expect(worstScore).toBeLessThan(0.01);
});

test('the head card says the Dice that were measured, of the weights in the box; held out, none is below 0.82', async () => {
  const { onnx, dice } = json('evaluate/head-structures.json') as HeadFigures;
  const { spec } = await loadModel('models/head-mr-structures', []);
  if (spec.kind !== 'segmentation') throw new Error('the head model is a segmentation');
  expect(spec.onnx.sha256).toBe(onnx);
  const card = readFileSync('models/head-mr-structures/card.md', 'utf8');
  const labels = spec.output.labels.map(({ label }) => label);
  for (const pairs of Object.values(dice)) {
    for (const [pair, values] of Object.entries(pairs)) {
      expect(Object.keys(values)).toEqual(labels);
      const shown = Object.values(values).map((v) => v.toFixed(3));
      expect(card).toContain(`${pair} | ${shown.join(' | ')} |`);
    }
  }
  const heldOut = Object.values(dice.t1_crop?.['with the first teacher'] ?? {});
  expect(Math.min(...heldOut)).toBeGreaterThan(0.82);
  expect(heldOut.reduce((sum, v) => sum + v, 0) / labels.length).toBeGreaterThan(0.88);
});

test('the head card says the volumes that were measured; believed is what the three heads that taught it allow, and the one held out lies within', async () => {
  const { volumes } = json('evaluate/head-structures.json') as HeadFigures;
  const { spec } = await loadModel('models/head-mr-structures', []);
  if (spec.kind !== 'segmentation') throw new Error('the head model is a segmentation');
  const card = readFileSync('models/head-mr-structures/card.md', 'utf8');
  for (const values of Object.values(volumes)) {
    const shown = Object.values(values).map((v) => v.toFixed(1));
    expect(card).toContain(`| ${shown.join(' | ')} |`);
  }
  const { t1_crop: heldOut = {}, ...taught } = volumes;
  expect(Object.keys(taught)).toHaveLength(3);
  const bounded = spec.output.labels.filter(({ plausible }) => plausible);
  // Ventricles widen manyfold.
  expect(spec.output.labels.filter(({ plausible }) => !plausible).map(({ label }) => label)).toEqual([
    'Lateral ventricles',
  ]);
  for (const { label, plausible } of bounded) {
    const seen = Object.values(taught).map((values) => values[label] ?? Number.NaN);
    expect(plausible).toMatchObject({
      low: Math.floor(Math.min(...seen) / 2),
      high: Math.ceil(2 * Math.max(...seen)),
    });
    expect(heldOut[label]).toBeGreaterThan(plausible?.low ?? Number.NaN);
    expect(heldOut[label]).toBeLessThan(plausible?.high ?? Number.NaN);
  }
});

test('the card of the CT rule says the overlap that its acceptance measured', () => {
  const { checks } = json('models/ct-body-basics/acceptance.json') as Acceptance;
  const measured = checks.find(({ name }) => name === 'stability')?.measured ?? '';
  const [, noise, moved] = (/^noise (\S+) .*, moved (\S+) /.exec(measured) ?? []).map(Number);
  const card = readFileSync('models/ct-body-basics/card.md', 'utf8').replaceAll(/\s+/g, ' ');
  expect(card).toContain(`a Dice of ${noise?.toFixed(2)}, moved by a pixel by ${moved?.toFixed(2)},`);
});
