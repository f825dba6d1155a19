#!/usr/bin/env node
/**
 * Are advisories known against what the product installs? `audit.mjs` ends with 1 where one is high or critical. Where no registry answers the question
 * (no network, a mirror without advisories) it says so, loudly, and ends with 0: a test run must not need a network. AUDIT_MUST=1 makes that an error too,
 * for a job that is there to ask.
 */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** What npm's JSON means: `{ asked, counts, worst }`. */
export function judge(output) {
  const answer = parsed(output);
  const counts = answer?.metadata?.vulnerabilities;
  if (!counts)
    return { asked: false, why: answer?.message ?? answer?.error?.summary ?? 'npm audit gave no answer' };
  const named = Object.values(answer.vulnerabilities ?? {})
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ name, severity }) => `${name} (${severity})`);
  return { asked: true, counts, named };
}

function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const { asked, why, counts, named } = judge(stdout ?? '');
  if (!asked) {
    console.error(`[audit] *** the dependencies were NOT audited: ${why} ***`);
    process.exit(process.env.AUDIT_MUST ? 1 : 0);
  }
  console.error(`[audit] advisories: ${JSON.stringify(counts)}`);
  for (const one of named) console.error(`[audit] ${one}: npm audit says what to do`);
  process.exit(named.length > 0 ? 1 : 0);
}
