import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPart10 } from '../../server/dicom/read.ts';
import { explain } from '../../server/explain/explain.ts';
import { infer } from '../../server/infer/infer.ts';
import { loadModel } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { newPackage } from '../../server/packages/new.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { ANSWERS, answering } from './answers.ts';

jest.setTimeout(120_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pellucid-kit-models-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWithKit('two models of others, packaged by questions alone, run with explanations', () => {
  test.each([
    [
      'channels first, softmax',
      ['B_chest_xray', 'models', 'tm_pneumonia_mobilenetv2.onnx'],
      { window: 'exact' },
      ['B_chest_xray', 'dicom', 'kermany_test_PNEUMONIA_person50_virus_102.dcm'],
    ],
    [
      'channels last, softmax',
      ['D_other', 'models', 'brain_tumor_2d_nhwc.onnx'],
      {
        modality: 'MR',
        sopClass: '',
        bodyPart: 'HEAD',
        window: 'full',
        mean: '0',
        std: '1',
        label1: 'Brain tumour',
        type1: 'neoplasm',
        site1: 'brain',
      },
      ['A_brain_mri', 'dicom', 'vs_seg_001', '1-060.dcm'],
    ],
  ])('%s', async (name, onnx, answers, image) => {
    const into = join(folder, name.replaceAll(/\W/g, ''));
    await newPackage(kitPath(...onnx), into, answering({ ...ANSWERS, ...answers }));
    const model = await loadModel(into, []);
    const volume = await assembleVolume([readPart10(new Uint8Array(readFileSync(kitPath(...image))))]);
    const prediction = await infer(model, volume, { threads: 2 });
    const engine = { runtime: onnxRuntime(), cacheFolder: join(folder, 'gradients') };
    const { findings, maps } = await explain(model, { volume, prediction }, engine);
    expect(prediction.findings).toMatchObject([{ kind: 'classification', score: expect.any(Number) }]);
    expect(maps.length).toBeGreaterThan(0);
    expect(findings[0]?.elements).toMatchObject({
      localization: { state: 'given' },
      physicalAttribution: { state: 'given' },
      modelTransparency: { state: 'given' },
      actionability: { state: 'given' },
    });
  });
});
