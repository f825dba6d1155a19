import { renderToStaticMarkup } from 'react-dom/server';
import { type ReadFirst, useReadFirst } from '../../ohif-extension/src/hooks/use-read-first.ts';

/** What a panel that has just been put in its place knows of a study. */
function panel(study: string): ReadFirst {
  let now: ReadFirst | undefined;
  const Panel = () => {
    now = useReadFirst({ readFirst: true, server: '', focusKey: 'Alt+P' }, study);
    return null;
  };
  renderToStaticMarkup(<Panel />);
  if (!now) throw new Error('not drawn');
  return now;
}

test('what was revealed stays so when the panel comes back after another tab, and the first opening is what is recorded', () => {
  jest.useFakeTimers();
  const sent: unknown[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (_, options) => {
    sent.push(JSON.parse(String(options?.body)));
    return new Response(null, { status: 204 });
  };
  jest.setSystemTime(Date.parse('2026-11-25T14:00:00Z'));
  expect(panel('1.2').isCovered).toBe(true);
  jest.setSystemTime(Date.parse('2026-11-25T14:01:00Z'));
  panel('1.2').reveal();
  expect([panel('1.2').isCovered, panel('1.3').isCovered]).toEqual([false, true]);
  globalThis.fetch = real;
  jest.useRealTimers();
  expect(sent).toEqual([
    {
      StudyInstanceUID: '1.2',
      openedAt: '2026-11-25T14:00:00.000Z',
      revealedAt: '2026-11-25T14:01:00.000Z',
    },
  ]);
});

test.each<[what: string, answer: () => Promise<Response>]>([
  ['nobody answered', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['the session had ended', async () => new Response(null, { status: 401 })],
  ['a proxy sent a page to log in at', async () => new Response('<html>', { status: 200 })],
])(
  'where %s the moment of the reveal is sent again, as it was, until it is confirmed',
  async (what, answer) => {
    jest.useFakeTimers();
    const real = globalThis.fetch;
    const sent: string[] = [];
    globalThis.fetch = (_, options) => {
      sent.push(String(options?.body));
      return sent.length < 3 ? answer() : Promise.resolve(new Response(null, { status: 204 }));
    };
    panel(what).reveal();
    await jest.advanceTimersByTimeAsync(4_000);
    expect(sent).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(sent).toEqual([sent[0], sent[0], sent[0]]);
    globalThis.fetch = real;
    jest.useRealTimers();
  },
);
