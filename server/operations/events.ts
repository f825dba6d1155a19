import { Router } from 'express';
import type { Jobs } from '../jobs/index.ts';
import { serve } from '../shared/address.ts';
import { beginEvents } from '../shared/event-stream.ts';

/** A page that reads itself again at each change of a busy server would do nothing else. */
const TOGETHER_MS = 1_000;
/** What no record tells, such as an archive that is down, is looked at so often; proxies close a connection that is silent for longer. */
const ANYWAY_MS = 20_000;

/** `GET /operations/events`: server-sent events named `changed`: something on the operator's pages did, whichever server did it. */
export function changesRouter(jobs: Pick<Jobs, 'onChangeAnywhere'>): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/operations/events',
      says: 'That something on the operator’s pages changed',
      answers: { 200: { says: 'server-sent events named changed', types: ['text/event-stream'] } },
    },
    (_, _request, response) => {
      beginEvents(response);
      let [lastAt, timer] = [0, undefined as NodeJS.Timeout | undefined];
      const tell = (): void => {
        [lastAt, timer] = [Date.now(), undefined];
        response.write('event: changed\ndata: {}\n\n');
      };
      const stop = jobs.onChangeAnywhere(() => {
        timer ??= setTimeout(tell, Math.max(0, lastAt + TOGETHER_MS - Date.now()));
      });
      const anyway = setInterval(tell, ANYWAY_MS);
      response.on('close', () => {
        stop();
        clearInterval(anyway);
        clearTimeout(timer);
      });
    },
  );
  return router;
}
