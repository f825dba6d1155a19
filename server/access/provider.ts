import * as oidc from 'openid-client';
import { Fault } from '../shared/fault.ts';
import type { Identity } from './identity.ts';
import { identityOf, type TokenVerifier, tokenVerifier } from './tokens.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Empty: a public client, which PKCE alone protects. */
  readonly clientSecret: string;
  /** For whom bearer tokens must be made out. */
  readonly audience: string;
  readonly roleClaim: string;
  readonly scope: string;
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
}

/** What a log-in that has begun must remember until it ends. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** An OpenID Connect provider: the authorization code flow with PKCE for people, bearer tokens for programs. */
export interface Provider {
  readonly verify: TokenVerifier;
  begin(): Promise<{ readonly url: URL; readonly begun: Begun }>;
  /** `answer` is the address that the provider sent the person back to. Throws LOG_IN_NEEDED. */
  finish(answer: URL, begun: Begun): Promise<Identity>;
}

/** Nothing is asked of the provider before the first log-in; one that is down then is IDENTITY_UNREACHABLE, and is asked again. */
export function openProvider(options: ProviderOptions): Provider {
  const { issuer, clientId, clientSecret, audience, roleClaim, scope, redirectUri } = options;
  let found: Promise<oidc.Configuration> | undefined;
  const configuration = (): Promise<oidc.Configuration> => {
    found ??= discover(issuer, clientId, clientSecret).catch((cause: unknown) => {
      found = undefined;
      throw new Fault('IDENTITY_UNREACHABLE', `${issuer} does not say how people log in`, { cause });
    });
    return found;
  };
  return {
    verify: tokenVerifier({
      issuer,
      jwksUri: async () => (await configuration()).serverMetadata().jwks_uri ?? '',
      audience,
      roleClaim,
    }),
    begin: async () => {
      const begun = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
      });
      return { url, begun };
    },
    finish: async (answer, { state, nonce, verifier }) => {
      const tokens = await oidc
        .authorizationCodeGrant(await configuration(), answer, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        .catch((cause: unknown) => {
          if (cause instanceof Fault) throw cause;
          throw new Fault('LOG_IN_NEEDED', 'the identity provider did not confirm the log-in', { cause });
        });
      const claims = tokens.claims();
      if (!claims) throw new Fault('LOG_IN_NEEDED', 'the identity provider says nothing of the person');
      return identityOf(claims, roleClaim, 'session');
    },
  };
}

function discover(issuer: string, clientId: string, clientSecret: string): Promise<oidc.Configuration> {
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(issuer).hostname);
  return oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    clientSecret === '' ? oidc.None() : oidc.ClientSecretPost(clientSecret),
    { timeout: 5, ...(isLoopback ? { execute: [oidc.allowInsecureRequests] } : {}) },
  );
}
