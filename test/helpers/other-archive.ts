import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Habits {
  /** Results in one answer, whatever was asked for (PS3.18 §8.3.4.4). */
  readonly most?: number;
  /** Without NumberOfStudyRelatedInstances and the like, which are optional. */
  readonly countless?: boolean;
  readonly ignoresOffset?: boolean;
}

export interface OtherArchive {
  readonly url: string;
  stop(): Promise<void>;
}

const COUNTS = ['00201206', '00201208', '00201209'];

/** A real Orthanc behind a server whose answers to QIDO-RS keep to the standard otherwise than Orthanc's. All but GET goes nowhere. */
export async function startOtherArchive(
  { most, countless, ignoresOffset }: Habits,
  orthanc: string,
): Promise<OtherArchive> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', orthanc);
    if (most) url.searchParams.set('limit', String(most));
    if (ignoresOffset) for (const name of ['limit', 'offset']) url.searchParams.delete(name);
    const answer = await fetch(url, { headers: { accept: 'application/dicom+json' } });
    const items = (await answer.json()) as Record<string, unknown>[];
    if (countless) for (const item of items) for (const tag of COUNTS) delete item[tag];
    response
      .writeHead(answer.status, { 'content-type': 'application/dicom+json' })
      .end(JSON.stringify(items));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
