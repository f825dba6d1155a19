import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadModels } from '../../server/models/load.ts';
import { ModelSpec } from '../../server/models/schema.ts';
import { route } from '../../server/route/route.ts';

const models = readdirSync('models').map((id) =>
  ModelSpec.parse(parse(readFileSync(`models/${id}/model.yaml`, 'utf8'))),
);

interface SeriesFacts {
  readonly SOPClassUIDs: readonly string[];
  readonly instances: number;
  readonly Modality: string;
  readonly BodyPartExamined: string | undefined;
  readonly SeriesDescription: string;
  readonly ProtocolName: string;
}

const decide = ({ SOPClassUIDs = [], instances = 1, ...said }: Partial<SeriesFacts>) => {
  const values = Object.entries(said).flatMap(([keyword, value]) => (value ? [[keyword, [value]]] : []));
  const attributes = {
    ...Object.fromEntries(values),
    SOPClassUID: SOPClassUIDs,
    NumberOfSeriesRelatedInstances: [String(instances)],
  };
  return Object.fromEntries(
    route(attributes, models).map(({ modelId, run, why }) => [modelId, { run, why }]),
  );
};

const CR = { Modality: 'CR', SOPClassUIDs: ['1.2.840.10008.5.1.4.1.1.1'], BodyPartExamined: 'CHEST' };
const MR = {
  Modality: 'MR',
  SOPClassUIDs: ['1.2.840.10008.5.1.4.1.1.4'],
  SeriesDescription: 'anat-T1w',
  instances: 192,
};

test.each<[string, Partial<SeriesFacts>, string, boolean, string]>([
  ['a chest radiograph', CR, 'chest-xr-pneumonia', true, 'Modality CR, BodyPartExamined CHEST, 1 image'],
  [
    'small letters',
    { ...CR, BodyPartExamined: 'Chest' },
    'chest-xr-pneumonia',
    true,
    'Modality CR, BodyPartExamined Chest, 1 image',
  ],
  [
    'a hand',
    { ...CR, BodyPartExamined: 'HAND' },
    'chest-xr-pneumonia',
    false,
    'BodyPartExamined is HAND, the model reads CHEST',
  ],
  [
    'no body part',
    { ...CR, BodyPartExamined: undefined },
    'chest-xr-pneumonia',
    false,
    'BodyPartExamined is absent',
  ],
  [
    'a CT',
    { ...CR, Modality: 'CT', instances: 60 },
    'chest-xr-pneumonia',
    false,
    'Modality is CT, the model reads CR or DX',
  ],
  [
    'two images',
    { ...CR, instances: 2 },
    'chest-xr-pneumonia',
    false,
    'the series has 2 images, the model reads 1',
  ],
  [
    'a mixed series',
    { ...CR, SOPClassUIDs: [...CR.SOPClassUIDs, '1.2.3'] },
    'chest-xr-pneumonia',
    false,
    'SOPClassUID 1.2.3 is not one that the model reads',
  ],
  ['no modality', {}, 'chest-xr-pneumonia', false, 'Modality is absent, the model reads CR or DX'],
  [
    'a T1 head',
    MR,
    'head-mr-structures',
    true,
    'Modality MR, BodyPartExamined absent (accepted), 192 images',
  ],
  [
    'a T2 head',
    { ...MR, SeriesDescription: 't2_tse', ProtocolName: 'x' },
    'head-mr-structures',
    false,
    'neither SeriesDescription nor ProtocolName holds one of: t1, mpr, bravo, spgr',
  ],
  [
    'a localizer',
    { ...MR, instances: 3 },
    'head-mr-structures',
    false,
    'the series has 3 images, the model reads 64 to 1024',
  ],
])('%s', (_, facts, model, run, why) => {
  expect(decide(facts)[model]).toEqual({ run, why });
});

test('the packages in the box load', async () => {
  const { ready, refused } = await loadModels('models');
  expect(ready.map((m) => m.identity.id).sort()).toEqual([
    'chest-xr-pneumonia',
    'ct-body-basics',
    'head-mr-structures',
  ]);
  expect(refused).toEqual([]);
  expect(ready.map((m) => m.notAccepted)).toEqual([undefined, undefined, undefined]);
});
