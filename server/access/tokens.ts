import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { Fault } from '../shared/fault.ts';
import { type Identity, ROLES, type Role } from './identity.ts';

export interface TokenOptions {
  readonly issuer: string;
  /** Where the issuer publishes its keys; asked for with the first token. */
  jwksUri(): Promise<string>;
  /** For whom tokens must be made out. */
  readonly audience: string;
  /** The claim that holds the role or a list of roles; a dot goes into an object, as in `realm_access.roles`. */
  readonly roleClaim: string;
}

/** Signatures that only the issuer can make. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 30;

export type TokenVerifier = (token: string) => Promise<Identity>;

/**
 * Verifies tokens of an OpenID Connect issuer (RFC 7519, RFC 9068): signature, issuer, audience, time. Throws LOG_IN_NEEDED with
 * what is wrong with the token, IDENTITY_UNREACHABLE when the issuer's keys cannot be had.
 */
export function tokenVerifier({ issuer, jwksUri, audience, roleClaim }: TokenOptions): TokenVerifier {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  return async (token) => {
    try {
      keys ??= createRemoteJWKSet(new URL(await jwksUri()), { timeoutDuration: 5_000 });
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['sub', 'exp'],
      });
      return identityOf(payload, roleClaim, 'token');
    } catch (error) {
      throw refusal(error);
    }
  };
}

/** Throws LOG_IN_NEEDED when the person has no role here. */
export function identityOf(payload: JWTPayload, roleClaim: string, how: Identity['how']): Identity {
  const role = roleIn(payload, roleClaim);
  if (!role)
    throw new Fault('LOG_IN_NEEDED', `the token names none of the roles ${ROLES.join(', ')} in ${roleClaim}`);
  const name = [payload.name, payload.preferred_username, payload.email, payload.sub].find(
    (v) => typeof v === 'string' && v !== '',
  );
  return { subject: payload.sub ?? '', name: String(name), role, how };
}

/** The highest of the roles that the claim names, alone or as `pellucid-viewer`. */
function roleIn(payload: JWTPayload, claim: string): Role | undefined {
  const held = claim
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], payload);
  const names = (Array.isArray(held) ? held : [held]).filter((v): v is string => typeof v === 'string');
  return ROLES.findLast((role) => names.some((n) => n === role || n === `pellucid-${role}`));
}

function refusal(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof errors.JWTExpired) return new Fault('LOG_IN_NEEDED', 'the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new Fault('LOG_IN_NEEDED', `the token’s claim ${error.claim} does not fit`);
  // What jose says of an answer that is no set of keys is no fault of the token.
  const ofKeys = [errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code];
  const isTokens = error instanceof errors.JOSEError && !ofKeys.includes(error.code);
  return isTokens
    ? new Fault('LOG_IN_NEEDED', 'the token is not one of the identity provider’s', { cause: error })
    : new Fault('IDENTITY_UNREACHABLE', 'the keys of the identity provider cannot be had', { cause: error });
}
