import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { examine } from './doctor-checks.ts';
import type { Finding } from './doctor-finding.ts';

const USAGE = 'say pellucid doctor [--json]';
const SIGNS = { ok: '✔', warning: '!', failed: '✖' } as const;

/** `pellucid doctor`: is everything as the work needs it? Exit code 1 where something is not; settings are those of the server. */
export async function doctorCommand(args: readonly string[]): Promise<void> {
  const asJson = read(args);
  const findings = await findingsOf();
  const isWell = findings.every(({ state }) => state !== 'failed');
  if (!isWell) process.exitCode = 1;
  process.stdout.write(asJson ? `${JSON.stringify({ isWell, findings }, null, 2)}\n` : told(findings));
}

async function findingsOf(): Promise<readonly Finding[]> {
  try {
    const config = loadConfig(process.env);
    return [{ name: 'settings', state: 'ok', says: 'they can be read' }, ...(await examine(config))];
  } catch (error) {
    const { detail, spec } = asFault(error);
    return [{ name: 'settings', state: 'failed', says: detail.trim(), action: spec.action }];
  }
}

function told(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .map(({ name, state, says, action }) => {
      const line = `${SIGNS[state]} ${name.padEnd(width)}  ${says}\n`;
      return action ? `${line}${' '.repeat(width + 4)}What to do: ${action}\n` : line;
    })
    .join('');
}

function read(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } }).values.json;
  } catch (cause) {
    throw new Fault('REQUEST_INVALID', USAGE, { cause });
  }
}
