import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { parseModel, writeModel } from '../../server/explain/graph/onnx.ts';
import { installed, keyOf, modeOf } from '../../server/models/installed.ts';
import { loadModel, type Model } from '../../server/models/load.ts';
import { decisionsIn, type ModelState } from '../../server/models/state.ts';
import { sha256 } from '../../server/shared/digest.ts';
import { accept } from '../helpers/accepted.ts';

let folder: string;
let chest: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-installed-'));
  chest = join(folder, 'models', 'chest');
  cpSync('models/chest-xr-pneumonia', chest, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modes = async () => {
  const { models } = await installed({
    path: join(folder, 'models'),
    decisions: decisionsIn(join(folder, 'models.json')),
  });
  return Object.fromEntries(models.map(({ identity, mode, why }) => [keyOf(identity), `${mode}: ${why}`]));
};

describe('the acceptance holds for the package as it was checked', () => {
  beforeEach(async () => {
    writeFileSync(join(chest, 'weights.bin'), 'weights');
    await accept(chest);
  });

  test.each([
    ['model.yaml', 'a comment'],
    ['card.md', 'better'],
    ['reference/vectors.json', ' '],
    ['weights.bin', 'x'],
    ['reference/new.json', '{}'],
  ])('a change of %s puts it into shadow, as another device', async (file, more) => {
    const before = await loadModel(chest, []);
    expect(before.notAccepted).toBeUndefined();
    expect(before.identity.acceptance).toMatch(/^Accepted on \d{4}-\d\d-\d\d: all \d+ checks passed/);
    appendFileSync(join(chest, file), file === 'model.yaml' ? `# ${more}\n` : more);
    const after = await loadModel(chest, []);
    expect(after.notAccepted).toContain('a file changed after it was checked');
    expect(after.identity.acceptance).toBe(`Not accepted: ${after.notAccepted}.`);
    expect(after.identity.DeviceUID).not.toBe(before.identity.DeviceUID);
    expect(Object.values(await modes())).toEqual([expect.stringMatching(/^shadow: a file changed/)]);
  });

  test('a missing file does so too', async () => {
    rmSync(join(chest, 'weights.bin'));
    expect((await loadModel(chest, [])).notAccepted).toContain('a file changed');
  });

  test.each([
    ['nothing was measured', undefined, 'never checked'],
    ['half a file', '{"schema": 1', 'cannot be read'],
    [
      'a check that failed',
      (text: string) => text.replace('"passed":true', '"passed":false'),
      'it failed: card',
    ],
    [
      'a check that is left out',
      (text: string) => text.replace('"name":"gradient"', '"name":"nothing"'),
      'never checked for gradient',
    ],
  ])('%s: shadow', async (_, change, why) => {
    const file = join(chest, 'acceptance.json');
    if (change === undefined) rmSync(file);
    else writeFileSync(file, typeof change === 'string' ? change : change(readFileSync(file, 'utf8')));
    expect(Object.values(await modes())).toEqual([expect.stringContaining(why)]);
  });

  test('an ONNX file elsewhere is one of the package’s files', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    cpSync(join(chest, 'model.onnx'), join(elsewhere, 'model.onnx'));
    rmSync(join(chest, 'model.onnx'));
    expect((await loadModel(chest, [elsewhere])).notAccepted).toBeUndefined();
  });
});

describe('weights in files beside an ONNX file that lies elsewhere', () => {
  const elsewhere = () => join(folder, 'elsewhere');
  const withWeights = (location: string) => {
    const parsed = parseModel(new Uint8Array(readFileSync(join(chest, 'model.onnx'))));
    const [weights] = parsed.graph.initializer;
    if (!weights) throw new Error('the model has no weights');
    const { rawData } = weights;
    weights.rawData = new Uint8Array();
    weights.dataLocation = TensorProto_DataLocation.EXTERNAL;
    weights.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: location })];
    const bytes = writeModel(parsed);
    mkdirSync(elsewhere(), { recursive: true });
    rmSync(join(chest, 'model.onnx'));
    // What is known of images is of another ONNX file now.
    rmSync(join(chest, 'reference'), { recursive: true });
    writeFileSync(join(elsewhere(), 'model.onnx'), bytes);
    writeFileSync(join(elsewhere(), 'weights.bin'), rawData);
    const yaml = join(chest, 'model.yaml');
    writeFileSync(
      yaml,
      readFileSync(yaml, 'utf8').replace(/sha256: [0-9a-f]{64}/, `sha256: ${sha256(bytes)}`),
    );
  };

  test('are files of the package', async () => {
    withWeights('weights.bin');
    await accept(chest, [elsewhere()]);
    expect((await loadModel(chest, [elsewhere()])).notAccepted).toBeUndefined();
    appendFileSync(join(elsewhere(), 'weights.bin'), 'x');
    expect((await loadModel(chest, [elsewhere()])).notAccepted).toContain('a file changed');
  });

  test.each(['../weights.bin', '/etc/passwd', 'a/../../b', ''])('"%s" is refused', async (location) => {
    withWeights(location);
    await expect(loadModel(chest, [elsewhere()])).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_INVALID',
      detail: expect.stringContaining('outside its folder'),
    });
  });
});

