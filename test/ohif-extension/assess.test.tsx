import { renderToStaticMarkup } from 'react-dom/server';
import { Assess } from '../../ohif-extension/src/components/assess.tsx';
import type { Desk } from '../../ohif-extension/src/hooks/use-assessing.ts';

const nothing = () => undefined;
const DESK: Desk = {
  signer: { person: 'Jane Sample', reasons: ['falsePositive', 'other'] },
  unsigned: undefined,
  correction: { correcting: undefined, begin: () => true, end: nothing, take: nothing, resize: nothing },
  assessing: { state: 'idle' },
  choose: nothing,
  cancel: nothing,
  sign: nothing,
};

test('a verdict says that it is for all findings of the result, on each button too', () => {
  const html = renderToStaticMarkup(<Assess desk={DESK} label="Nodule 7" count={40} />);
  const [, id] = /<p class="pel-hint" id="([^"]+)">For all 40 findings of this result<\/p>/.exec(html) ?? [];
  expect(html.split(`aria-describedby="${id}"`)).toHaveLength(4);
  expect(renderToStaticMarkup(<Assess desk={DESK} label="Pneumonia" count={1} />)).not.toContain('For all');
});
