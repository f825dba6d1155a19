import { readFileSync } from 'node:fs';
import type { ChestFigures } from '../../evaluate/chest-figures.ts';
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

test('on each image of the test split ONNX Runtime gave PyTorch’s score within what another JPEG decoder makes', () => {
  const { worstScore, images } = json('evaluate/chest-figures.json') as ChestFigures;
  expect(Object.keys(json('evaluate/chest-pytorch.json') as object)).toHaveLength(images);
  expect(worstScore).toBeLessThan(0.01);
});
