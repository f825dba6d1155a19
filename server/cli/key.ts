import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { ROLES } from '../access/identity.ts';
import { addKey, listKeys, removeKey } from '../access/keys.ts';
import { loadConfig } from '../config.ts';
import { Fault } from '../shared/fault.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid key add <name> --role monitor|requester|viewer|reviewer|admin [--expires 2027-01-31]
  pellucid key list
  pellucid key remove <name>
The key file is that of ACCESS_KEYS, or --file. The server reads it at its start.`;

/** `pellucid key`: access keys are made, listed and taken away. A key is shown once, when it is made. */
export async function keyCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const file = values.file ?? loadConfig(process.env).ACCESS_KEYS;
  if (file === '') throw new Fault('CONFIG_INVALID', 'set ACCESS_KEYS to a file, or say --file');
  const [name] = positionals;
  if (verb === 'list') return list(await textIn(file));
  if (verb === 'add' && name) {
    const role = z.enum(ROLES).safeParse(values.role);
    if (!role.success) throw new Fault('REQUEST_INVALID', USAGE);
    const added = addKey(await textIn(file), { name, role: role.data, expires: values.expires });
    await replace(file, added.file);
    process.stderr.write(
      `The key of ${name}, a ${role.data}. It is shown this once; restart the server to let it count.\n`,
    );
    return say(added.key);
  }
  if (verb === 'remove' && name) return replace(file, removeKey(await textIn(file), name));
  throw new Fault('REQUEST_INVALID', USAGE);
}

function list(text: string | undefined): void {
  for (const { name, role, expires } of listKeys(text))
    say(`${role.padEnd(10)} ${name}${expires ? `, until ${expires}` : ''}`);
}

/** Undefined while there is none. */
const textIn = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Fault('CONFIG_INVALID', `${file} cannot be read`, { cause: error });
  });

/** Whole or not at all, and for its owner alone. */
async function replace(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, file);
}

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    options: { role: { type: 'string' }, expires: { type: 'string' }, file: { type: 'string' } },
  });
