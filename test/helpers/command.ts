import { spawnSync } from 'node:child_process';
import { modelCommand } from '../../server/cli/model.ts';
import { asFault, type Fault } from '../../server/shared/fault.ts';

type Settings = Readonly<Record<string, string>>;

/** A command in a process of its own, as people start it. */
export function started(settings: Settings, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('node', ['server/cli.ts', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...settings },
  });
  return { status, stdout, says: stdout + stderr };
}

/** `pellucid model` in this process. What computes much is slow inside of Jest. */
export const model = (settings: Settings, ...args: readonly string[]): Promise<Said> =>
  here(modelCommand, settings, args);

export interface Said {
  readonly fault: Fault | undefined;
  readonly stdout: string;
  readonly says: string;
}

/** A command in this process: for what takes less time than a start does. One at a time. */
export async function here(
  command: (args: readonly string[]) => Promise<void>,
  settings: Settings,
  args: readonly string[],
): Promise<Said> {
  const before = process.env;
  const [out, error] = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockReturnValue(true),
  ) as [jest.SpyInstance, jest.SpyInstance];
  const said = (spy: jest.SpyInstance): string => spy.mock.calls.map(([text]) => String(text)).join('');
  try {
    process.env = { ...before, ...settings };
    const fault = await command(args).then(() => undefined, asFault);
    const stdout = said(out);
    return { fault, stdout, says: `${stdout}${said(error)}${fault ? `${fault.code}: ${fault.detail}` : ''}` };
  } finally {
    process.env = before;
    out.mockRestore();
    error.mockRestore();
  }
}
