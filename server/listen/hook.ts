import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Request, type Response, Router, raw } from 'express';
import { Fault } from '../shared/fault.ts';

export interface HookOptions {
  /** Shared with the archive's hook; empty refuses every call. */
  readonly secret: string;
  /** A call tells nothing but that there is something to look at: a replay costs one look. */
  readonly wake: () => void;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** Bytes; a real call has some 200. */
const BODY_LIMIT = 4_096;
/** How far apart the clocks may be, s. */
const WINDOW_S = 300;

/**
 * `POST /hooks/orthanc` with X-Timestamp (seconds since the epoch) and X-Signature `sha256=` + hex of HMAC-SHA256 over
 * `timestamp.body`: 202 at once, for Orthanc serves nobody while it waits. Throws HOOK_UNSIGNED, REQUEST_INVALID.
 */
export function hookRouter({ secret, wake, now = Date.now }: HookOptions): Router {
  const router = Router();
  const body = raw({ type: () => true, limit: BODY_LIMIT, inflate: false });
  router.post('/hooks/orthanc', body, (request: Request, response: Response) => {
    verify(request, secret, now());
    response.status(202).end();
    wake();
  });
  return router;
}

function verify(request: Request, secret: string, now: number): void {
  if (secret === '') throw new Fault('HOOK_UNSIGNED', 'no HOOK_SECRET is set, so no call is trusted');
  const timestamp = request.get('x-timestamp') ?? '';
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(body);
  const want = Buffer.from(`sha256=${hmac.digest('hex')}`);
  const got = Buffer.from(request.get('x-signature') ?? '');
  if (got.length !== want.length || !timingSafeEqual(got, want))
    throw new Fault('HOOK_UNSIGNED', 'the signature does not fit the body and HOOK_SECRET');
  const age = Math.abs(now / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || age > WINDOW_S)
    throw new Fault('HOOK_UNSIGNED', `the call is signed for another time, the window is ${WINDOW_S} s`);
}
