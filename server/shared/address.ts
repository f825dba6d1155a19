import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { z } from 'zod';
import { Fault } from './fault.ts';

/**
 * An address of ours: what may be asked there, and what it answers. `serve` is the only way to add one, for three things follow from the
 * same lines: what comes in is read by these schemas before the handler sees it, `/openapi.json` is written from them, and the security
 * tests ask every address that is described. The server does not start with a route that `serve` did not make (surface/addresses.ts).
 *
 * To add an address:
 *
 *     serve(
 *       router,
 *       {
 *         method: 'post',
 *         path: '/api/things/:id',
 *         says: 'Changes a thing',
 *         params: z.object({ id: Id }),                 // exactly the names in the path; what does not fit is 404
 *         query: z.strictObject({ force: z.stringbool().optional() }), // what does not fit is 400
 *         body: json(Change, '8kb'),                    // the limit is no default: say it
 *         answers: { 200: { says: 'the thing as it is now', json: Thing } },
 *       },
 *       async ({ params, query, body }, request, response) => void response.json(await change(params.id, body)),
 *     );
 *
 * and give it a line in access/policy.ts; without one it is for admins alone.
 */
export interface Address<P = unknown, Q = unknown, B = undefined> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express reads it; several for the same thing. */
  readonly path: string | readonly string[];
  /** One line, for people who write programs against it. */
  readonly says: string;
  /** The parts of the path that begin with a colon. */
  readonly params?: z.ZodType<P>;
  /** Absent: whatever the query says is not looked at. */
  readonly query?: z.ZodType<Q>;
  readonly body?: Body<B>;
  /** Headers that are part of the question. */
  readonly headers?: Readonly<Record<string, string>>;
  /** By status. Every address may also answer a fault: `{ code, detail, action }`. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Asked before the body is read. */
  readonly before?: readonly RequestHandler[];
}

export interface Answer {
  readonly says: string;
  readonly json?: z.ZodType;
  /** Media types of what is not JSON. */
  readonly types?: readonly string[];
}

export interface Asked<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

type Handle<P, Q, B> = (
  asked: Asked<P, Q, B>,
  request: Request,
  response: Response,
  next: NextFunction,
) => unknown;

/** Adds an address to a router. Throws NOT_FOUND, REQUEST_INVALID to who asks otherwise than it says. */
export function serve<P = unknown, Q = unknown, B = undefined>(
  router: Router,
  address: Address<P, Q, B>,
  handle: Handle<P, Q, B>,
): void {
  namesAgree(address);
  const { method, path, params, query, body, before = [] } = address;
  const paths = typeof path === 'string' ? path : [...path];
  router[method](
    paths as string,
    ...before,
    ...(body?.readers ?? []),
    async (request: Request, response: Response, next: NextFunction) => {
      const asked = {
        params: read(params, request.params, 'NOT_FOUND'),
        query: read(query, request.query, 'REQUEST_INVALID'),
        body: body?.parse(request.body) as B,
      };
      await handle(asked, request, response, next);
    },
  );
  const { route } = router.stack.at(-1) ?? {};
  if (route) DESCRIBED.set(route, address as Address);
}

const DESCRIBED = new WeakMap<object, Address>();

/** What `serve` was told of a route of Express; undefined when it was made by other means. */
export const describedBy = (route: object): Address | undefined => DESCRIBED.get(route);

/** How a body is read, and what it may be. */
export interface Body<B> {
  /** By media type; undefined: bytes. */
  readonly content: Readonly<Record<string, z.ZodType | undefined>>;
  readonly readers: readonly RequestHandler[];
  /** Throws REQUEST_INVALID. */
  readonly parse: (body: unknown) => B;
}

/** JSON of at most `limit` (as in `8kb`); with `form` also what a form of a page sends. */
export function json<B>(schema: z.ZodType<B>, limit: string, { form = false } = {}): Body<B> {
  return {
    content: {
      'application/json': schema,
      ...(form ? { 'application/x-www-form-urlencoded': schema } : {}),
    },
    // Nothing compressed: a small body must not become a large one.
    readers: [
      express.json({ limit, inflate: false }),
      ...(form ? [express.urlencoded({ extended: false, limit, inflate: false })] : []),
    ],
    parse: (body) => read(schema, body, 'REQUEST_INVALID'),
  };
}

/** Bytes of one media type, or of `ANY`, of at most `limit`; none are empty bytes. */
export function bytes(type: string, limit: string): Body<Buffer> {
  return {
    content: { [type]: undefined },
    readers: [express.raw({ type: type === ANY ? () => true : type, limit, inflate: false })],
    parse: (body) => (Buffer.isBuffer(body) ? body : Buffer.alloc(0)),
  };
}
/** Whatever the sender calls it. */
export const ANY = '*/*';

/** Bytes where they came as such, else the other. */
export const bytesOr = <B>(file: Body<Buffer>, other: Body<B>): Body<Buffer | B> => ({
  content: { ...other.content, ...file.content },
  readers: [...other.readers, ...file.readers],
  parse: (body) => (Buffer.isBuffer(body) ? body : other.parse(body)),
});

function read<T>(schema: z.ZodType<T> | undefined, given: unknown, code: 'NOT_FOUND' | 'REQUEST_INVALID'): T {
  if (!schema) return given as T;
  if (holdsNul(given)) throw new Fault(code, 'a text holds a null character, which no text of ours does');
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Fault(code, z.prettifyError(parsed.error));
}

/** No database keeps it in a text (PostgreSQL 8.3.1), and no DICOM value or name has it. */
const holdsNul = (given: unknown): boolean => {
  if (typeof given === 'string') return given.includes('\0');
  if (typeof given !== 'object' || given === null) return false;
  return Object.entries(given).some(([key, value]) => key.includes('\0') || holdsNul(value));
};

/** A mistake of ours that is found when the server starts. */
function namesAgree({ path, params }: Pick<Address, 'path' | 'params'>): void {
  const described = params instanceof z.ZodObject ? Object.keys(params.shape) : [];
  for (const one of [path].flat() as readonly string[]) {
    const named = [...one.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
    const missing = named.filter((name) => !described.includes(name));
    if (missing.length > 0) throw new Error(`${one}: params do not describe ${missing.join(', ')}`);
  }
}
