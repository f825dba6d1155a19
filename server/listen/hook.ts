import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Request, Router } from 'express';
import { ANY, bytes, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';

export interface HookOptions {
  /** Shared with the archive's hook; empty refuses every call. */
  readonly secret: string;
  /** A call tells nothing but that there is something to look at: a replay costs one look. */
  readonly wake: () => void;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** A real call has some 200 bytes. */
const BODY_LIMIT = '4kb';
/** How far apart the clocks may be, s. */
const WINDOW_S = 300;

/**
 * `POST /hooks/orthanc` with X-Timestamp (seconds since the epoch) and X-Signature `sha256=` + hex of HMAC-SHA256 over
 * `timestamp.body`: 202 at once, for Orthanc serves nobody while it waits. Throws HOOK_UNSIGNED, REQUEST_INVALID.
 */
export function hookRouter({ secret, wake, now = Date.now }: HookOptions): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'post',
      path: '/hooks/orthanc',
      says: 'Wakes the listener; signed',
      headers: {
        'X-Timestamp': 'Seconds since the epoch',
        'X-Signature': 'sha256= and hex of HMAC-SHA256 over timestamp.body',
      },
      body: bytes(ANY, BODY_LIMIT),
      answers: { 202: { says: 'it looks' } },
    },
    ({ body }, request, response) => {
      verify(request, body, { secret, now: now() });
      response.status(202).end();
      wake();
    },
  );
  return router;
}

function verify(
  request: Request,
  body: Buffer,
  { secret, now }: { readonly secret: string; readonly now: number },
): void {
  if (secret === '') throw new Fault('HOOK_UNSIGNED', 'no HOOK_SECRET is set, so no call is trusted');
  const timestamp = request.get('x-timestamp') ?? '';
  const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(body);
  const want = Buffer.from(`sha256=${hmac.digest('hex')}`);
  const got = Buffer.from(request.get('x-signature') ?? '');
  if (got.length !== want.length || !timingSafeEqual(got, want))
    throw new Fault('HOOK_UNSIGNED', 'the signature does not fit the body and HOOK_SECRET');
  const age = Math.abs(now / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || age > WINDOW_S)
    throw new Fault('HOOK_UNSIGNED', `the call is signed for another time, the window is ${WINDOW_S} s`);
}
