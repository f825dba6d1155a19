import type { Response } from 'express';

/** Begins an answer of server-sent events (HTML, EventSource), which no proxy is to keep back. */
export function beginEvents(response: Response): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(': hello\n\n');
}
