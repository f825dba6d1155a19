import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../server/shared/free-port.ts';

export interface TestPostgres {
  readonly url: string;
  /** Ends it with SIGKILL, and what it started: as a crash of the machine would. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
  remove(): Promise<void>;
}

const START_MS = 60_000;

/** A real, empty PostgreSQL on a free loopback port. It does not run as root: then the account of the Debian package has it. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'pellucid-postgres-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : [];
  chmodSync(folder, 0o755);
  mkdirSync(data);
  if (isRoot) execFileSync('chown', ['postgres:postgres', data]);
  const [program = '', ...args] = [
    ...prefix,
    join(binaries(), 'initdb'),
    '-D',
    data,
    '-U',
    'pellucid',
    '-A',
    'trust',
  ];
  execFileSync(program, args, { stdio: 'ignore', cwd: folder });

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'fsync=on'];
    const [postgres = '', ...rest] = [...prefix, join(binaries(), 'postgres'), ...settings];
    for (const until = Date.now() + START_MS; Date.now() < until; await wait(50)) {
      // It refuses to start while a process that was killed still holds its memory.
      if (!child || child.exitCode !== null || child.signalCode !== null)
        child = spawn(postgres, rest, { stdio: 'ignore', cwd: folder, detached: true });
      if (await answers(port)) return;
    }
    throw new Error('PostgreSQL did not start');
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    // Its backends are of its group.
    process.kill(signal === 'SIGKILL' ? -(child.pid as number) : (child.pid as number), signal);
    await gone;
  };
  await start();
  return {
    url: `postgres://pellucid@127.0.0.1:${port}/postgres`,
    kill9: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      await start();
    },
    remove: async () => {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of the newest that Debian installed, else where the path leads. */
function binaries(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  if (versions[0]) return join(root, versions[0], 'bin');
  throw new Error(`${root} is missing: run npm run setup -- test`);
}

/** A startup packet (PostgreSQL protocol 3.0) that is answered at all: it accepts connections only when it has recovered. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const body = Buffer.from('\0\x03\0\0user\0pellucid\0database\0postgres\0\0', 'latin1');
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([length, body])));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (answer) => {
      socket.destroy();
      // R: authentication is fine; E: an error, such as that it is starting up.
      resolve(answer[0] === 0x52);
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
