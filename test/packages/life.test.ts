import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installed } from '../../server/models/installed.ts';
import { installed } from '../../server/models/installed.ts';
import { decisionsIn } from '../../server/models/state.ts';
import { addPackage, disable, enable, promote, type Store } from '../../server/packages/life.ts';
import { accept } from '../helpers/accepted.ts';

let folder: string;
let places: Store;
const decided = () => join(folder, 'data', 'models.json');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-life-'));
  const store = join(folder, 'data', 'models');
  places = { store, path: `${join(folder, 'box')}:${store}`, decisions: decisionsIn(decided()) };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The CT model as another version, in a folder of that name. */
async function version(number: string, where = 'given', accepted = true): Promise<string> {
  const made = join(folder, where, number);
  cpSync('models/ct-body-basics', made, { recursive: true });
  const yaml = join(made, 'model.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace(/^version: .*$/m, `version: ${number}`));
  if (accepted) await accept(made);
  return made;
}
const saying = (models: readonly Installed[]) => models.map((m) => `${m.identity.version} ${m.mode}`);
const all = async () => saying((await installed(places)).models);

test('a version is added in shadow, promoted, and rolled back; one of them is clinical at any time', async () => {
  await version('1.0.0', 'box');
  expect(await all()).toEqual(['1.0.0 clinical']);
  await addPackage(await version('2.0.0'), places);
  expect(await all()).toEqual(['1.0.0 clinical', '2.0.0 shadow']);
  await promote('ct-body-basics@2.0.0', places);
  expect(await all()).toEqual(['1.0.0 shadow', '2.0.0 clinical']);
  await promote('ct-body-basics@1.0.0', places);
  expect(await all()).toEqual(['1.0.0 clinical', '2.0.0 shadow']);
});

test('a version may have a share of studies beside the one that was promoted, until one is promoted alone', async () => {
  await version('1.0.0', 'box');
  await addPackage(await version('2.0.0'), places);
  expect(saying(await promote('ct-body-basics@2.0.0', places, 10))).toEqual([
    '1.0.0 clinical',
    '2.0.0 canary',
  ]);
  const [, tried] = (await installed(places)).models;
  expect(tried).toMatchObject({ share: 10, why: expect.stringContaining('it answers 10 in 100 studies') });
  await promote('ct-body-basics@2.0.0', places, 30);
  expect((await installed(places)).models[1]).toMatchObject({ mode: 'canary', share: 30 });
  await disable('ct-body-basics@2.0.0', places);
  expect(await all()).toEqual(['1.0.0 clinical', '2.0.0 disabled']);
  await enable('ct-body-basics@2.0.0', places);
  expect(await all()).toEqual(['1.0.0 clinical', '2.0.0 canary']);
  await promote('ct-body-basics@2.0.0', places);
  expect(await all()).toEqual(['1.0.0 shadow', '2.0.0 clinical']);
  await promote('ct-body-basics@1.0.0', places, 50);
  await promote('ct-body-basics@2.0.0', places);
  expect(await all()).toEqual(['1.0.0 shadow', '2.0.0 clinical']);
});

test('the first version of a model is not clinical before someone promotes it', async () => {
  expect(saying(await addPackage(await version('1.0.0'), places))).toEqual(['1.0.0 shadow']);
  expect(saying(await promote('ct-body-basics@1.0.0', places))).toEqual(['1.0.0 clinical']);
});

test('a disabled version does not run; enabled, it is what it was', async () => {
  await version('1.0.0', 'box');
  await addPackage(await version('2.0.0'), places);
  expect(saying(await disable('ct-body-basics', places))).toEqual(['1.0.0 disabled', '2.0.0 disabled']);
  await enable('ct-body-basics@1.0.0', places);
  expect(await all()).toEqual(['1.0.0 clinical', '2.0.0 disabled']);
  await expect(promote('ct-body-basics@2.0.0', places)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    detail: expect.stringContaining('enable it first'),
  });
});

test('without an acceptance nothing is promoted; checked where it came from and added again, it is', async () => {
  const given = await version('3.0.0', 'given', false);
  await addPackage(given, places);
  await expect(promote('ct-body-basics@3.0.0', places)).rejects.toMatchObject({
    code: 'MODEL_NOT_ACCEPTED',
    detail: expect.stringMatching(
      `a file changed after it was checked: run pellucid model check \\(the package is in ${join(places.store, 'ct-body-basics@3.0.0')}\\)$`,
    ),
  });
  await expect(addPackage(given, places)).rejects.toMatchObject({
    code: 'MODEL_NOT_ACCEPTED',
    detail: expect.stringContaining(
      `ct-body-basics@3.0.0 is installed already, and of ${given}: a file changed`,
    ),
  });
  expect(await all()).toEqual(['3.0.0 shadow']);
  await accept(given);
  expect(saying(await addPackage(given, places))).toEqual(['3.0.0 shadow']);
  expect(saying(await promote('ct-body-basics@3.0.0', places))).toEqual(['3.0.0 clinical']);
});

test('what is added is whole: its ONNX file comes along from where it was', async () => {
  const given = await version('1.0.0', 'given', false);
  mkdirSync(join(folder, 'box'));
  cpSync(join(given, 'model.onnx'), join(folder, 'box', 'model.onnx'));
  rmSync(join(given, 'model.onnx'));
  await accept(given, [join(folder, 'box')]);
  await addPackage(given, places);
  rmSync(join(folder, 'box'), { recursive: true });
  rmSync(given, { recursive: true });
  const [model] = (await installed(places)).models;
  expect(model).toMatchObject({ mode: 'shadow', why: 'it was not promoted yet' });
});

test.each([
  [
    'other files under a version that is there',
    async () => {
      const again = await version('1.0.0', 'again');
      writeFileSync(join(again, 'more.txt'), 'more');
      return addPackage(again, places);
    },
    'installed already with other files',
  ],
  ['a model that is none', () => disable('nothing', places), 'there are ct-body-basics@1.0.0'],
  [
    'a share without another version for the rest',
    () => promote('ct-body-basics@1.0.0', places, 10),
    'no other clinical version for the other studies',
  ],
  ['a share of all', () => promote('ct-body-basics@1.0.0', places, 100), 'from 1 to 99'],
  ['half a share', () => promote('ct-body-basics@1.0.0', places, Number('a tenth')), 'from 1 to 99'],
  ['no version', () => promote('ct-body-basics', places), 'say the version too'],
])('%s is refused, and nothing changes', async (_, act, words) => {
  await version('1.0.0', 'box');
  await expect(act()).rejects.toMatchObject({ detail: expect.stringContaining(words) });
  expect(await all()).toEqual(['1.0.0 clinical']);
  expect(existsSync(decided())).toBe(false);
});

test('a package that is wrong is not added', async () => {
  const given = await version('1.0.0');
  writeFileSync(join(given, 'model.yaml'), 'nonsense');
  await expect(addPackage(given, places)).rejects.toMatchObject({ code: 'MODEL_PACKAGE_INVALID' });
  expect(existsSync(places.store)).toBe(false);
});
