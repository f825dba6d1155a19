import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Fault } from '../shared/fault.ts';
import { cookieOf } from './cookie.ts';
import { type Identity, mayAct } from './identity.ts';
import { isKeySubject, type KeyRing } from './keys.ts';
import { neededRole } from './policy.ts';
import type { Sessions } from './sessions.ts';
import type { TokenVerifier } from './tokens.ts';

export interface GuardOptions {
  readonly keys?: KeyRing | undefined;
  readonly tokens?: TokenVerifier | undefined;
  /** Undefined: nobody logs in, everyone who reaches the loopback address may do everything. */
  readonly sessions?: Sessions | undefined;
  /** Told of each refusal. */
  readonly onRefused?: (fault: Fault, request: Request) => void;
}

declare module 'express-serve-static-core' {
  interface Request {
    /** Who asks; absent only at public addresses. */
    identity?: Identity;
  }
}

const SAFE = ['GET', 'HEAD', 'OPTIONS'];
/** Names of this machine: a page of another site that makes its own name point here does not know these. */
const LOOPBACK_HOST = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;
const LOCAL: Identity = { subject: 'local', name: 'no log-in', role: 'admin', how: 'loopback' };

/**
 * Lets a request through when its sender may do what it asks (policy.ts), and notes who that is. Throws LOG_IN_NEEDED,
 * ACCESS_DENIED; a person who opens a page is sent to log in instead.
 */
export function guard(options: GuardOptions): RequestHandler {
  return async (request, response, next) => {
    try {
      const needed = neededRole(request.method, request.path);
      refuseOtherSites(request);
      if (needed === 'public') return next();
      const identity = await identify(request, options);
      if (!identity) return askForLogIn(request, response, next);
      request.identity = identity;
      if (!mayAct(identity.role, needed))
        throw new Fault(
          'ACCESS_DENIED',
          `this needs the role ${needed}; ${identity.name} is ${identity.role}`,
        );
      next();
    } catch (error) {
      if (error instanceof Fault) options.onRefused?.(error, request);
      next(error);
    }
  };
}

async function identify(
  request: Request,
  { keys, tokens, sessions }: GuardOptions,
): Promise<Identity | undefined> {
  if (!sessions) {
    if (!LOOPBACK_HOST.test(request.get('host') ?? ''))
      throw new Fault(
        'ACCESS_DENIED',
        'without a log-in the server answers to the names of this machine alone',
      );
    return LOCAL;
  }
  const bearer = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (bearer !== undefined) {
    const holder = keys?.holderOf(bearer);
    if (holder) return holder;
    if (tokens) return tokens(bearer);
    throw new Fault('LOG_IN_NEEDED', 'the key is not known');
  }
  const cookie = cookieOf(request, sessions.cookie);
  const session = cookie === undefined ? undefined : await sessions.open(cookie);
  if (!session || !isKeySubject(session.subject)) return session;
  const holder = keys?.stillHolds(session.subject);
  return holder && { ...holder, how: 'session' };
}

/**
 * What changes something must come from a page of ours or from a program: browsers say so themselves (Fetch Metadata; Origin before
 * that), and programs that say nothing send no cookies either.
 */
function refuseOtherSites(request: Request): void {
  if (SAFE.includes(request.method)) return;
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const isOurs = site
    ? ['same-origin', 'none'].includes(site)
    : !origin || hostOf(origin) === request.get('host');
  if (!isOurs) throw new Fault('ACCESS_DENIED', 'the request comes from a page of another site');
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

function askForLogIn(request: Request, response: Response, next: NextFunction): void {
  if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html') {
    response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`);
    return;
  }
  response.set('www-authenticate', 'Bearer');
  next(new Fault('LOG_IN_NEEDED', 'no key, token or session came with the request'));
}
