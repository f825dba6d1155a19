import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routeCommand } from '../../server/cli/route.ts';
import { here } from '../helpers/command.ts';
import { segmentation } from '../helpers/instances.ts';
import { radiograph } from '../helpers/radiograph.ts';

/** `pellucid route` where it needs no server. */

const folder = mkdtempSync(join(tmpdir(), 'pellucid-route-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const route = (settings: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  here(routeCommand, { DATA_DIR: join(folder, 'data'), ...settings }, args);
const rulesOf = (...rules: readonly object[]): string =>
  JSON.stringify({
    schema: 1,
    rules: rules.map((r, i) => ({ name: `r${i}`, when: { Modality: { equals: 'CR' } }, ...r })),
  });

describe('route check', () => {
  test('a file that names what is not there is refused, all of it at once', async () => {
    const path = file('bad.yaml', rulesOf({ run: ['nothing-like-it'] }, { copy: { to: 'nowhere' } }));
    const { fault } = await route({}, 'check', path);
    expect(fault?.code).toBe('RULES_INVALID');
    expect(fault?.detail).toContain('r0 chooses nothing-like-it, which is not installed.');
    expect(fault?.detail).toContain('r1 copies to nowhere, which COPY_TARGETS does not name.');
  });

  test('what is there passes', async () => {
    const path = file('good.yaml', rulesOf({ run: ['chest-xr-pneumonia'] }));
    expect(await route({}, 'check', path)).toMatchObject({
      fault: undefined,
      stdout: '1 rules, well formed; what they name is there.\n',
    });
  });
});

describe('route test of files', () => {
  const images = join(folder, 'images');
  beforeAll(() => {
    mkdirSync(join(images, 'IMG'), { recursive: true });
    const CT = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SeriesDescription: 'Thorax' };
    for (const n of [1, 2])
      file(
        `images/IMG/0000000${n}`,
        radiograph({ study: '1.2.3', Modality: 'CT', attributes: { ...CT, SOPInstanceUID: `1.2.3.1.${n}` } }),
      );
    file('images/a.dcm', radiograph({ study: '1.2.4' }));
    file(
      'images/result',
      segmentation({ StudyInstanceUID: '1.2.4', SeriesInstanceUID: '1.2.4.9', SOPInstanceUID: '1.2.4.9.1' }),
    );
    file('images/notes.txt', 'no DICOM');
  });

  test('every file that is DICOM is read, whatever its name, study by study; results are left out', async () => {
    const { stdout } = await route({}, 'test', images, '--json');
    const told = JSON.parse(stdout) as readonly {
      SeriesInstanceUID: string;
      decisions: readonly { why: string }[];
    }[];
    expect(told.map((t) => t.SeriesInstanceUID).sort()).toEqual(['1.2.3.1', '1.2.4.1']);
    expect(stdout).toContain('the series has 2 images');
  });

  test('of one file its series is not counted', async () => {
    const { stdout } = await route({}, 'test', join(images, 'IMG', '00000001'));
    expect(stdout).toContain('One image does not say how many its series has');
    expect(stdout).not.toContain('the series has');
  });

  test('a folder without DICOM is refused', async () => {
    mkdirSync(join(folder, 'empty'));
    expect((await route({}, 'test', join(folder, 'empty'))).fault).toMatchObject({
      code: 'REQUEST_INVALID',
      detail: expect.stringContaining('holds no DICOM image'),
    });
  });
});
