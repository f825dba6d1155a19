import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'undici';
import type { Role } from '../../server/access/identity.ts';
import { addKey } from '../../server/access/keys.ts';

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  json<T>(): T;
}

/** As this person, who is logged in. */
export type Ask = (person: string, method: string, path: string, body?: unknown) => Promise<Asked>;

/** Writes the file of keys for people by name and role; gives the key of each. */
export function keysFor(
  file: string,
  people: Readonly<Record<string, Role>>,
): Readonly<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const [name, role] of Object.entries(people)) {
    const before = Object.keys(keys).length > 0 ? readFileSync(file, 'utf8') : undefined;
    const made = addKey(before, { name, role });
    writeFileSync(file, made.file);
    keys[name] = made.key;
  }
  return keys;
}

/** Asks the server at `url` in the session of each person, as the console does. */
export function askAs(url: string, keys: Readonly<Record<string, string>>): Ask {
  const cookies = new Map<string, string>();
  return async (person, method, path, body) => {
    const cookie = cookies.get(person) ?? (await logIn(url, keys[person] ?? ''));
    cookies.set(person, cookie);
    // A connection of its own: validators that block this process outlast one that waits.
    const answer = await request(url + path, {
      method: method as 'GET',
      reset: true,
      headers: {
        cookie,
        origin: url,
        'sec-fetch-site': 'same-origin',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return {
      status: answer.statusCode,
      headers: answer.headers,
      bytes,
      json: <T>() => JSON.parse(bytes.toString()) as T,
    };
  };
}

async function logIn(url: string, key: string): Promise<string> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
}
