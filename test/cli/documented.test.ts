import { readFileSync } from 'node:fs';
import { CHECK_CODES } from '../../server/dicom/code.ts';
import { AUGMENTATIONS } from '../../server/explain/augmentation.ts';
import { BASELINES } from '../../server/explain/baselines.ts';
import { METHODS } from '../../server/explain/methods/index.ts';
import { UNCERTAINTIES } from '../../server/explain/uncertainty.ts';

const page = readFileSync('docs/explain.md', 'utf8');
/** The names in the first column of the table with this heading, several to a cell. */
const namesUnder = (heading: string): readonly string[] => {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  return lines
    .slice(start + 2, end)
    .flatMap((line) =>
      [...(line.split('|')[1]?.matchAll(/`(\w+)`/g) ?? [])].map((match) => match[1] as string),
    );
};

test('docs/explain.md lists exactly the methods', () => {
  const methods = [...Object.keys(METHODS), ...Object.keys(UNCERTAINTIES), 'counterfactual', 'disagreement'];
  expect(namesUnder('method').toSorted()).toEqual(methods.toSorted());
});

test('and the baselines and augmentations', () => {
  expect(namesUnder('baseline')).toEqual(Object.keys(BASELINES));
  expect(page).toContain(`--augment ${Object.keys(AUGMENTATIONS).join(',')}`);
});

test('docs/elements.md lists exactly the checks', () => {
  const rows = readFileSync('docs/elements.md', 'utf8')
    .split('| check | fails when | needs |')[1]
    ?.split('\n\n')[0]
    ?.split('\n')
    .slice(2)
    .flatMap((row) => row.split('|')[1]?.replaceAll(/[*\s]/g, '').split(',') ?? []);
  expect(rows?.toSorted()).toEqual(Object.keys(CHECK_CODES).toSorted());
});
