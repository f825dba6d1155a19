import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Router } from 'express';
import { z } from 'zod';
import { ROLES, type Role } from '../../server/access/identity.ts';
import { type AccessConfig, openAccess } from '../../server/access/index.ts';
import { addKey } from '../../server/access/keys.ts';
import { createApp } from '../../server/app.ts';
import { serve } from '../../server/shared/address.ts';
import { type Listening, listen } from '../show/listening.ts';

export interface Site extends Listening {
  readonly keys: Readonly<Record<Role | 'expired', string>>;
  readonly refused: readonly string[];
  /** Subjects. */
  readonly loggedOut: readonly string[];
}

export const NO_ACCESS: AccessConfig = {
  HOST: '127.0.0.1',
  ACCESS_KEYS: '',
  OIDC_ISSUER: '',
  OIDC_CLIENT_ID: '',
  OIDC_CLIENT_SECRET_FILE: '',
  OIDC_AUDIENCE: '',
  OIDC_ROLE_CLAIM: 'roles',
  OIDC_SCOPE: 'openid profile',
  PUBLIC_URL: '',
  sessionFile: '',
};

/** The application with access control in front of addresses that only say that they were reached. */
export async function site(
  config: Partial<AccessConfig> = {},
  {
    open = false,
    ...surface
  }: { open?: boolean; trustedProxies?: readonly string[]; requestsPerMinute?: number } = {},
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-access-'));
  let file: string | undefined;
  const made = ([...ROLES, 'expired'] as const).map((name) => {
    const role = name === 'expired' ? 'admin' : name;
    const added = addKey(file, { name, role, expires: name === 'expired' ? '2026-01-31' : undefined });
    file = added.file;
    return [name, added.key];
  });
  writeFileSync(join(folder, 'keys.yaml'), file ?? '');
  const [refused, loggedOut]: [string[], string[]] = [[], []];
  const ended = new Set<string>();
  const access = await openAccess(
    {
      ...NO_ACCESS,
      ...(open ? {} : { ACCESS_KEYS: join(folder, 'keys.yaml') }),
      sessionFile: join(folder, 'session.key'),
      ...config,
    },
    {
      onRefused: ({ code }) => refused.push(code),
      onLogIn: () => undefined,
      onLogOut: ({ subject }) => loggedOut.push(subject),
      ended: { add: async (id) => void ended.add(id), has: async (id) => ended.has(id) },
    },
  );
  const reached = Router();
  for (const method of ['get', 'post', 'put', 'delete'] as const)
    for (const path of PATHS) {
      const params = z.object(path.includes(':id') ? { id: z.string() } : {});
      serve(
        reached,
        { method, path, params, says: 'That it is reached', answers: {} },
        (_, _request, answer) => answer.json({ reached: path }),
      );
    }
  const app = createApp({ access, ...surface, routers: [reached] });
  const listening = await listen(app);
  return {
    ...listening,
    close: async () => {
      await listening.close();
      rmSync(folder, { recursive: true });
    },
    keys: Object.fromEntries(made),
    refused,
    loggedOut,
  };
}

const PATHS = [
  '/hooks/orthanc',
  '/api/analyses',
  '/api/analyses/:id',
  '/api/models',
  '/api/models/:id',
  '/api/assessments',
  '/api/other',
  '/dicom-web/studies',
  '/metrics',
  '/ups-rs/workitems',
  '/viewer',
  '/',
];
