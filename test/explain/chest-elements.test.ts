import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassificationFinding, Prediction } from '../../server/contracts.ts';
import { readPart10 } from '../../server/dicom/read.ts';
import { explain } from '../../server/explain/explain.ts';
import type { Explanation } from '../../server/explanation.ts';
import { infer } from '../../server/infer/infer.ts';
import { loadModel } from '../../server/models/load.ts';
import { onnxRuntime } from '../../server/onnx-runtime.ts';
import { assembleVolume } from '../../server/retrieve/volume.ts';
import { describeWithKit, kitBytes } from '../helpers/kit.ts';

jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'pellucid-elements-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(file: string): Promise<{ prediction: Prediction; explanation: Explanation }> {
  const model = await loadModel('models/chest-xr-pneumonia', []);
  const volume = await assembleVolume([readPart10(kitBytes('B_chest_xray', 'dicom', file))]);
  const prediction = await infer(model, volume, { threads: 2 });
  const engine = { runtime: onnxRuntime({ intraOpNumThreads: 2 }), cacheFolder: join(folder, 'gradients') };
  return { prediction, explanation: await explain(model, { volume, prediction }, engine) };
}

describeWithKit('the five elements of the chest model', () => {
  test('a pneumonia: all given, and the shares add up to the score within 1e-4', async () => {
    const { prediction, explanation } = await run('kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');
    const { score, probability = Number.NaN } = prediction.findings[0] as ClassificationFinding;
    const [found] = explanation.findings;
    expect(Object.values(found?.elements ?? {}).map(({ state }) => state)).toEqual(Array(5).fill('given'));
    const values = found?.measures ?? [];
    const shares = values.filter(
      ({ name }) => name.startsWith('Shapley value') || name === 'Logit with everything hidden',
    );
    const logit = Math.log(score / (1 - score));
    expect(shares.length).toBeGreaterThanOrEqual(3);
    expect(Math.abs(shares.reduce((sum, { value }) => sum + value, 0) - logit)).toBeLessThan(1e-4);
    expect(found?.elements).toMatchObject({
      localization: {
        sentence: expect.stringMatching(
          /^The strongest evidence lies in the .* zone \(A\)\. In 8 of 10 positives .* so the place tells little\.$/,
        ),
      },
      visualRecognizability: {
        sentence: expect.stringMatching(/ Known images most like this one: (.+ \(case-\d{3}\)(, )?){3}\.$/),
      },
      actionability: {
        sentence: expect.stringContaining(
          `Its calibrated probability is ${Math.round(100 * probability)} %.`,
        ),
        method: expect.stringContaining('next step by PIDS and IDSA guideline'),
      },
    });
    expect(found?.nextStep).toMatchObject({
      text: expect.stringMatching(/^If pneumonia is confirmed: .* within 48 to 72 hours of antibiotics\.$/),
      source: expect.stringContaining('doi:10.1093/cid/cir531'),
    });
  });

  test('an adult: the decision stands, the advice against it is first, and no probability is said', async () => {
    const { explanation } = await run('nih_00000001_000.dcm');
    const [found] = explanation.findings;
    expect(found?.sentence).toMatch(/^The model sees (signs of|no sign of) pneumonia/);
    const { actionability } = found?.elements ?? {};
    expect(actionability).toMatchObject({
      sentence: expect.stringMatching(
        /^Do not rely on this result; read without it\. Its fine detail is unlike/,
      ),
    });
    expect(JSON.stringify(actionability)).not.toContain('probability');
  });
});
