import { z } from 'zod';
import { key } from './key.ts';

const Element = z.strictObject({
  required: key('Is the element needed for the decision that the result serves?', true, z.boolean()),
  method: key('What it is given by.', 'Exact class activation map of the linear head.', z.string().min(1)),
  why: key('Why it is needed, or not.', 'The reader compares the place with the image.', z.string().min(1)),
});
const ELEMENT = { required: true, method: 'Strongest regions of the map.', why: 'The reader compares.' };

/** The framework’s questions (Wang et al. 2024, arXiv 2310.01685): why the explanation of a model is fit for its use. */
export const Interpretability = z.strictObject({
  task: key('Which question the model answers.', 'Signs of pneumonia, yes or no.', z.string().min(1)),
  users: key('Who uses the answer.', 'The radiologist who reads the radiograph.', z.string().min(1)),
  decision: key('For which decision.', 'Whether to look again at a region.', z.string().min(1)),
  why: key(
    'Why that user must see an explanation.',
    'A reader must see where it looked to discard a false positive.',
    z.string().min(1),
  ),
  faithfulness: key(
    'How it is known that the explanation is faithful.',
    'The map adds up to the logit; checked on every image.',
    z.string().min(1),
  ),
  elements: key(
    'The five elements of the framework.',
    { localization: ELEMENT },
    z.strictObject({
      localization: key('Where the evidence is.', ELEMENT, Element),
      visualRecognizability: key('Whether a reader can see it too.', ELEMENT, Element),
      physicalAttribution: key('Which real quantity it is.', ELEMENT, Element),
      modelTransparency: key('How the model came to it.', ELEMENT, Element),
      actionability: key('What to do now.', ELEMENT, Element),
    }),
  ),
});
