import { renderToStaticMarkup } from 'react-dom/server';
import { Head } from '../../ohif-extension/src/components/head.tsx';
import { otherVoices } from '../../ohif-extension/src/lib/other-voices.ts';
import type { Assessment, Result } from '../../ohif-extension/src/lib/result.ts';

const said = (person: string | undefined, verdict: string, uid: string): Assessment => ({
  verdict,
  isRejected: verdict === 'Rejected',
  of: '1.1',
  document: { StudyInstanceUID: '1', SeriesInstanceUID: '1.2', SOPInstanceUID: uid },
  ...(person ? { person } : {}),
});
const A = said('Jane Sample', 'Accepted', '1.9');
const B = said('John Doe', 'Rejected', '1.8');

test.each<[what: string, assessments: readonly Assessment[], others: readonly Assessment[]]>([
  ['nobody said anything', [], []],
  ['one accepted what another had rejected', [A, B], [B]],
  ['both say the same', [A, said('John Doe', 'Accepted', '1.8')], []],
  ['a person has changed his own mind', [A, said('Jane Sample', 'Rejected', '1.8')], []],
  [
    'the other has come round since',
    [A, said('John Doe', 'Accepted', '1.8'), said('John Doe', 'Rejected', '1.7')],
    [],
  ],
  [
    'three say three things',
    [A, B, said('Max Muster', 'Modified', '1.7')],
    [B, said('Max Muster', 'Modified', '1.7')],
  ],
  [
    'somebody without a name rejected',
    [A, said(undefined, 'Rejected', '1.7')],
    [said(undefined, 'Rejected', '1.7')],
  ],
])('where %s, what others said last stands beside what was said last of all', (_, assessments, others) => {
  expect(otherVoices(assessments)).toEqual(others);
});

test('a rejection is read below the acceptance that came after it', () => {
  const result: Result = {
    StudyInstanceUID: '1',
    SeriesInstanceUID: '1.1',
    SOPInstanceUID: '1.1',
    origin: 'explained',
    createdAt: '',
    verified: false,
    model: { name: 'M', version: '1' },
    findings: [],
  };
  const html = renderToStaticMarkup(
    <Head result={result} place={1} isDoubtful={false} assessments={[A, B]} now="" />,
  );
  expect(html.replaceAll(/<[^>]*>/g, '|')).toMatch(/Accepted\|.*Jane Sample\|.*Rejected\| John Doe\|/);
});