const model = (version: string, notAccepted?: string, id = 'm'): Model =>
  ({
    identity: { id, version, digest: `digest of ${version}` },
    ...(notAccepted ? { notAccepted } : {}),
  }) as Model;
const promoted = (version: string, digest = `digest of ${version}`): ModelState['promoted'] => ({
  m: { version, digest, at: '2026-11-25T12:00:00.000Z' },
});
const shared = (version: string, digest = `digest of ${version}`): ModelState['canary'] => ({
  m: { version, digest, at: '2026-11-25T12:00:00.000Z', share: 10 },
});

test.each<[string, readonly Model[], Partial<ModelState>, readonly string[]]>([
  ['the only version, accepted', [model('1.0.0')], {}, ['clinical: it is accepted, and the only version']],
  ['not accepted', [model('1.0.0', 'it failed: card')], {}, ['shadow: it failed: card']],
  [
    'promoted, but no longer accepted',
    [model('1.0.0', 'a file changed')],
    { promoted: promoted('1.0.0') },
    ['shadow: a file changed'],
  ],
  [
    'two versions, nothing decided',
    [model('1.0.0'), model('2.0.0')],
    {},
    Array(2).fill('shadow: there are several versions, and none was promoted'),
  ],
  [
    'the older one promoted',
    [model('1.0.0'), model('2.0.0')],
    { promoted: promoted('1.0.0') },
    ['clinical: it was promoted on 2026-11-25', 'shadow: version 1.0.0 was promoted'],
  ],
  [
    'other models do not count',
    [model('1.0.0'), model('2.0.0', undefined, 'other')],
    {},
    Array(2).fill('clinical: it is accepted, and the only version'),
  ],
  ['added, not promoted', [model('1.0.0')], { promoted: { m: null } }, ['shadow: it was not promoted yet']],
  [
    'changed after it was promoted',
    [model('1.0.0')],
    { promoted: promoted('1.0.0', 'another') },
    ['shadow: its files changed after it was promoted: promote it again'],
  ],
  [
    'the promoted one is gone',
    [model('1.0.0')],
    { promoted: promoted('2.0.0') },
    ['shadow: version 2.0.0 was promoted'],
  ],
  [
    'one has a share of studies beside the promoted one',
    [model('1.0.0'), model('2.0.0')],
    { promoted: promoted('1.0.0'), canary: shared('2.0.0') },
    ['clinical: it was promoted on 2026-11-25', 'canary: it answers 10 in 100 studies since 2026-11-25'],
  ],
  [
    'the one with a share was changed, or is not accepted',
    [model('1.0.0'), model('2.0.0')],
    { promoted: promoted('1.0.0'), canary: shared('2.0.0', 'another') },
    [
      'clinical: it was promoted on 2026-11-25',
      'shadow: its files changed after it was given a share of studies: promote it again',
    ],
  ],
  [
    'disabled, whatever else',
    [model('1.0.0')],
    { promoted: promoted('1.0.0'), disabled: ['m@1.0.0'] },
    ['disabled: the operator disabled it'],
  ],
])('%s', (_, models, state, wanted) => {
  const whole: ModelState = { schema: 1, promoted: {}, canary: {}, disabled: [], ...state };
  const found = models.map((m) => modeOf(m, models, whole));
  expect(found.map(({ mode, why }) => `${mode}: ${why}`)).toEqual(wanted);
});

test('a damaged file of decisions is a fault: no decision is guessed', async () => {
  writeFileSync(join(folder, 'models.json'), '{"schema": 1, "promoted": {}');
  await expect(modes()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
