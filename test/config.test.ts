import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, SECRETS } from '../server/config.ts';
import { copyTargets, furtherTargets } from '../server/places.ts';

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

const KEPT = 'kept by nobody but the administrators';
test.each([
  ['without a secret', { COPY_TARGETS: 'research=folder:/srv/copies' }, /at least 32 characters/],
  ['to a modality', { COPY_TARGETS: 'research=modality:PACS', COPY_SECRET: KEPT }, /COPY_TARGETS/],
  ['without a name', { COPY_TARGETS: 'folder:/srv/copies', COPY_SECRET: KEPT }, /COPY_TARGETS/],
  [
    'to the archive of the originals, by another of its names',
    { COPY_TARGETS: 'research=dicomweb:http://localhost:8042/dicom-web', COPY_SECRET: KEPT },
    /research is the archive of the originals/,
  ],
])('copies without identity %s are CONFIG_INVALID', (_, env, says) => {
  expect(() => loadConfig(env)).toThrow(says);
});

test('COPY_TARGETS names DICOMweb roots and folders', () => {
  const COPY_TARGETS = 'research=dicomweb:https://research.example/dicom-web, teaching=folder:/srv/copies';
  expect([...copyTargets(loadConfig({ COPY_TARGETS, COPY_SECRET: KEPT }))]).toEqual([
    ['research', { kind: 'dicomweb', archive: { url: 'https://research.example' }, path: '/dicom-web' }],
    ['teaching', { kind: 'folder', folder: '/srv/copies' }],
  ]);
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
