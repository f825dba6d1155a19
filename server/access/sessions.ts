import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import { type Identity, ROLES } from './identity.ts';

/** A log-in of a browser, in a cookie that only this server can read and make (JWE, direct A256GCM). */
export interface Sessions {
  /** The cookie's value. */
  seal(identity: Identity): Promise<string>;
  /** Undefined when it has expired or is not ours. */
  open(cookie: string): Promise<Identity | undefined>;
  readonly cookie: string;
  readonly lifeS: number;
}

const Claims = z.object({ sub: z.string(), name: z.string(), role: z.enum(ROLES) });

/** A working day. */
const LIFE_S = 10 * 3600;

/** `secret` is 32 bytes; servers that share it share their sessions. The prefix `__Host-` binds the cookie to this host alone. */
export function openSessions(secret: Uint8Array, { secure }: { readonly secure: boolean }): Sessions {
  return {
    cookie: secure ? '__Host-pellucid' : 'pellucid',
    lifeS: LIFE_S,
    seal: ({ subject, name, role }) =>
      new EncryptJWT({ name, role })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${LIFE_S}s`)
        .encrypt(secret),
    open: async (cookie) => {
      const opened = await jwtDecrypt(cookie, secret, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
      }).catch(() => undefined);
      const claims = Claims.safeParse(opened?.payload);
      if (!claims.success) return undefined;
      const { sub, name, role } = claims.data;
      return { subject: sub, name, role, how: 'session' };
    },
  };
}
