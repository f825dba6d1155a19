import express from 'express';
import { findStudies } from '../../server/wiring/find-studies.ts';
import { listen } from '../show/listening.ts';

const study = (uid: string, date: string, patient: string, accession: string) => ({
  '0020000D': { vr: 'UI', Value: [uid] },
  '00080020': { vr: 'DA', Value: [date] },
  '00080061': { vr: 'CS', Value: ['CT', 'SEG'] },
  '00100020': { vr: 'LO', Value: [patient] },
  '00080050': { vr: 'SH', Value: [accession] },
});
const ALL = [
  study('1.2.1', '20260101', 'P 1/2', 'A1'),
  study('1.2.2', '20260202', 'p 1/2', 'P 1/2'),
  study('1.2.3', '20260303', 'P2', 'A3'),
];

test('studies by accession number or patient ID, each once, the newest first; also of a server that answers with all', async () => {
  const asked: string[] = [];
  const site = await listen(
    express().get('/dicom-web/studies', ({ query }, response) => {
      asked.push(`${query.AccessionNumber ?? ''}|${query.PatientID ?? ''}`);
      response.type('application/dicom+json').send(JSON.stringify(ALL));
    }),
  );
  const found = await findStudies({ url: site.url }, '/dicom-web', 'P 1/2');
  await site.close();
  expect(asked).toEqual(['P 1/2|', '|P 1/2']);
  expect(found).toEqual([
    { StudyInstanceUID: '1.2.2', by: 'accession number', StudyDate: '20260202', modalities: 'CT, SEG' },
    { StudyInstanceUID: '1.2.1', by: 'patient ID', StudyDate: '20260101', modalities: 'CT, SEG' },
  ]);
});
