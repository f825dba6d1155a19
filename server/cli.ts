#!/usr/bin/env node
import { asFault, Fault } from './shared/fault.ts';

/** `pellucid <command>`: the server and the tools around it. */
const COMMANDS: Readonly<Record<string, { readonly says: string; readonly run: () => Promise<unknown> }>> = {
  serve: { says: 'run the server (settings: docs/operate.md)', run: () => import('./main.ts') },
  work: {
    says: 'work for servers that share a PostgreSQL, without listening itself (settings: docs/operate.md)',
    run: () => import('./work.ts'),
  },
  explain: {
    says: 'explain one image: pellucid explain <dicom|png|npy> --model <package|file.onnx> --out <png|npy|json|nii.gz>',
    run: async () => (await import('./cli/explain.ts')).explainCommand(process.argv.slice(3)),
  },
  model: {
    says: 'write, check, list, add and switch model packages: pellucid model new, record, check, list, add, promote, disable, enable',
    run: async () => (await import('./cli/model.ts')).modelCommand(process.argv.slice(3)),
  },
  route: {
    says: 'try the rules on a study: pellucid route test <StudyInstanceUID|dicom>, route check, route compare, route held',
    run: async () => (await import('./cli/route.ts')).routeCommand(process.argv.slice(3)),
  },
  analysis: {
    says: 'what became of analyses: pellucid analysis list, show, retry, cancel, rerun, compare',
    run: async () => (await import('./cli/analysis.ts')).analysisCommand(process.argv.slice(3)),
  },
  status: {
    says: 'what waits, runs and failed, and how long things take: pellucid status [--json]',
    run: async () => (await import('./cli/status.ts')).statusCommand(process.argv.slice(3)),
  },
  backfill: {
    says: 'bring models and rules to studies of the past: pellucid backfill --from 2026-01-01 --to 2026-01-31, backfill list, stop, resume',
    run: async () => (await import('./cli/backfill.ts')).backfillCommand(process.argv.slice(3)),
  },
  key: {
    says: 'access keys: pellucid key add <name> --role <role>, key list, key remove',
    run: async () => (await import('./cli/key.ts')).keyCommand(process.argv.slice(3)),
  },
  doctor: {
    says: 'is everything as the work needs it? pellucid doctor [--json]',
    run: async () => (await import('./cli/doctor.ts')).doctorCommand(process.argv.slice(3)),
  },
  audit: {
    says: 'the audit trail of a running server: pellucid audit verify, audit export --as entries|dicom|fhir, audit prune',
    run: async () => (await import('./cli/audit.ts')).auditCommand(process.argv.slice(3)),
  },
};

const name = process.argv[2] ?? '';
try {
  const command = COMMANDS[name];
  if (!command) throw new Fault('REQUEST_INVALID', `no command "${name}". There are:\n${help()}`);
  await command.run();
} catch (error) {
  const fault = asFault(error);
  process.stderr.write(`${fault.code}: ${fault.detail}\nWhat to do: ${fault.spec.action}\n`);
  process.exitCode = 1;
}

function help(): string {
  return Object.entries(COMMANDS)
    .map(([command, { says }]) => `  ${command.padEnd(8)} ${says}`)
    .join('\n');
}
