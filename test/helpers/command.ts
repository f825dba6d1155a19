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

/** `pellucid model` in this process: for what takes less time than a start does. What computes much is slow inside of Jest. */
export async function model(
  settings: Settings,
  ...args: readonly string[]
): Promise<{ readonly fault: Fault | undefined; readonly stdout: string; readonly says: string }> {
  const before = process.env;
  const [out, error] = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockReturnValue(true),
  ) as [jest.SpyInstance, jest.SpyInstance];
  const said = (spy: jest.SpyInstance): string => spy.mock.calls.map(([text]) => String(text)).join('');
  try {
    process.env = { ...before, ...settings };
    const fault = await modelCommand(args).then(() => undefined, asFault);
    const stdout = said(out);
    return { fault, stdout, says: `${stdout}${said(error)}${fault ? `${fault.code}: ${fault.detail}` : ''}` };
  } finally {
    process.env = before;
    out.mockRestore();
    error.mockRestore();
  }
}
