import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ChestChecks } from '../../evaluate/chest-checks.ts';

/** docs/elements.md says what evaluate/chest-checks.json measured of the weights in the box, and that is what issue and package promise. */

const measured = JSON.parse(readFileSync('evaluate/chest-checks.json', 'utf8')) as ChestChecks;

test('the figures are of the weights in the box, and stand in the page', () => {
  const spec = parse(readFileSync('models/chest-xr-pneumonia/model.yaml', 'utf8'));
  expect(measured.onnx).toBe(spec.onnx.sha256);
  const page = readFileSync('docs/elements.md', 'utf8');
  for (const [name, { images, any }] of Object.entries(measured.ofImages))
    expect(page).toContain(`| ${name} | ${images} | ${(100 * any).toFixed(1)} % |`);
  for (const { images, any } of [measured.test, measured.heldOut, measured.remarked].filter(
    (f) => f !== undefined,
  ))
    expect(page).toContain(`| ${images} | ${(100 * any).toFixed(1)} % |`);
});

test('all checks together mark at most one in twenty of the official test split', () => {
  expect(measured.test.images).toBe(624);
  expect(measured.test.any).toBeLessThanOrEqual(0.05);
});

test('of the official test split at most one in twenty is flagged as unlike; turned, inverted and foreign pictures are', () => {
  const share = (name: string): number => measured.ofImages[name]?.any ?? Number.NaN;
  expect(measured.ofImages['official test split']?.images).toBe(624);
  expect(share('official test split')).toBeLessThanOrEqual(0.05);
  for (const name of [
    'turned by 90°',
    'turned by 270°',
    'inverted',
    'CT slices as a chest radiograph',
    'an NIH adult',
  ])
    expect(share(name)).toBe(1);
  expect(share('turned by 180°')).toBeGreaterThan(0.95);
});
