import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Fault } from '../shared/fault.ts';

/**
 * Holds a folder for this process: an embedded database that two processes write is lost. The lock is a socket name of
 * the kernel's (Linux), so a killed process holds nothing; elsewhere there is no lock. Throws CONFIG_INVALID when held.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return async () => undefined;
  const name = `\0pellucid-${createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')}`;
  const holder = createServer((socket) => socket.destroy());
  await new Promise<void>((done, fail) => {
    holder.once('error', (cause) =>
      fail(
        new Fault('CONFIG_INVALID', 'another server uses this DATA_DIR; stop it or choose another', {
          cause,
        }),
      ),
    );
    holder.listen(name, done);
  });
  holder.unref();
  return () => new Promise<void>((done) => void holder.close(() => done()));
}
