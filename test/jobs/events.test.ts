import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { createApp } from '../../server/app.ts';
import { eventsRouter } from '../../server/jobs/events.ts';
import { madeAnalysis, madeJobs } from '../helpers/made-jobs.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';

const STUDY = '1.2.3';

/** The named events of a stream, until so many have come. */
async function told(
  url: string,
  count: number,
  then: () => void = () => undefined,
): Promise<readonly unknown[]> {
  const stop = new AbortController();
  const answer = await fetch(url, { signal: stop.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const found: unknown[] = [];
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [name, data] = event.split('\n');
      if (name === 'event: analysis') found.push(JSON.parse(data?.slice('data: '.length) ?? ''));
      else then();
    }
    if (found.length >= count) break;
  }
  stop.abort();
  return found;
}

describe('events of a study', () => {
  const jobs = madeJobs();
  let url: string;
  let close: () => void;
  beforeAll(async () => {
    const app = createApp({ access: NO_LOG_IN, routers: [eventsRouter(jobs)] });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events?StudyInstanceUID=`;
    close = () => void server.close();
  });
  afterAll(() => close());

  test('first what there is, then each change; of this study only, and nothing that runs in shadow', async () => {
    const of = (over: Parameters<typeof madeAnalysis>[0]) =>
      madeAnalysis({ StudyInstanceUID: STUDY, ...over });
    jobs.change(of({ id: 'a', state: 'done' }));
    jobs.change(of({ id: 'hidden', mode: 'shadow' }));
    jobs.change(of({ id: 'elsewhere', StudyInstanceUID: '9.9' }));
    const events = await told(url + STUDY, 3, () => {
      jobs.change(of({ id: 'b', state: 'inferring' }));
      jobs.change(of({ id: 'c', state: 'inferring', mode: 'shadow' }));
      jobs.change(
        of({ id: 'b', state: 'failed', fault: { code: 'X', detail: 'secret', action: 'Do this.' } }),
      );
    });
    expect(events).toMatchObject([
      { id: 'a', state: 'done' },
      { id: 'b', state: 'inferring' },
      { id: 'b', state: 'failed', fault: { code: 'X', action: 'Do this.' } },
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('whoever leaves is not told any more', async () => {
    await told(url + STUDY, 1);
    while (jobs.listeners() > 0) await new Promise((next) => setImmediate(next));
    expect(jobs.listeners()).toBe(0);
  });

  test.each(['', '1.02.3', '1.2.3&more=1'])('a question for "%s" is refused', async (study) => {
    expect((await fetch(url + study)).status).toBe(400);
  });
});
