import { analysisIn } from '../../ohif-extension/src/hooks/use-live.ts';
import { fetchSigner, send } from '../../ohif-extension/src/lib/assessments.ts';
import { fetchOffers, mayRun, runModel } from '../../ohif-extension/src/lib/on-demand.ts';

const global = globalThis as { fetch: unknown };
const { fetch } = global;
afterEach(() => Object.assign(global, { fetch }));

type Made = () => Response | Promise<Response>;

const PAGE: Made = () => new Response('<html>Log in</html>', { headers: { 'content-type': 'text/html' } });
const HALF: Made = () => new Response('{"person":"Ja', { headers: { 'content-type': 'application/json' } });
const NOBODY: Made = () => Promise.reject(new TypeError('Failed to fetch'));
/** Where a log-in is in front of all, it leads elsewhere; the browser tells no more of it (Fetch, §4.4). */
const LED_AWAY: Made = () =>
  Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' }) as Response;
const saying =
  (status: number, body: unknown): Made =>
  () =>
    Response.json(body, { status });

/** The bodies that were sent. */
function answering(...answers: readonly Made[]): { readonly key: string }[] {
  const sent: { readonly key: string }[] = [];
  global.fetch = async (_: string, { body }: { body?: string }) => {
    if (body) sent.push(JSON.parse(body));
    return (answers[sent.length - 1] ?? (answers.at(-1) as Made))();
  };
  return sent;
}

const report = (SOPInstanceUID: string) => ({
  StudyInstanceUID: '1',
  SeriesInstanceUID: '1.1',
  SOPInstanceUID,
});
const ACCEPTED = { verdict: 'accepted' } as const;
const signal = new AbortController().signal;

test.each<[what: string, answer: Made, sent: unknown]>([
  ['a new report', saying(201, { SOPInstanceUID: '1.2' }), { state: 'saved' }],
  ['kept until others have read', saying(202, { kept: 'one more is to read' }), { state: 'kept' }],
  ['a page to log in at, with 200', PAGE, { state: 'failed', cause: 'refused', why: '' }],
  ['a log-in that it is led to', LED_AWAY, { state: 'failed', cause: 'signedOut', why: '' }],
  [
    'an ended session',
    saying(401, { detail: 'nobody' }),
    { state: 'failed', cause: 'signedOut', why: 'nobody' },
  ],
  ['nobody', NOBODY, { state: 'failed', cause: 'unknown', why: '' }],
  [
    'a proxy, with 504',
    () => new Response('', { status: 504 }),
    { state: 'failed', cause: 'unknown', why: '' },
  ],
  ['half an answer', HALF, { state: 'failed', cause: 'unknown', why: '' }],
  [
    'a refusal',
    saying(502, { detail: 'no archive' }),
    { state: 'failed', cause: 'refused', why: 'no archive' },
  ],
])('a verdict is saved where our server says so, and nowhere else: %s', async (what, answer, sent) => {
  answering(answer);
  expect(await send('', report(what), ACCEPTED)).toEqual(sent);
});

test('the same verdict, sent again after no answer came, has the same key; another one has another', async () => {
  const sent = answering(NOBODY, NOBODY, NOBODY, saying(201, {}), saying(201, {}));
  await send('', report('1.5'), ACCEPTED);
  await send('', report('1.5'), ACCEPTED);
  await send('', report('1.5'), { verdict: 'rejected', reason: 'other' });
  await send('', report('1.5'), { verdict: 'rejected', reason: 'other' });
  // Meant again, for it was confirmed.
  await send('', report('1.5'), { verdict: 'rejected', reason: 'other' });
  const [first, second, third, fourth, fifth] = sent.map(({ key }) => key);
  expect(first).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect([second, fourth]).toEqual([first, third]);
  expect(new Set([first, third, fifth]).size).toBe(3);
});

test.each<[what: string, answer: Made, found: string]>([
  ['nobody', NOBODY, 'away'],
  ['a proxy, with 502', () => new Response('', { status: 502 }), 'away'],
  ['half an answer', HALF, 'away'],
  ['a log-in that it is led to', LED_AWAY, 'nobody'],
  ['a page of the viewer', PAGE, 'no-server'],
])('who may sign, where the answer is of %s', async (_, answer, found) => {
  answering(answer);
  expect(await fetchSigner('', signal)).toBe(found);
});

test.each([NOBODY, HALF, PAGE, LED_AWAY])(
  'a model is not asked for, nor offered, by what is no answer',
  async (answer) => {
    answering(answer);
    const series = { StudyInstanceUID: '1', SeriesInstanceUID: '1.1' };
    expect(await mayRun('', signal)).toBe(false);
    expect(await fetchOffers('', series, signal)).toBeUndefined();
    expect(await runModel('', series, 'a@1')).toBe('');
  },
);

test('of events those are heard that tell of an analysis', () => {
  const analysis = { id: 'a', state: 'queued', createdAt: '2026-11-25T12:00:00.000Z' };
  expect(analysisIn(JSON.stringify(analysis))).toEqual(analysis);
  for (const data of [
    '',
    'null',
    '[]',
    '{"id":"a","sta',
    '{"id":"a"}',
    JSON.stringify({ ...analysis, createdAt: 'soon' }),
  ])
    expect(analysisIn(data)).toBeUndefined();
});
