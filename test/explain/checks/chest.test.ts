import { readFileSync } from 'node:fs';
import type { Volume } from '../../../server/contracts.ts';
import { checkImage } from '../../../server/explain/checks/image.ts';
import { openSubject } from '../../../server/explain/onnx-subject.ts';
import { pictureFor } from '../../../server/infer/picture.ts';
import { loadModel, type Model } from '../../../server/models/load.ts';
import { onnxRuntime } from '../../../server/onnx-runtime.ts';
import { assembleVolume } from '../../../server/retrieve/volume.ts';
import { describeWithKit, kitSeries } from '../../helpers/kit.ts';

/** What the checks of the chest model in the box say of images that it is for, and of others. On the whole test split: docs/elements.md. */

let model: Model;
let bytes: Uint8Array;
beforeAll(async () => {
  model = await loadModel('models/chest-xr-pneumonia', []);
  bytes = new Uint8Array(readFileSync(model.onnxPath));
});

/** Names of the checks that fail. */
async function failedOf(volume: Volume): Promise<readonly string[]> {
  const { spec } = model;
  if (spec.kind !== 'classification') throw new Error('no classification');
  const { image } = pictureFor(volume, spec.input);
  const { ofImage } = await checkImage(
    { ...model, spec },
    {
      volume,
      input: image,
      open: (layer) =>
        openSubject(bytes, {
          runtime: onnxRuntime(),
          inputDims: image.dims,
          of: spec.output.logits,
          target: 0,
          layer,
        }),
    },
  );
  expect(ofImage.map(({ name }) => name)).toContain('texture');
  return ofImage.filter(({ state }) => state === 'failed').map(({ name }) => name);
}

const named = async (part: string): Promise<readonly Volume[]> =>
  Promise.all(
    kitSeries('B_chest_xray', 'dicom')
      .filter(({ dataset }) => String(dataset.DerivationDescription).includes(part))
      .map((instance) => assembleVolume([instance])),
  );
/** Each pixel from another place of the image, which is square. */
const moved = (volume: Volume, from: (row: number, column: number, last: number) => number): Volume => {
  const edge = volume.shape[1];
  const at = (i: number): number => from(Math.floor(i / edge), i % edge, edge - 1);
  return { ...volume, data: volume.data.map((_, i) => volume.data[at(i)] as number) };
};

describeWithKit('the checks of the chest model', () => {
  test('pass on radiographs of children like those it was made with, but one in twenty', async () => {
    const volumes = await named('Kermany');
    const failed = await Promise.all(volumes.map(failedOf));
    expect(volumes.length).toBeGreaterThanOrEqual(15);
    expect(failed.filter((names) => names.length > 0).length).toBeLessThanOrEqual(1);
  }, 60_000);

  test('flag an adult of another hospital, by fine detail', async () => {
    const [adult] = (await named('NIH')) as [Volume];
    expect(await failedOf(adult)).toContain('texture');
  });

  test.each<[string, (row: number, column: number, last: number) => number]>([
    ['turned by 90°', (row, column, last) => (last - column) * (last + 1) + row],
    ['turned by 180°', (row, column, last) => (last - row) * (last + 1) + last - column],
  ])('flag a radiograph that is %s', async (_, from) => {
    const [volume] = (await named('person111_bacteria_534')) as [Volume];
    expect(volume.shape[1]).toBe(volume.shape[2]);
    expect(await failedOf(volume)).toEqual([]);
    expect(await failedOf(moved(volume, from))).toContain('features');
  });

  test('flag an inverted radiograph', async () => {
    const [volume] = (await named('person111_bacteria_534')) as [Volume];
    expect(await failedOf({ ...volume, inverted: !volume.inverted })).toContain('features');
  });

  test('flag a CT slice, whatever its window', async () => {
    const slice = kitSeries('C_ct', 'dicom_chest_lung')[30];
    if (!slice) throw new Error('no slice');
    const volume = await assembleVolume([slice]);
    expect(await failedOf(volume)).toEqual(expect.arrayContaining(['features', 'layout', 'greys']));
  });
});
