import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mrSeriesOf } from '../../server/demo-series.ts';
import { DataType, makeNode, makeTensor, valueInfo } from '../../server/explain/graph/onnx.ts';
import { loadModel } from '../../server/models/load.ts';
import { writeNifti } from '../../server/shared/nifti.ts';
import { modelOf } from '../explain/models.ts';
import { model, started } from '../helpers/command.ts';

/** A stranger packages a model by docs/models.md alone: questions into a file, answers, record, check. */

jest.setTimeout(300_000);

const EDGE = 16;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-stranger-'));
  mkdirSync(join(folder, 'samples'));
  // Slices of 32 × 32 with a bright spot each, elsewhere.
  const data = Float32Array.from({ length: 4 * 32 * 32 }, (_, i) => {
    const [slice, row, column] = [Math.floor(i / 1024), Math.floor(i / 32) % 32, i % 32];
    const spot = Math.exp(-(((row - 6 - 6 * slice) / 4) ** 2) - ((column - 8 - 5 * slice) / 4) ** 2);
    return Math.round(800 * spot + ((row * 61 + column * 83) % 90));
  });
  const series = writeNifti(data, [4, 32, 32], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  for (const [i, slice] of mrSeriesOf(series, 'T1 head').entries())
    writeFileSync(join(folder, 'samples', `${i}.dcm`), slice);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The second value is 40 · mean of what is above 0.4, + 2; the first is nothing. */
const READER = modelOf({
  node: [
    makeNode('Conv', ['x', 'k', 'b'], { output: ['c'], attributes: { pads: [1, 1, 1, 1] } }),
    makeNode('Relu', ['c'], { output: ['h'] }),
    makeNode('GlobalAveragePool', ['h'], { output: ['p'] }),
    makeNode('Flatten', ['p'], { output: ['f'] }),
    makeNode('MatMul', ['f', 'w'], { output: ['m'] }),
    makeNode('Add', ['m', 'o'], { output: ['years'] }),
  ],
  initializer: [
    makeTensor('k', DataType.FLOAT, {
      dims: [4, 1, 3, 3],
      values: Array.from({ length: 36 }, (_, i) => (i % 9 === 4 ? 1 : 0.02 * Math.sin(7 * i))),
    }),
    makeTensor('b', DataType.FLOAT, { dims: [4], values: [-0.4, -0.4, -0.4, -0.4] }),
    makeTensor('w', DataType.FLOAT, { dims: [4, 2], values: [0, 13, 1, 9, 0, -3, 1, 21] }),
    makeTensor('o', DataType.FLOAT, { dims: [1, 2], values: [0, 2] }),
  ],
  input: [valueInfo('x', DataType.FLOAT, ['n', 1, EDGE, EDGE])],
  output: [valueInfo('years', DataType.FLOAT, ['n', 2])],
});

const places = () => ({ MODEL_PATH: join(folder, 'none'), DATA_DIR: join(folder, 'data') });

/** What a person writes behind the keys; everything else stays as the file proposes it. */
const PERSON: Readonly<Record<string, string>> = {
  id: 'bone-age',
  name: 'Bone age',
  manufacturer: 'a test',
  licence: 'MIT; made up',
  intendedUse: 'Nothing but this test.',
  limit: 'It counts bright pixels; It knows no bone',
  modality: 'MR',
  bodyPart: 'HEAD',
  bodyPartAbsent: 'yes',
  ages: '0-18',
  window: 'full',
  label0: 'none',
  label1: 'Bone age',
  type1: '108369006|SCT|Neoplasm',
  site1: 'bone',
  side1: 'left',
  quantity1: '445518008|SCT|Age',
  unit1: 'a|UCUM|year',
  plausible1: '{ low: 0, high: 20 }',
  error1: '{ plusMinus: 1.5, measuredOn: 200 made up hands }',
  caution: 'It looks at bright pixels alone.',
  task: 'How old.',
  users: 'Nobody.',
  decision: 'None.',
  why: 'To try.',
  faithfulness: 'By model check.',
  localizationWhy: 'To see the spot.',
  visualRecognizabilityWhy: 'It is bright.',
  physicalAttributionWhy: 'To see its share.',
  modelTransparencyWhy: 'It is a sum.',
  actionabilityWhy: 'There is no next step.',
};
const fill = (file: string, answers: Readonly<Record<string, string>>): string =>
  file.replaceAll(/^(\w+):.*$/gm, (line, key) =>
    answers[key] === undefined ? line : `${key}: ${answers[key]}`,
  );

test('a regression: every question with its reason and default, answers in a file, recorded, checked, accepted', async () => {
  const onnx = join(folder, 'reader.onnx');
  writeFileSync(onnx, READER);
  const questions = await model(places(), 'questions', onnx, '--kind', 'regression');
  expect(questions.fault).toBeUndefined();
  expect(questions.stdout).toContain('kind: "regression"');
  // Each key has what is asked and why above it.
  const lines = questions.stdout.trimEnd().split('\n');
  const keys = lines.filter((line) => /^\w+:/.test(line));
  expect(lines).toHaveLength(3 * keys.length);
  expect(keys.length).toBeGreaterThan(45);

  const answers = join(folder, 'answers.yaml');
  writeFileSync(answers, fill(questions.stdout, PERSON));
  const into = join(folder, 'bone-age');
  const made = (await model(places(), 'new', onnx, into, '--answers', answers)).says;
  expect(made).toContain('bone-age is written to');
  expect(made).toContain('a series of several slices (MR) is not given to it');
  const written = readFileSync(join(into, 'model.yaml'), 'utf8');
  expect(written).toMatch(/^# yaml-language-server: \$schema=.*docs\/model\.schema\.json\n/);
  expect((await loadModel(into, [])).spec).toMatchObject({
    kind: 'regression',
    limits: ['It counts bright pixels', 'It knows no bone'],
    checks: { PatientAge: { from: 0, to: 18 } },
    accepts: { Modality: ['MR'], BodyPartExamined: { oneOf: ['HEAD'], orAbsent: true } },
    output: {
      values: 'years',
      targets: [
        {
          place: 1,
          quantity: { value: '445518008' },
          unit: { value: 'a', scheme: 'UCUM' },
          plausible: { low: 0, high: 20 },
          error: { plusMinus: 1.5 },
          label: { label: 'Bone age', laterality: { meaning: 'Left' }, site: { meaning: 'Bone' } },
        },
      ],
    },
    explanation: { method: 'exactCam', caution: 'It looks at bright pixels alone.' },
  });

  const samples = ['--samples', join(folder, 'samples')];
  expect((await model(places(), 'record', into, ...samples)).says).toContain('4 samples');
  const checked = started(places(), 'model', 'check', into, ...samples);
  expect(checked.says).toContain('bone-age 1.0.0 is accepted');
  expect(checked.status).toBe(0);

  const explained = started(
    places(),
    'explain',
    join(folder, 'samples', '1.dcm'),
    '--model',
    into,
    '--out',
    join(folder, 'map.png'),
  );
  // Its own target, without being told its place.
  expect(JSON.parse(explained.stdout)).toMatchObject({ target: 1, of: 'years' });
  expect(readFileSync(join(folder, 'map.png')).length).toBeGreaterThan(100);
});

test('answers that are missing end it with their questions, all at once, and nothing is written', async () => {
  const onnx = join(folder, 'reader.onnx');
  writeFileSync(onnx, READER);
  const answers = join(folder, 'some.yaml');
  writeFileSync(answers, 'kind: regression\nid: some\nfaithfulness: Curves.\nwords: none\n');
  const some = join(folder, 'some');
  const { fault, says } = await model(places(), 'new', onnx, some, '--answers', answers);
  expect(says).toContain('name (Name as readers will see it): an answer is needed\n');
  expect(says).toContain('task (Which question does the model answer): an answer is needed');
  // What comes after a gap is not called unasked for.
  expect(says).not.toContain('Not asked for');
  expect(fault).toBeDefined();
  expect(existsSync(some)).toBe(false);
  writeFileSync(answers, 'kind: -\nid: some\n');
  expect((await model(places(), 'new', onnx, some, '--answers', answers)).says).toContain(
    'some.yaml is not YAML',
  );
});

test('where nobody can be asked, it says how to answer', () => {
  const onnx = join(folder, 'reader.onnx');
  writeFileSync(onnx, READER);
  const { status, says } = started(places(), 'model', 'new', onnx, join(folder, 'unasked'));
  expect(says).toMatch(/^REQUEST_INVALID: there is no terminal to ask in: .* --answers reads it/);
  expect(status).toBe(1);
});
