import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mrSeriesOf } from '../../server/demo-series.ts';
import { writeNifti } from '../../server/shared/nifti.ts';
import { model, started } from '../helpers/command.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';

jest.setTimeout(120_000);

let folder: string;
let original: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-model-cli-'));
  // A ball of 300 in a ball of 100, 20 slices of 40 × 40 mm.
  const data = Float32Array.from({ length: 20 * 40 * 40 }, (_, i) => {
    const r = Math.hypot((i % 40) - 20, (Math.floor(i / 40) % 40) - 20, Math.floor(i / 1600) - 10);
    return r < 5 ? 300 : r < 9 ? 100 : 0;
  });
  const head = writeNifti(data, [20, 40, 40], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  mkdirSync(join(folder, 'samples', 'head'), { recursive: true });
  for (const [i, slice] of mrSeriesOf(head, 'T1 head').entries())
    writeFileSync(join(folder, 'samples', 'head', `${i}.dcm`), slice);
  original = join(folder, 'original');
  cpSync('models/ct-body-basics', original, { recursive: true });
  edit(original, (yaml) =>
    yaml
      .replace('Modality: [CT]', 'Modality: [MR]')
      .replace('1.2.840.10008.5.1.4.1.1.2 ', '1.2.840.10008.5.1.4.1.1.4 ')
      .replace(/oneOf: \[.*?\]/, 'oneOf: [HEAD]'),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function edit(where: string, change: (yaml: string) => string): void {
  const path = join(where, 'model.yaml');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}
const places = () => ({ MODEL_PATH: join(folder, 'none'), DATA_DIR: join(folder, 'data') });
const samples = (): readonly string[] => ['--samples', join(folder, 'samples')];

test('recorded and checked, a package is accepted, installed in shadow and promoted; a changed file ends that', async () => {
  expect(await model(places(), 'record', original, ...samples())).toMatchObject({ fault: undefined });
  const checked = started(places(), 'model', 'check', original, ...samples());
  expect(checked.says).toContain('ct-body-basics 1.0.0 is accepted');
  expect(checked.status).toBe(0);
  expect((await model(places(), 'add', original)).says).toMatch(
    /^shadow +ct-body-basics@1\.0\.0 +it was not promoted yet/,
  );
  expect((await model(places(), 'promote', 'ct-body-basics@1.0.0')).says).toMatch(/^clinical /);
  appendFileSync(join(folder, 'data', 'models', 'ct-body-basics@1.0.0', 'model.onnx'), ' ');
  expect((await model(places(), 'list')).says).toMatch(/^refused .*has the SHA-256/);
});

test.each<[string, (where: string) => void, string | RegExp]>([
  [
    'two labels that are swapped',
    (where) =>
      edit(where, (yaml) =>
        yaml
          .replace('label: Fat', 'label: X')
          .replace('label: Soft tissue', 'label: Fat')
          .replace('label: X', 'label: Soft tissue'),
      ),
    'MODEL_NOT_ACCEPTED: ct-body-basics: it failed: vectors',
  ],
  [
    'a label too few for the tensor',
    (where) => edit(where, (yaml) => yaml.replace(/ {4}- label: Dense[\s\S]*?\n(?=rule)/, '')),
    'MODEL_INPUT_MISMATCH',
  ],
  [
    'a tensor of another name',
    (where) => edit(where, (yaml) => yaml.replace('tensor: hu', 'tensor: pixels')),
    'MODEL_INPUT_MISMATCH',
  ],
  [
    'a missing answer',
    (where) => edit(where, (yaml) => yaml.replace(/^ {2}decision: .*\n/m, '')),
    'interpretability.decision',
  ],
  ['a changed weight file', (where) => appendFileSync(join(where, 'model.onnx'), ' '), 'model.yaml names'],
  [
    // Of files that were accepted under the same version.
    'nothing bad',
    (where) => writeFileSync(join(where, 'card.md'), '# Perfect\n'),
    /remark +version +other files were accepted as 1\.0\.0 on [\s\S]*it failed: card/,
  ],
  [
    'a threshold that the rule does not say',
    (where) =>
      edit(where, (yaml) => yaml.replace('-30 to 200', '-40 to 200').replace('to -30 fat', 'to -40 fat')),
    'it failed: rule',
  ],
])('%s: the check ends with the reason', async (_, damage, words) => {
  const where = join(folder, 'damaged');
  rmSync(where, { recursive: true, force: true });
  cpSync(original, where, { recursive: true });
  damage(where);
  const { fault, says } = await model(places(), 'check', where, ...samples());
  expect(says).toMatch(words);
  expect(fault).toBeDefined();
});

test('what known images look like is not kept of a segmentation: refused with what to say instead', async () => {
  const both = ['--samples', folder, '--held-out', folder];
  const { fault } = await model(places(), 'reference', original, ...both);
  expect(fault).toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringMatching(
      /^ct-body-basics is a segmentation; .* expected and plausible of its labels$/,
    ),
  });
});

test('a check that fails says what to do', () => {
  const { status, says } = started(places(), 'model', 'check', join(folder, 'nowhere'), ...samples());
  expect(says).toMatch(/^MODEL_PACKAGE_INVALID: .*\nWhat to do: /);
  expect(status).toBe(1);
});

describeWithKit('the learned package in the box, damaged', () => {
  let chest: string;
  beforeEach(() => {
    chest = join(folder, 'chest');
    rmSync(chest, { recursive: true, force: true });
    cpSync('models/chest-xr-pneumonia', chest, { recursive: true });
    mkdirSync(join(folder, 'radiograph'), { recursive: true });
    const image = 'kermany_test_PNEUMONIA_person50_virus_102.dcm';
    cpSync(kitPath('B_chest_xray', 'dicom', image), join(folder, 'radiograph', image));
  });

  test.each<[string, (yaml: string) => string, string]>([
    [
      'a tensor of another shape',
      (yaml) =>
        yaml.replace('  rows: 224\n  columns: 224\n  window', '  rows: 192\n  columns: 224\n  window'),
      'MODEL_INPUT_MISMATCH: kermany_test_PNEUMONIA_person50_virus_102.dcm: the ONNX file reads input of',
    ],
    ['a missing answer', (yaml) => yaml.replace(/^ {2}users: .*\n/m, ''), 'interpretability.users'],
  ])('%s: the check ends with the reason', async (_, change, words) => {
    edit(chest, change);
    const { fault, says } = await model(places(), 'check', chest, '--samples', join(folder, 'radiograph'));
    expect(says).toContain(words);
    expect(fault).toBeDefined();
  });

  test('a label of another name, and a map that does not change with the weights', () => {
    edit(chest, (yaml) =>
      yaml
        .replace('label: Pneumonia', 'label: Effusion')
        // Of what the network reads, before its first weight.
        .replace('method: exactCam\n', 'method: eigenCam\n  layer: /AveragePool_output_0\n'),
    );
    const { status, says } = started(
      places(),
      'model',
      'check',
      chest,
      '--samples',
      join(folder, 'radiograph'),
    );
    expect(says).toContain('it failed: vectors, samples, randomisation');
    expect(status).toBe(1);
  });
});
