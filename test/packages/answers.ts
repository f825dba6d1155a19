import type { Question } from '../../server/packages/question.ts';

/** Answers of a person to `model new`, by key; what is left out takes the default. */
export const ANSWERS: Readonly<Record<string, string>> = {
  id: 'teachable',
  name: 'Teachable pneumonia',
  manufacturer: 'a test',
  licence: 'MIT; training data unknown',
  intendedUse: 'Points to signs of pneumonia on a frontal chest radiograph; for research only.',
  limit: 'Nobody knows what it was trained on.',
  mean: '0.5',
  std: '0.5',
  label0: '-',
  label1: 'Pneumonia',
  type1: '233604007|SCT|Pneumonia',
  site1: '39607008|SCT|Lung',
  task: 'Signs of pneumonia, yes or no.',
  users: 'The radiologist.',
  decision: 'Whether to look again.',
  why: 'A reader must see where it looked.',
  faithfulness: 'Deletion curves on every image.',
  localizationWhy: 'The reader compares the place with the image.',
  visualRecognizabilityWhy: 'No outline of the lungs is given.',
  physicalAttributionWhy: 'It tells whether one place made the score.',
  modelTransparencyWhy: 'The reader must know how the map was made.',
  actionabilityWhy: 'No next step is defined.',
};

export const answering =
  (answers: Readonly<Record<string, string>>) =>
  async ({ key }: Question): Promise<string> =>
    answers[key] ?? '';
