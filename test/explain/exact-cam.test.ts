import type { Prediction, Volume } from '../../server/contracts.ts';
import { explainByExactCam } from '../../server/explain/exact-cam.ts';
import type { ClassificationSpec } from '../../server/models/schema.ts';

/** A 2 × 2 map on a 4 × 8 image: cells 4, 2, 0, −2; mean 1, constant 0.5, so logit 1.5. */
const CAM = [4, 2, 0, -2];
const spec = {
  output: { cam: 'cam', camBias: 0.5, label: { label: 'Pneumonia' } },
} as unknown as ClassificationSpec;
const volume = {
  shape: [1, 4, 8],
  PixelSpacing: null,
  header: { PatientOrientation: ['L', 'F'] },
} as unknown as Volume;

const prediction = (cam: readonly number[], logit: number, threshold = 0.3): Prediction => {
  const score = 1 / (1 + Math.exp(-logit));
  const finding = {
    kind: 'classification',
    label: spec.output.label,
    score,
    logit,
    threshold,
    positive: score >= threshold,
    calibrated: false,
  };
  return {
    findings: [finding],
    taps: { cam: { dims: [1, 1, 2, 2], data: Float32Array.from(cam) } },
  } as unknown as Prediction;
};

test('the strongest connected cells make region A, with its exact share of the logit (by hand)', () => {
  const { findings } = explainByExactCam(spec, volume, prediction(CAM, 1.5));
  // Half of the maximum is 2: cells 4 and 2, the upper row; share (4 + 2) / 4 = 1.5; left over: sigmoid(0) = 0.5.
  expect(findings[0]?.regions[0]).toMatchObject({ name: 'A', left: 0, right: 8, top: 0, bottom: 2 });
  const [gap, share, without] = findings[0]?.measures.map((m) => m.value) ?? [];
  expect(gap).toBe(0);
  expect(share).toBe(1.5);
  expect(without).toBe(0.5);
});

test('a map that does not add up to the logit stops the result', () => {
  expect(() => explainByExactCam(spec, volume, prediction(CAM, 1.51))).toThrow('EXPLANATION_UNFAITHFUL');
  expect(() => explainByExactCam(spec, volume, prediction(CAM, Number.NaN))).toThrow(
    'EXPLANATION_UNFAITHFUL',
  );
});

test('image left is the patient’s right when the rows run to the left', () => {
  const { findings } = explainByExactCam(spec, volume, prediction([4, 0, 0, 0], 1.5));
  expect(findings[0]?.sentence).toBe('The model sees signs of pneumonia, mainly in the right upper zone.');
  const unknown = { ...volume, header: {} } as Volume;
  expect(explainByExactCam(spec, unknown, prediction([4, 0, 0, 0], 1.5)).findings[0]?.sentence).toContain(
    'left upper part of the image',
  );
});

test('a negative result says what it is and does not rule out', () => {
  const { findings } = explainByExactCam(spec, volume, prediction(CAM, 1.5, 0.9));
  expect(findings[0]?.sentence).toBe('The model sees no sign of pneumonia. It does not rule it out.');
  expect(findings[0]?.elements.actionability).toMatchObject({
    sentence: 'The score is 0.08 below the threshold of 0.90.',
  });
});

test('a map without a positive cell has no region, and says why', () => {
  const { findings } = explainByExactCam(spec, volume, prediction([-1, -1, -1, -1], -0.5));
  expect(findings[0]?.regions).toEqual([]);
  expect(findings[0]?.elements.localization).toEqual({
    state: 'absent',
    reason: 'no cell of the map speaks for the finding',
  });
});
