import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { Fault } from '../shared/fault.ts';

/** What asks the database or the archive something that others made no room for: not the images that a viewer loads by the thousand. */
const COSTLY = /^\/(api|ups-rs|operations|metrics)(\/|$)/i;

/** Of each who is known, and of each address of those who are not, at most so many such requests a minute; 0: any number. */
export const limitRequests = (perMinute: number): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    skip: ({ path }) => perMinute === 0 || !COSTLY.test(path),
    keyGenerator: ({ identity, ip = '' }) => identity?.subject ?? ipKeyGenerator(ip),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) =>
      next(new Fault('TOO_MANY_REQUESTS', `more than ${perMinute} requests in a minute`)),
  });
