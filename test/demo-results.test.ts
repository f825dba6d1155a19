import { type Analysis, describeResults } from '../server/demo-results.ts';

const of = (findings: Analysis['findings']): string =>
  describeResults(
    [
      {
        id: 'a',
        StudyInstanceUID: '1.2',
        SeriesInstanceUID: '1.3',
        modelId: 'chest',
        mode: 'clinical',
        shadow: null,
        state: 'done',
        reason: null,
        fault: null,
        findings,
        objects: [],
      },
    ],
    { url: 'http://pacs' },
    [],
  );
const NO_SIGN = {
  label: 'Pneumonia',
  sentence: 'The model sees no sign of pneumonia. It does not rule it out.',
  score: 0.12,
  threshold: 0.5,
};

test('a result whose checks failed is not printed without the mark, and why', () => {
  const table = of([{ ...NO_SIGN, checkBeforeUse: ['To the model this is no image like those.'] }]);
  expect(table).toMatch(
    /Pneumonia +score 0\.12, threshold 0\.50 {2}CHECK BEFORE USE {2}The model sees no sign of pneumonia\./,
  );
  expect(table).toContain('  Check before use: To the model this is no image like those.');
});

test('what all structures have in common is said once; a result whose checks passed has no mark', () => {
  const checkBeforeUse = ['The series may be cut.'];
  const table = of([
    { label: 'Brain stem', sentence: 'Brain stem: 20.00 ml.', volumeMl: 20, checkBeforeUse },
    { label: 'Cerebellum', sentence: 'Cerebellum: 120.0 ml.', volumeMl: 120, checkBeforeUse },
  ]);
  expect(table.match(/ml {2}CHECK BEFORE USE/g)).toHaveLength(2);
  expect(table.match(/The series may be cut/g)).toHaveLength(1);
  expect(of([NO_SIGN]).toLowerCase()).not.toContain('check before use');
});

test('a quantity is printed as it is said, not as millilitres', () => {
  expect(of([{ label: 'Bone age', sentence: 'Bone age: 18 a.' }])).toMatch(/Bone age +Bone age: 18 a\./);
});
