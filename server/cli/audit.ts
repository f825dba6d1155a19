import { z } from 'zod';
import { loadConfig } from '../config.ts';
import { Fault } from '../shared/fault.ts';
import { call, type Origin } from '../shared/http.ts';
import { askServer, refusalOf } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid audit verify
  pellucid audit export [--from 2026-11-01T00:00:00Z] [--to …] [--as entries|dicom|fhir]
  pellucid audit prune --before 2020-01-01T00:00:00Z
A server must run at HOST and PORT; PELLUCID_KEY holds a key of an admin where people log in.`;

const Gone = z.object({ gone: z.number() });
const Verification = z.object({ entries: z.number(), head: z.string(), brokenAt: z.number().optional() });

/** `pellucid audit`: the trail is checked or told, by a running server. A chain that is broken ends with an error. */
export async function auditCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values } = read(args);
  const { HOST, PORT } = loadConfig(process.env);
  const key = process.env.PELLUCID_KEY;
  const server: Origin = {
    url: `http://${HOST}:${PORT}`,
    ...(key ? { authorization: `Bearer ${key}` } : {}),
  };
  if (verb === 'verify') {
    const { entries, head, brokenAt } = Verification.parse(
      JSON.parse(await get(server, '/api/audit/verify')),
    );
    if (brokenAt !== undefined)
      throw new Fault('AUDIT_BROKEN', `entry ${brokenAt} does not follow from the one before`);
    return say(`${entries} entries, unbroken. The last has the hash\n${head}`);
  }
  if (verb === 'export') {
    const asked = Object.entries(values).filter(([, value]) => value !== undefined) as [string, string][];
    return say(await get(server, `/api/audit?${new URLSearchParams([...asked, ['limit', '10000']])}`));
  }
  if (verb === 'prune' && values.before) {
    const { gone } = Gone.parse(await askServer('/api/audit/prune', { before: values.before }));
    return say(
      `${gone} ${gone === 1 ? 'entry is' : 'entries are'} gone; the rest is a chain, and says from which hash it goes on.`,
    );
  }
  throw new Fault('REQUEST_INVALID', USAGE);
}

async function get(server: Origin, path: string): Promise<string> {
  const answer = await call(server, path);
  const body = await answer.body.text();
  if (answer.status === 200) return body;
  throw refusalOf(answer.status, body);
}

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    allowPositionals: false,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      as: { type: 'string' },
      before: { type: 'string' },
    },
  });
