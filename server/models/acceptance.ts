import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ACCEPTANCE } from './files.ts';
import type { ModelSpec } from './schema.ts';

/** One check of a package: what was measured, and what it had to be. */
export const Check = z.strictObject({
  name: z.string(),
  passed: z.boolean(),
  /** The figure with its unit, in words. */
  measured: z.string(),
  wanted: z.string(),
});
export type Check = z.infer<typeof Check>;

/**
 * acceptance.json: what `pellucid model check` measured of a package. It holds for one digest: a changed file voids it
 * (explain.md's guide; Wang et al. 2024).
 */
export const Acceptance = z.strictObject({
  schema: z.literal(1),
  /** SHA-256 of all files of the package, as the identity of the model has it. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the package, as it was checked; older acceptances do not say. */
  version: z.string().exactOptional(),
  /** ISO 8601, UTC. */
  checkedAt: z.string(),
  /** How many images it was measured on. */
  samples: z.int().min(0),
  checks: z.array(Check).min(1),
});
export type Acceptance = z.infer<typeof Acceptance>;

/** What must be measured, by the kind of model; docs/models.md says what each is. */
const ALL = ['card', 'vectors', 'stability', 'resources'];
export function wantedChecks(spec: ModelSpec): readonly string[] {
  if (spec.kind !== 'segmentation') return [...ALL, 'gradient', 'randomisation', 'faithfulness'];
  return spec.rule === undefined ? [...ALL, 'gradient', 'randomisation'] : [...ALL, 'rule'];
}

/** acceptance.json of a folder; `damaged` when it is there and no acceptance. */
export async function acceptanceIn(folder: string): Promise<Acceptance | 'damaged' | undefined> {
  const text = await readFile(join(folder, ACCEPTANCE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return Acceptance.parse(JSON.parse(text));
  } catch {
    return 'damaged';
  }
}

/** What to think of before files other than those accepted run under the same version; nothing for a new version, or the same files. */
export function sameVersionRemark(
  before: Acceptance | undefined,
  { version, digest }: Pick<Acceptance, 'version' | 'digest'>,
): string | undefined {
  if (!before || before.version !== version || before.digest === digest) return undefined;
  return `other files were accepted as ${version} on ${before.checkedAt.slice(0, 10)}: where they have run, give these another version`;
}

/** For a reader of results: `Accepted on 2026-11-29: all 10 checks passed, measured on 16 images.`, or why it is not. */
export function acceptanceWords(acceptance: Acceptance | undefined, voidReason: string | undefined): string {
  if (voidReason !== undefined || !acceptance) return `Not accepted: ${voidReason ?? NEVER}.`;
  const { checks, samples, checkedAt } = acceptance;
  const images = samples === 1 ? '1 image' : `${samples} images`;
  return `Accepted on ${checkedAt.slice(0, 10)}: all ${checks.length} checks passed, measured on ${images}.`;
}

const NEVER = 'it was never checked: run pellucid model check';

/** Why the package is not accepted, or nothing when it is. */
export function voidReason(
  acceptance: Acceptance | 'damaged' | undefined,
  digest: string,
  spec: ModelSpec,
): string | undefined {
  if (!acceptance) return NEVER;
  if (acceptance === 'damaged') return 'its acceptance.json cannot be read: run pellucid model check';
  if (acceptance.digest !== digest) return 'a file changed after it was checked: run pellucid model check';
  const failed = acceptance.checks.filter(({ passed }) => !passed).map(({ name }) => name);
  if (failed.length > 0) return `it failed: ${failed.join(', ')}`;
  const missing = wantedChecks(spec).filter((name) => !acceptance.checks.some((c) => c.name === name));
  return missing.length > 0
    ? `it was never checked for ${missing.join(', ')}: run pellucid model check`
    : undefined;
}
