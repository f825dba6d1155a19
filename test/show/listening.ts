import { once } from 'node:events';
import type { Express } from 'express';

export interface Listening {
  /** On loopback, without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** An app on a free loopback port. */
export async function listen(app: Express): Promise<Listening> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
