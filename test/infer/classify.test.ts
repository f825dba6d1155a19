import { readFileSync } from 'node:fs';
import { readPart10 } from '../../server/dicom/read.ts';
import { exactCam } from '../../server/explain/methods/exact-cam.ts';
import { openSubject } from '../../server/explain/onnx-subject.ts';
import { infer } from '../../server/infer/infer.ts';
import { loadModel } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitBytes, kitJson, kitPath } from '../helpers/kit.ts';

interface Expected {
  readonly file: string;
  readonly prob: number;
  readonly logit: number;
  readonly cam_max: number;
  readonly cam_argmax_row_col: readonly [number, number];
}

describeWithKit('the chest model on the radiographs of the kit', () => {
  const rows = () => kitJson('B_chest_xray', 'expected_cxr_pneumonia_cam.json') as readonly Expected[];

  test('every file: probability within 1e-3, map and its peak as PyTorch gave them, map sums to the logit', async () => {
    const model = await loadModel('test/fixtures/models/chest-kit', [kitPath('B_chest_xray', 'models')]);
    const subject = await openSubject(new Uint8Array(readFileSync(model.onnxPath)), {
      runtime: onnxRuntime(),
      inputDims: [1, 1, 224, 224],
      of: 'logit',
      target: 0,
    });
    for (const expected of rows()) {
      const volume = await assembleVolume([readPart10(kitBytes('B_chest_xray', 'dicom', expected.file))]);
      const prediction = await infer(model, volume, { threads: 2 });
      const [finding] = prediction.findings;
      if (finding?.kind !== 'classification') throw new Error('not a classification');
      expect(Math.abs(finding.score - expected.prob)).toBeLessThan(1e-3);

      const input = prediction.input?.data as Float32Array;
      const map = await exactCam(subject, input, new Float32Array(input.length));
      // The map's cells add up to the logit; the kit's have it as their mean.
      const cam = map.data.map((share) => share * 196);
      const peak = cam.indexOf(Math.max(...cam));
      expect([Math.floor(peak / 14), peak % 14]).toEqual(expected.cam_argmax_row_col);
      expect(cam[peak]).toBeCloseTo(expected.cam_max, 3);
      expect(map.data.reduce((a, b) => a + b, map.bias)).toBeCloseTo(expected.logit, 3);
      expect(map.completenessGap).toBeLessThan(1e-4);
    }
    await subject.close();
    expect(rows().length).toBeGreaterThanOrEqual(16);
  }, 30_000);

  test('MONOCHROME1 gives the score of the same picture stored as MONOCHROME2', async () => {
    const model = await loadModel('models/chest-xr-pneumonia', []);
    const plain = readPart10(
      kitBytes('B_chest_xray', 'dicom', 'kermany_test_PNEUMONIA_person63_virus_121.dcm'),
    );
    const negative = {
      ...plain,
      dataset: { ...plain.dataset, PhotometricInterpretation: 'MONOCHROME1' },
      pixels: [(plain.pixels[0] as Uint8Array).map((v) => 255 - v)],
    };
    const scores = await Promise.all(
      [plain, negative].map(
        async (p) => (await infer(model, await assembleVolume([p]), { threads: 1 })).findings[0],
      ),
    );
    expect(scores[1]).toEqual(scores[0]);
  });
});
