import { renderToStaticMarkup } from 'react-dom/server';
import { LiveState } from '../../ohif-extension/src/components/live-state.tsx';
import { fetchSigner } from '../../ohif-extension/src/lib/assessments.ts';

const global = globalThis as { location?: unknown; fetch: unknown };
const { location, fetch } = global;
afterEach(() => Object.assign(global, { location, fetch }));

test('where a session has ended, the log-in is one press away and leads back to the study', () => {
  global.location = { pathname: '/ai-reading', search: '?StudyInstanceUIDs=1.2&x=y' };
  const html = (state: 'signed-out' | 'away') =>
    renderToStaticMarkup(
      <LiveState server="" live={{ state }} again={() => undefined} runAgain={undefined} />,
    );
  expect(html('signed-out')).toContain(
    'href="/login?next=%2Fai-reading%3FStudyInstanceUIDs%3D1.2%26x%3Dy">Log in</a>',
  );
  expect(html('away')).not.toContain('Log in');
});

test.each([
  [401, {}, 'nobody'],
  [403, {}, 'nobody'],
  [404, {}, 'no-server'],
  [200, { person: null, reasons: [] }, 'no-log-in'],
  [200, { person: 'Jane Sample', reasons: ['other'] }, { person: 'Jane Sample', reasons: ['other'] }],
])(
  'who may sign, by the answer %s %j: a log-in is asked for only where one would help',
  async (status, body, found) => {
    global.fetch = async () => Response.json(body, { status });
    expect(await fetchSigner('', new AbortController().signal)).toEqual(found);
  },
);
