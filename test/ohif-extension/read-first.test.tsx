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
    return new Response();
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
