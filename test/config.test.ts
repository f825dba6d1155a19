import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { furtherTargets, loadConfig, SECRETS } from '../server/config.ts';

test('STORE_ALSO names DICOMweb roots, modalities and folders', () => {
  const config = loadConfig({
    STORE_ALSO: 'dicomweb:https://pacs.example/dicom-web/, modality:PACS, folder:/srv/results',
  });
  expect(furtherTargets(config)).toEqual([
    { kind: 'dicomweb', archive: { url: 'https://pacs.example' }, path: '/dicom-web' },
    { kind: 'modality', orthanc: { url: 'http://127.0.0.1:8042' }, modality: 'PACS' },
    { kind: 'folder', folder: '/srv/results' },
  ]);
});

test.each([
  ['STORE_ALSO', 'ftp:there'],
  ['ALSO_WRITE', 'KOS,JPEG'],
])('%s: %s is CONFIG_INVALID', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow('CONFIG_INVALID');
});

test('what a site writes beside: key images by default, nothing on request', () => {
  expect(loadConfig({}).ALSO_WRITE).toEqual(['KOS']);
  expect(loadConfig({ ALSO_WRITE: 'none' }).ALSO_WRITE).toEqual([]);
  expect(furtherTargets(loadConfig({}))).toEqual([]);
});

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-config-'));
  const file = join(folder, 'secret');
  writeFileSync(file, 'of the file\n');
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(SECRETS)('%s_FILE stands for what its file holds', (name) => {
    const text = name === 'ALERT_SMTP' ? 'smtp://x' : 'of the file';
    writeFileSync(file, `${text}\n`);
    expect(loadConfig({ [`${name}_FILE`]: file })[name]).toBe(text);
  });

  test('a secret is not said twice, nor looked for where it is not; every mistake is told', () => {
    expect(() =>
      loadConfig({ HOOK_SECRET: 'a', HOOK_SECRET_FILE: file, DATABASE_URL_FILE: '/nowhere/x', PORT: 'x' }),
    ).toThrow(/\/nowhere\/x cannot be read[\s\S]*HOOK_SECRET and HOOK_SECRET_FILE are both set[\s\S]*PORT/);
  });
});
