import { ageOf, checkPopulation } from '../../../server/explain/checks/population.ts';

test.each([
  ['years', { PatientAge: '018Y' }, 18],
  ['months', { PatientAge: '018M' }, 1.5],
  ['the day before a birthday', { PatientBirthDate: '20000301', StudyDate: '20180228' }, 17],
  ['a birthday', { PatientBirthDate: '20000301', StudyDate: '20180301' }, 18],
  [
    'the age before the dates',
    { PatientAge: '005Y', PatientBirthDate: '20000301', StudyDate: '20180301' },
    5,
  ],
  ['nothing', { PatientBirthDate: '', StudyDate: '20180301' }, undefined],
  ['an age that is none', { PatientAge: '18' }, undefined],
  ['a birth after the study', { PatientBirthDate: '20200101', StudyDate: '20180301' }, undefined],
  ['a date that is none', { PatientBirthDate: '20001341', StudyDate: '20180301' }, undefined],
])('the age by %s (PS3.5 §6.2)', (_, header, years) => {
  const age = ageOf(header);
  if (years === undefined) expect(age).toBeUndefined();
  else expect(age).toBeCloseTo(years, 3);
});

const CHECKS = { PatientAge: { from: 0, to: 17 }, ViewPosition: { oneOf: ['AP', 'PA'] } };

test.each([
  ['a child from the front', { PatientAge: '017Y', ViewPosition: 'AP' }, ['passed', 'passed']],
  ['17 years and 11 months', { PatientAge: '215M', ViewPosition: 'PA' }, ['passed', 'passed']],
  ['an adult from the side', { PatientAge: '018Y', ViewPosition: 'LL' }, ['failed', 'failed']],
  ['a header that says neither', {}, ['absent', 'absent']],
])('%s', (_, header, states) => {
  expect(checkPopulation(header, CHECKS).map(({ state }) => state)).toEqual(states);
});

test('no sentence tells a value of the header, and what the package does not name is not checked', () => {
  const [age, view] = checkPopulation({ PatientAge: '099Y', ViewPosition: 'LL' }, CHECKS);
  expect(age?.sentence).toBe('The patient is not of an age that the model is for: 0 to 17 years.');
  expect(view?.sentence).toBe('The view is not one that the model is for: AP or PA.');
  expect(checkPopulation({ PatientAge: '099Y' }, {})).toEqual([]);
});
