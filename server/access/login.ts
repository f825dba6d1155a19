import { type CookieOptions, type Request, type Response, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { json, serve } from '../shared/address.ts';
import { Fault } from '../shared/fault.ts';
import { cookieOf } from './cookie.ts';
import { HOWS, type Identity, ROLES } from './identity.ts';
import type { KeyRing } from './keys.ts';
import { loginPage } from './login-page.ts';
import type { Begun, Provider } from './provider.ts';
import type { Sessions } from './sessions.ts';

export interface LoginOptions {
  readonly sessions: Sessions;
  /** Is our address https? Then cookies travel on nothing else. */
  readonly secure: boolean;
  readonly keys?: KeyRing | undefined;
  readonly provider?: Provider | undefined;
  /** Our own address, to which the provider sends people back. */
  readonly publicUrl: string;
  readonly onLogIn: (identity: Identity) => void;
  readonly onLogOut: (identity: Identity) => void;
}

const KeyForm = z.strictObject({
  key: z.string().min(1).max(256),
  next: z.string().max(2_048).exactOptional(),
});
/** Where to go after the log-in: what is no path of ours leads to `/`. */
const Next = z.object({ next: z.unknown().optional() });
const Told = z.object({ subject: z.string(), name: z.string(), role: z.enum(ROLES), how: z.enum(HOWS) });
const BegunCookie = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
});

/** A log-in at the provider may take this long, ms. */
const BEGUN_MS = 600_000;
/** Log-ins that fail, a minute and address. */
const FAILURES = 10;

/**
 * `GET /login`, `GET /login/oidc`, `GET /login/callback`; `POST /api/session` with a key, `DELETE` it, `GET` who one is. A session is
 * a cookie that scripts cannot read and that other sites cannot send with what changes something.
 */
export function loginRouter({
  sessions,
  secure,
  keys,
  provider,
  publicUrl,
  onLogIn,
  onLogOut,
}: LoginOptions): Router {
  const router = Router();
  const cookie: CookieOptions = { httpOnly: true, secure, sameSite: 'lax', path: '/' };
  const begunCookie: CookieOptions = { ...cookie, path: '/login', maxAge: BEGUN_MS };
  const limit = rateLimit({
    windowMs: 60_000,
    limit: FAILURES,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) => next(new Fault('TOO_MANY_REQUESTS', 'too many log-ins failed')),
  });
  const enter = async (response: Response, identity: Identity): Promise<void> => {
    response.cookie(sessions.cookie, await sessions.seal(identity), {
      ...cookie,
      maxAge: sessions.lifeS * 1000,
    });
    onLogIn(identity);
  };

  serve(
    router,
    {
      method: 'get',
      path: '/login',
      says: 'The page on which people log in',
      query: Next,
      answers: { 200: { says: 'HTML', types: ['text/html'] } },
    },
    ({ query }, _, response) => {
      response.set('cache-control', 'no-store').type('html');
      response.send(
        loginPage({
          next: safeNext(query.next),
          withKey: keys !== undefined,
          withProvider: provider !== undefined,
        }),
      );
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/login/oidc',
      says: 'Begins a log-in at the identity provider',
      query: Next,
      answers: { 303: { says: 'there' } },
    },
    async ({ query }, _, response) => {
      const { url, begun } = await (provider ?? none()).begin();
      response.cookie(BEGUN, JSON.stringify({ ...begun, next: safeNext(query.next) }), begunCookie);
      response.redirect(303, url.href);
    },
  );
  serve(
    router,
    {
      method: 'get',
      path: '/login/callback',
      says: 'Where the identity provider sends people back to',
      before: [limit],
      answers: { 303: { says: 'logged in, to where they wanted' } },
    },
    async (_, request, response) => {
      const { next, ...begun } = begunOf(request);
      response.clearCookie(BEGUN, begunCookie);
      const answer = new URL(request.originalUrl, publicUrl);
      await enter(response, await (provider ?? none()).finish(answer, begun));
      response.redirect(303, next);
    },
  );
  serve(
    router,
    {
      method: 'post',
      path: '/api/session',
      says: 'Begins a session with a key',
      before: [limit],
      body: json(KeyForm, '4kb', { form: true }),
      answers: {
        200: { says: 'a cookie, and who one is', json: Told },
        303: { says: 'the same, for a form of a page' },
      },
    },
    async ({ body: { key, next } }, request, response) => {
      const holder = keys?.holderOf(key);
      if (!holder) throw new Fault('LOG_IN_NEEDED', 'the key is not known');
      await enter(response, holder);
      if (request.is('json')) response.json(told(holder));
      else response.redirect(303, safeNext(next));
    },
  );
  serve(
    router,
    {
      method: 'delete',
      path: '/api/session',
      says: 'Ends the session, also for whoever has a copy of its cookie',
      answers: { 204: { says: 'it is' } },
    },
    async (_, request, response) => {
      const sealed = cookieOf(request, sessions.cookie);
      const identity = sealed === undefined ? undefined : await sessions.end(sealed);
      if (identity) onLogOut(identity);
      response.clearCookie(sessions.cookie, cookie).status(204).end();
    },
  );
  return router;
}

/** `GET /api/session`: who one is. */
export function whoRouter(): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/session',
      says: 'Who one is',
      answers: { 200: { says: 'subject (as in the audit trail), name and role', json: Told } },
    },
    (_, request, response) =>
      response.set('cache-control', 'no-store').json(told(request.identity as Identity)),
  );
  return router;
}

const told = ({ subject, name, role, how }: Identity): Identity => ({
  subject,
  name,
  role,
  how,
});

const BEGUN = 'pellucid-login';

function begunOf(request: Request): Begun & { readonly next: string } {
  try {
    return BegunCookie.parse(JSON.parse(decodeURIComponent(cookieOf(request, BEGUN) ?? '')));
  } catch (cause) {
    throw new Fault('LOG_IN_NEEDED', 'this log-in was not begun here, or took more than ten minutes', {
      cause,
    });
  }
}

/** A path on this server, and nothing that a browser would read as another's address. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/';
  return next;
}

const none = (): never => {
  throw new Fault('NOT_FOUND', 'no identity provider is set');
};
