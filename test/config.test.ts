import { furtherTargets, loadConfig } from '../server/config.ts';

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
