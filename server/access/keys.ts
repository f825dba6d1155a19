import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Fault } from '../shared/fault.ts';
import { type Identity, ROLES, type Role } from './identity.ts';

/**
 * API keys for programs and for sites without an identity provider: 256 random bits, of which only the SHA-256 is kept. Such a key
 * cannot be guessed, so a slow hash would protect nothing.
 */
const Entry = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'has other than letters, digits, dots, hyphens and underscores'),
  role: z.enum(ROLES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** A day, ISO 8601; the key counts until its end, UTC. */
  expires: z.iso.date().exactOptional(),
});
type Entry = z.infer<typeof Entry>;

const KeyFile = z
  .strictObject({ schema: z.literal(1), keys: z.array(Entry) })
  .superRefine(({ keys }, { addIssue }) => {
    const names = keys.map(({ name }) => name);
    for (const name of new Set(names.filter((n, i) => names.indexOf(n) !== i)))
      addIssue(`two keys have the name ${name}`);
  });

/** Both give undefined when there is no such key, and throw LOG_IN_NEEDED when it has expired. */
export interface KeyRing {
  /** Who holds the key. */
  holderOf(key: string): Identity | undefined;
  /** Who logged in with a key, by the subject of then: a key that is gone ends its sessions. */
  stillHolds(subject: string): Identity | undefined;
}

/** Reads a key file. Throws CONFIG_INVALID. */
export async function openKeys(path: string, now: () => Date = () => new Date()): Promise<KeyRing> {
  const entries = await keysIn(path);
  const identityOf = (entry: Entry | undefined): Identity | undefined => {
    if (!entry) return undefined;
    if (entry.expires !== undefined && now().toISOString().slice(0, 10) > entry.expires)
      throw new Fault('LOG_IN_NEEDED', `the key ${entry.name} expired on ${entry.expires}`);
    return { subject: subjectOf(entry), name: entry.name, role: entry.role, how: 'key' };
  };
  return {
    holderOf: (key) => {
      const hash = hashOf(key);
      return identityOf(entries.find(({ sha256 }) => sha256 === hash));
    },
    stillHolds: (subject) => identityOf(entries.find((entry) => subjectOf(entry) === subject)),
  };
}

export const isKeySubject = (subject: string): boolean => subject.startsWith('key:');
const subjectOf = ({ name }: Entry): string => `key:${name}`;

/** A new key, and the file with it added: the key itself is told once and is not in it. Throws CONFIG_INVALID. */
export function addKey(
  file: string | undefined,
  {
    name,
    role,
    expires,
  }: { readonly name: string; readonly role: Role; readonly expires?: string | undefined },
): { readonly key: string; readonly file: string } {
  const key = `pk_${randomBytes(32).toString('base64url')}`;
  const entry: Entry = { name, role, sha256: hashOf(key), ...(expires ? { expires } : {}) };
  const keys = [...(file === undefined ? [] : parsed(file)), entry];
  return { key, file: stringify(checked({ schema: 1, keys })) };
}

/** The keys of a file, without their secrets. Throws CONFIG_INVALID. */
export const listKeys = (file: string | undefined): readonly Pick<Entry, 'name' | 'role' | 'expires'>[] =>
  file === undefined ? [] : parsed(file);

/** The file without one key. Throws NOT_FOUND, CONFIG_INVALID. */
export function removeKey(file: string | undefined, name: string): string {
  const entries = file === undefined ? [] : parsed(file);
  const keys = entries.filter((entry) => entry.name !== name);
  if (keys.length === entries.length) throw new Fault('NOT_FOUND', `no key has the name ${name}`);
  return stringify({ schema: 1, keys });
}

const keysIn = async (path: string): Promise<readonly Entry[]> =>
  parsed(
    await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new Fault('CONFIG_INVALID', `the key file ${path} cannot be read`, { cause });
    }),
  );

const parsed = (text: string): readonly Entry[] => checked(parse(text)).keys;

function checked(given: unknown): z.infer<typeof KeyFile> {
  const file = KeyFile.safeParse(given);
  if (file.success) return file.data;
  throw new Fault('CONFIG_INVALID', `the key file:\n${z.prettifyError(file.error)}`);
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
