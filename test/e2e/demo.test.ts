import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFiles } from '../../server/demo-input.ts';
import { writeNifti } from '../../server/shared/nifti.ts';
import { accept } from '../helpers/accepted.ts';
import { startOrthanc } from '../helpers/orthanc.ts';

jest.setTimeout(180_000);

let folder: string;
let head: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-demo-e2e-'));
  head = join(folder, 'head.nii.gz');
  // A bright ball in the dark, 20 slices of 40 × 40 mm.
  const data = Float32Array.from({ length: 20 * 40 * 40 }, (_, i) =>
    Math.hypot((i % 40) - 20, (Math.floor(i / 40) % 40) - 20, Math.floor(i / 1600) - 10) < 8 ? 100 : 0,
  );
  writeFileSync(head, writeNifti(data, [20, 40, 40], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]));
  const model = join(folder, 'models', 'mr-by-rule');
  cpSync('models/ct-body-basics', model, { recursive: true });
  const yaml = join(model, 'model.yaml');
  const text = readFileSync(yaml, 'utf8')
    .replace(/^id: .*$/m, 'id: mr-by-rule')
    .replace('Modality: [CT]', 'Modality: [MR]')
    .replace('1.2.840.10008.5.1.4.1.1.2 ', '1.2.840.10008.5.1.4.1.1.4 ')
    .replace(/oneOf: \[.*?\]/, 'oneOf: [HEAD]')
    .replace(/^ {2}words: .*$/m, '  words: [t1]');
  writeFileSync(yaml, text);
  await accept(model);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the demo says and how it ends, with these folders of models. */
const demo = (models: string, ...args: readonly string[]) => demoIn({}, models, ...args);

const demoIn = (more: Readonly<Record<string, string>>, models: string, ...args: readonly string[]) =>
  new Promise<{ readonly code: number; readonly says: string }>((done) => {
    const env = { ...process.env, MODEL_PATH: models, SETTLE_MS: '1500', POLL_MS: '200', ...more };
    execFile('node', ['server/demo.ts', '--once', ...args], { env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, says: stdout + stderr }),
    );
  });

test('a head as NIfTI is written as an MR series, sent, and its result is in the archive', async () => {
  const { code, says } = await demo(join(folder, 'models'), head);
  expect(says).toContain('Sent 20 of 20 files in 1 series');
  expect(says).toMatch(/mr-by-rule: done\n {2}Aerated lung +\d+\.\d\d ml/);
  expect(says).toContain('Stored: SEG, KOS, SR');
  expect(says).toContain('The archive lists all 3 objects.');
  expect(code).toBe(0);
});

test('in an archive of someone’s own that held the head before, the models that read it are asked for', async () => {
  const orthanc = await startOrthanc({});
  try {
    for (const file of await demoFiles([head]))
      await (await fetch(`${orthanc.url}/instances`, { method: 'POST', body: await file.read() })).text();
    const there = { ORTHANC_URL: orthanc.url };
    const { code, says } = await demoIn(there, join(folder, 'models'), head);
    expect(says).toContain('The archive held a series before: mr-by-rule@1.0.0 is asked for');
    expect(says).toContain('The archive lists all 3 objects.');
    expect(code).toBe(0);
    const other = await demoIn(there, join(folder, 'none'), head);
    expect(other.says).toContain('MODEL_REFUSES_SERIES: no model reads what the archive holds');
    expect(other.code).toBe(1);
  } finally {
    await orthanc.remove();
  }
});

test('where no model reads it, or its package does not load, the demo says so and fails', async () => {
  const model = join(folder, 'models', 'mr-by-rule');
  const other = join(folder, 'other', 'broken');
  cpSync(model, other, { recursive: true });
  rmSync(join(other, 'model.onnx'));
  const { code, says } = await demo(join(folder, 'other'), head);
  expect(says).toContain('No model: skipped');
  expect(says).toMatch(/Not loaded: .*broken: .*model\.onnx is neither beside model\.yaml/);
  expect(code).toBe(1);
});

test('a package that is not accepted: the demo says that it ran in shadow, and why', async () => {
  const shadow = join(folder, 'shadow', 'mr-by-rule');
  cpSync(join(folder, 'models', 'mr-by-rule'), shadow, { recursive: true });
  rmSync(join(shadow, 'acceptance.json'));
  const { code, says } = await demo(join(folder, 'shadow'), head);
  expect(says).toContain('mr-by-rule: done in shadow, nothing is stored: it was never checked');
  expect(code).toBe(1);
});

/** Debian's mricron-data brings it; what the demo sends where there is no test kit. */
const HEAD = '/usr/share/mricron/templates/ch2.nii.gz';

test('the head model in the box reads the head that the demo brings: seven structures, the cerebellum as large as the atlas of that head has it', async () => {
  cpSync('models/head-mr-structures', join(folder, 'box', 'head-mr-structures'), { recursive: true });
  const { code, says } = await demo(join(folder, 'box'), HEAD);
  expect(says).toContain('Sent 181 of 181 files in 1 series');
  expect(says).toContain('head-mr-structures: done');
  expect(says).toContain('Stored: SEG, PM, KOS, SR');
  const ml = (name: string): number => Number(new RegExp(`  ${name} +(\\d+\\.\\d\\d) ml`).exec(says)?.[1]);
  const structures = [
    'Cerebral cortex',
    'Cerebral white matter',
    'Lateral ventricles',
    'Deep grey matter',
    'Hippocampi',
    'Cerebellum',
    'Brain stem',
  ];
  for (const name of structures) expect(ml(name)).toBeGreaterThan(1);
  // The atlas AAL was drawn on this very head; its labels 91 to 116 have 194.83 ml by nibabel (aal.nii.gz of the same package).
  expect(Math.abs(ml('Cerebellum') - 194.83)).toBeLessThan(0.05 * 194.83);
  expect(code).toBe(0);
}, 900_000);
