import { z } from 'zod';
import { loadConfig } from '../config.ts';
import { FAULTS, Fault, type FaultCode } from '../shared/fault.ts';
import { call } from '../shared/http.ts';

/** How the tools reach the server that runs at HOST and PORT. */
export const OUR_SERVER =
  'A server must run at HOST and PORT; PELLUCID_KEY holds a key of an admin where people log in.';

/** What it answers, as JSON. Throws NOT_FOUND and REQUEST_INVALID with the reason it gives, and SERVER_UNREACHABLE. */
export async function askServer(path: string, body?: object): Promise<unknown> {
  return ask(path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
}

/** The same of an order that needs no body. */
export const tellServer = (path: string): Promise<unknown> => ask(path, { method: 'POST' });

async function ask(
  path: string,
  order: { readonly method?: 'POST'; readonly body?: string },
): Promise<unknown> {
  const { HOST, PORT } = loadConfig(process.env);
  const key = process.env.PELLUCID_KEY;
  const url = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
  const answer = await call({ url, ...(key ? { authorization: `Bearer ${key}` } : {}) }, path, {
    ...order,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
  }).catch((cause: unknown) => {
    throw new Fault('SERVER_UNREACHABLE', `no server answers at ${url}`, { cause });
  });
  const text = await answer.body.text();
  if (answer.status >= 300) throw refusalOf(answer.status, text);
  return text === '' ? undefined : JSON.parse(text);
}

/** What the server refuses, with the reason it gives and what to do. */
export function refusalOf(status: number, body: string): Fault {
  const said = Said.safeParse(jsonOf(body));
  if (!said.success)
    return new Fault('REQUEST_INVALID', `the server answered ${status}: ${body.slice(0, 300)}`);
  const { code, detail } = said.data;
  if (code !== 'LOG_IN_NEEDED') return new Fault(code, detail);
  return new Fault(
    code,
    process.env.PELLUCID_KEY
      ? 'the server does not know the key that PELLUCID_KEY holds, or it has expired'
      : 'people log in at this server, and PELLUCID_KEY holds no key',
  );
}

const Said = z.object({
  code: z.string().refine((code): code is FaultCode => code in FAULTS),
  detail: z.string(),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
