import { readdirSync } from 'node:fs';
import { readPart10 } from '../../server/dicom/read.ts';
import { StudyInstanceUID } from '../../server/dicom/uid.ts';
import { encode } from '../../server/encode/index.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitBytes, kitPath } from '../helpers/kit.ts';
import { disagreementsOf, errorsOf } from '../helpers/validators.ts';
import { chestCase } from './fixtures.ts';

/** Real headers: what they leave out and what they write against their VR. */
describeWithKit('results over the radiographs of the kit', () => {
  const FOLDER = ['B_chest_xray', 'dicom'] as const;

  test('each is clean in dciodvfy and dcentvfy', async () => {
    const { job, prediction, explanation } = chestCase();
    const found: Record<string, readonly string[]> = {};
    for (const name of readdirSync(kitPath(...FOLDER))) {
      const source = kitBytes(...FOLDER, name);
      const volume = await assembleVolume([readPart10(source)]);
      const study = StudyInstanceUID.parse(volume.header.StudyInstanceUID);
      const arrived = {
        ...job.arrived,
        StudyInstanceUID: study,
        SeriesInstanceUID: volume.SeriesInstanceUID,
      };
      const files = encode({ job: { ...job, arrived }, volume, prediction, explanation }).map((o) => o.bytes);
      const problems = [...files.flatMap(errorsOf), ...disagreementsOf([source, ...files])];
      if (problems.length > 0) found[name] = problems;
    }
    expect(found).toEqual({});
  }, 120_000);
});
