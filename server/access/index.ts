import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { RequestHandler, Router } from 'express';
import { Fault } from '../shared/fault.ts';
import { type GuardOptions, guard } from './guard.ts';
import type { Identity } from './identity.ts';
import { openKeys } from './keys.ts';
import { loginRouter } from './login.ts';
import { openProvider, type Provider } from './provider.ts';
import { type EndedSessions, openSessions } from './sessions.ts';

/** Who may reach what: keys, an OpenID Connect provider, sessions; or, on loopback alone, nobody asks. */

export { headers } from './headers.ts';
export type { Identity } from './identity.ts';
export { limitRequests } from './limit.ts';
export { whoRouter } from './login.ts';

export interface AccessConfig {
  readonly HOST: string;
  /** Empty: no keys. */
  readonly ACCESS_KEYS: string;
  /** Empty: no provider. */
  readonly OIDC_ISSUER: string;
  readonly OIDC_CLIENT_ID: string;
  readonly OIDC_CLIENT_SECRET_FILE: string;
  readonly OIDC_AUDIENCE: string;
  readonly OIDC_ROLE_CLAIM: string;
  readonly OIDC_SCOPE: string;
  /** Our own address, as browsers see it; empty without a log-in. */
  readonly PUBLIC_URL: string;
  /** Where the secret of the sessions is kept; made when it is missing. */
  readonly sessionFile: string;
}

export interface Access {
  readonly guard: RequestHandler;
  readonly login?: Router;
}

export interface AccessEvents {
  readonly onRefused: NonNullable<GuardOptions['onRefused']>;
  readonly onLogIn: (identity: Identity) => void;
  readonly onLogOut: (identity: Identity) => void;
}

/** Throws CONFIG_INVALID: also when others could reach a server that asks nobody who he is. */
export async function openAccess(
  config: AccessConfig,
  { ended, onRefused, onLogIn, onLogOut }: AccessEvents & { readonly ended: EndedSessions },
): Promise<Access> {
  const keys = config.ACCESS_KEYS ? await openKeys(config.ACCESS_KEYS) : undefined;
  const provider = config.OIDC_ISSUER ? await providerOf(config) : undefined;
  if (!keys && !provider) {
    if (!isLoopback(config.HOST))
      throw new Fault(
        'CONFIG_INVALID',
        `HOST is ${config.HOST}, which others can reach: set ACCESS_KEYS or OIDC_ISSUER, or leave HOST at 127.0.0.1`,
      );
    return { guard: guard({ onRefused }) };
  }
  const publicUrl = config.PUBLIC_URL || `http://${config.HOST}`;
  const secure = publicUrl.startsWith('https:');
  const sessions = openSessions(await secretIn(config.sessionFile), { secure, ended });
  return {
    guard: guard({ keys, tokens: provider?.verify, sessions, onRefused }),
    login: loginRouter({ sessions, secure, publicUrl, keys, provider, onLogIn, onLogOut }),
  };
}

async function providerOf(config: AccessConfig): Promise<Provider> {
  const missing = (['OIDC_CLIENT_ID', 'OIDC_AUDIENCE', 'PUBLIC_URL'] as const).filter(
    (k) => config[k] === '',
  );
  if (missing.length > 0)
    throw new Fault('CONFIG_INVALID', `OIDC_ISSUER is set, so these must be too: ${missing.join(', ')}`);
  return openProvider({
    issuer: config.OIDC_ISSUER,
    clientId: config.OIDC_CLIENT_ID,
    clientSecret: config.OIDC_CLIENT_SECRET_FILE ? await textIn(config.OIDC_CLIENT_SECRET_FILE) : '',
    audience: config.OIDC_AUDIENCE,
    roleClaim: config.OIDC_ROLE_CLAIM,
    scope: config.OIDC_SCOPE,
    redirectUri: new URL('/login/callback', config.PUBLIC_URL).href,
  });
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);

const textIn = async (path: string): Promise<string> =>
  (
    await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new Fault('CONFIG_INVALID', `${path} cannot be read`, { cause });
    })
  ).trim();

/** 32 bytes that only the owner of the file can read. */
async function secretIn(path: string): Promise<Uint8Array> {
  // Two servers that start at once: one makes it, both read it.
  await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST')
        throw new Fault('CONFIG_INVALID', `${path} cannot be written`, { cause: error });
    },
  );
  const secret = await readFile(path);
  if (secret.length !== 32)
    throw new Fault('CONFIG_INVALID', `${path} is not a session secret of ours: delete it`);
  return secret;
}
