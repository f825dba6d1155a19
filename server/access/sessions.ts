import { randomUUID } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import { type Identity, ROLES } from './identity.ts';

/** A log-in of a browser, in a cookie that only this server can read and make (JWE, direct A256GCM). */
export interface Sessions {
  /** The cookie's value. */
  seal(identity: Identity): Promise<string>;
  /** Undefined when it has expired, was ended, or is not ours. */
  open(cookie: string): Promise<Identity | undefined>;
  /** Ends the session, so that a copy of its cookie opens nothing; whose it was, undefined as above. */
  end(cookie: string): Promise<Identity | undefined>;
  readonly cookie: string;
  readonly lifeS: number;
}

/** Where it is kept which sessions were ended before their time, for all servers that share them. */
export interface EndedSessions {
  add(id: string, expires: Date): Promise<void>;
  has(id: string): Promise<boolean>;
}

const Claims = z.object({
  jti: z.uuid(),
  exp: z.number(),
  sub: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
});

/** A working day. */
const LIFE_S = 10 * 3600;

/** `secret` is 32 bytes; servers that share it share their sessions. The prefix `__Host-` binds the cookie to this host alone. */
export function openSessions(
  secret: Uint8Array,
  { secure, ended }: { readonly secure: boolean; readonly ended: EndedSessions },
): Sessions {
  const claimsOf = async (cookie: string): Promise<z.infer<typeof Claims> | undefined> => {
    const opened = await jwtDecrypt(cookie, secret, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      requiredClaims: ['exp'],
    }).catch(() => undefined);
    const claims = Claims.safeParse(opened?.payload).data;
    return claims && !(await ended.has(claims.jti)) ? claims : undefined;
  };
  return {
    cookie: secure ? '__Host-pellucid' : 'pellucid',
    lifeS: LIFE_S,
    seal: ({ subject, name, role }) =>
      new EncryptJWT({ name, role })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setJti(randomUUID())
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${LIFE_S}s`)
        .encrypt(secret),
    open: async (cookie) => identityOf(await claimsOf(cookie)),
    end: async (cookie) => {
      const claims = await claimsOf(cookie);
      if (claims) await ended.add(claims.jti, new Date(claims.exp * 1000));
      return identityOf(claims);
    },
  };
}

const identityOf = (claims: z.infer<typeof Claims> | undefined): Identity | undefined =>
  claims && { subject: claims.sub, name: claims.name, role: claims.role, how: 'session' };
