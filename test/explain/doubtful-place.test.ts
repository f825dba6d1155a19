import type { ClassificationFinding, Volume } from '../../server/contracts.ts';
import { type Case, elementsOf, sentenceOf } from '../../server/explain/classification-words.ts';
import { METHOD_FACTS } from '../../server/explain/methods/facts.ts';
import type { StudyCheck } from '../../server/explanation.ts';

/** What is said of a place when a check remarks on it. */

const curve = (area: number) => ({ area, points: [] });
const of = (...checks: readonly StudyCheck[]): Case => ({
  finding: {
    kind: 'classification',
    label: { label: 'Pneumonia' },
    score: 0.9,
    threshold: 0.5,
    positive: true,
  } as ClassificationFinding,
  volume: { shape: [1, 8, 8], PixelSpacing: null, header: {} } as unknown as Volume,
  method: METHOD_FACTS.exactCam,
  surrogate: null,
  layer: undefined,
  cells: 4,
  resolution: 'The model sees the image as 8 × 8 pixels.',
  completenessGap: 0,
  baseline: 'blur',
  calibration: undefined,
  regions: [
    {
      region: { name: 'A', frame: 0, left: 0, right: 4, top: 0, bottom: 4, meaning: '' },
      shapley: 1,
      exactShare: 1,
      scoreWithout: 0.9,
      extent: 0.25,
      size: undefined,
      mean: undefined,
      contrast: 1,
    },
  ],
  others: undefined,
  decisive: undefined,
  nearest: undefined,
  onPlain: undefined,
  checks,
  nextStep: undefined,
  trust: { deletion: curve(0.2), random: curve(0.5), occlusion: 0.5 },
});
const HIDING = 'The score does not fall when the strongest evidence is blurred or greyed out.';
const remark = (name: StudyCheck['name']): StudyCheck => ({ name, state: 'remark', sentence: HIDING });

test.each(['methods', 'baselines'] as const)(
  'a remark on the map (%s): the place is doubtful, and no headline names it',
  (name) => {
    expect(sentenceOf(of(remark(name)))).toBe('The model sees signs of pneumonia.');
    expect(elementsOf(of(remark(name))).localization).toMatchObject({
      state: 'given',
      sentence: expect.stringMatching(
        /^The strongest evidence lies in the .*\(A\)\. The place is doubtful\. The score does not fall/,
      ),
    });
  },
);

test('a remark on how firm the decision is says nothing of the place', () => {
  expect(sentenceOf(of(remark('stability')))).toMatch(/^The model sees signs of pneumonia, mainly in the /);
  expect(JSON.stringify(elementsOf(of(remark('stability'))).localization)).not.toContain('doubtful');
});
