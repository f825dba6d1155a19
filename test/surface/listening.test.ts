import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notListening } from '../../server/surface/listening.ts';
import { started } from '../helpers/command.ts';
import { readyDatabase } from '../helpers/ready-database.ts';

test('a server whose port is taken says which, and what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-port-'));
  await readyDatabase(join(folder, 'db'));
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { readonly port: number };
  const { status, says } = started(
    { PORT: String(port), HOST: '127.0.0.1', DATA_DIR: folder, MODEL_PATH: '/nowhere' },
    'serve',
  );
  other.close();
  rmSync(folder, { recursive: true });
  expect(status).toBe(1);
  const last = JSON.parse(says.trim().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({
    code: 'ADDRESS_UNAVAILABLE',
    msg: `port ${port} of 127.0.0.1 is taken by another program`,
    action: expect.stringContaining('set PORT and HOST'),
  });
});

test('what is nothing of the address stays as it is', () => {
  const error = Object.assign(new Error('x'), { code: 'EMFILE' });
  expect(notListening(error, '::1', 80)).toBe(error);
  const refused = Object.assign(new Error('x'), { code: 'EACCES' });
  expect(notListening(refused, '::1', 80)).toMatchObject({
    code: 'ADDRESS_UNAVAILABLE',
    detail: expect.stringContaining('port 80 of ::1 may not'),
  });
});
