import { readPart10 } from '../../server/dicom/read.ts';
import { infer } from '../../server/infer/infer.ts';
import { loadModel, type Model } from '../../server/models/load.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';
import { instance, mrSeries } from '../helpers/series.ts';

const series = (...said: readonly (string | undefined)[]) =>
  mrSeries({ frames: said.length }).map(({ dataset }, i) =>
    instance({ dataset: { ...dataset, BurnedInAnnotation: said[i] }, pixels: new Uint16Array(15) }),
  );

test.each([
  ['YES', ['NO', 'YES', undefined]],
  ['NO', ['NO', 'NO']],
  ['unknown', ['NO', undefined]],
  ['unknown', ['no']],
])('a series is %s when its images say %j (PS3.3 C.7.6.1)', async (expected, said) => {
  const volume = await assembleVolume(series(...said));
  expect(volume.burnedIn).toBe(expected);
  expect(volume.notes?.burnedInAnnotation).toBe(
    expected === 'YES' ? 'YES: text may be part of the image' : undefined,
  );
});

describeWithKit('an image of the kit that says YES', () => {
  const read = () => assembleVolume([readPart10(kitBytes('E_hostile', 'synthetic', 'burned_in_yes.dcm'))]);
  const model = async (burnedIn?: 'refuse'): Promise<Model> => {
    const loaded = await loadModel('models/chest-xr-pneumonia', []);
    const accepts = { ...loaded.spec.accepts, ...(burnedIn ? { burnedIn } : {}) };
    return { ...loaded, spec: { ...loaded.spec, accepts } as Model['spec'] };
  };

  test('is noted among the parameters of the result', async () => {
    const { parameters } = await infer(await model(), await read(), { threads: 1 });
    expect(parameters.burnedInAnnotation).toBe('YES: text may be part of the image');
  });

  test('is refused where the package says so', async () => {
    await expect(infer(await model('refuse'), await read(), { threads: 1 })).rejects.toMatchObject({
      code: 'MODEL_REFUSES_SERIES',
      detail: 'the images say that text is burned into their pixels',
    });
  });
});
