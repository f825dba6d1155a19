import { pipeline } from 'node:stream/promises';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { type Answer, call, type Origin } from '../shared/http.ts';

const MOUNT = '/dicom-web';
/** What is passed on, and nothing else: no cookies, no credentials, nothing that belongs to one connection. */
const REQUEST_HEADERS = [
  'accept',
  'accept-charset',
  'range',
  'if-none-match',
  'if-modified-since',
  'if-range',
];
const ANSWER_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'content-location',
  'accept-ranges',
  'etag',
  'last-modified',
  'warning',
];
/** UIDs, words, tags and frame lists; a segment of dots alone would climb. */
const SAFE_PATH = /^(?:\/(?!\.+(?:\/|$))[\w.,-]+)+\/?$/;
const STUDY = /^\/dicom-web\/studies\/([^/]+)/i;
const SAFE_HOST = /^[\w.:[\]-]+$/;

/**
 * `/dicom-web/*` on our own origin, read from the archive's DICOMweb root at `path`: the browser needs no CORS and never
 * sees the archive's credentials. `onStudy` is told of each request for something of a study. Reads only; objects are stored by the server alone. Answers are streamed.
 */
export function dicomWebProxy(
  archive: Origin,
  path: string,
  onStudy: (request: Request, StudyInstanceUID: string) => void = () => undefined,
): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: [MOUNT, `${MOUNT}/*rest`],
      says: 'What the archive answers to QIDO-RS and WADO-RS (PS3.18)',
      answers: { 200: { says: 'its answer', types: ['application/dicom+json', 'multipart/related'] } },
    },
    async (_, request, response) => {
      const study = StudyInstanceUID.safeParse(STUDY.exec(request.path)?.[1]);
      if (study.success) onStudy(request, study.data);
      await forward({ archive, path, request, response });
    },
  );
  router.use(MOUNT, refuseWrites);
  return router;
}

interface Exchange {
  readonly archive: Origin;
  readonly path: string;
  readonly request: Request;
  readonly response: Response;
}

async function forward({ archive, path, request, response }: Exchange): Promise<void> {
  const [pathname = '', query] = request.originalUrl.split(/\?(.*)/s);
  const rest = pathname.slice(MOUNT.length);
  if (rest !== '' && rest !== '/' && !SAFE_PATH.test(rest))
    throw new Fault('REQUEST_INVALID', 'the path is not one of DICOMweb');
  const target = `${path.replace(/\/$/, '')}${rest}${query ? `?${query}` : ''}`;
  const answer = await call(archive, target, { headers: headersFor(request), pool: 'browsers' });
  response.status(answer.status).set(headersOf(answer));
  if (request.method === 'HEAD') {
    await answer.body.dump();
    response.end();
    return;
  }
  // The reader may leave, and the archive may break off: either way both ends are closed, and that is all there is to do.
  await pipeline(answer.body, response).catch(() => response.destroy());
}

/** `Forwarded` makes the archive write bulk data addresses of our origin (RFC 7239; Orthanc reads it unquoted). */
function headersFor(request: Request): Record<string, string> {
  const host = request.get('host') ?? '';
  if (!SAFE_HOST.test(host)) throw new Fault('REQUEST_INVALID', 'the Host header is not a host');
  const headers: Record<string, string> = { forwarded: `host=${host};proto=${request.protocol}` };
  for (const name of REQUEST_HEADERS) {
    const value = request.get(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** Patients' data: the browser keeps none of it. */
const headersOf = ({ headers }: Answer): Record<string, string> => ({
  ...Object.fromEntries(
    ANSWER_HEADERS.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  ),
  'cache-control': 'private, no-store',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
});

const refuseWrites: RequestHandler = (_, response) => {
  response
    .status(405)
    .set('allow', 'GET, HEAD')
    .json({ code: 'REQUEST_INVALID', detail: 'the archive is read through this address, not written' });
};
