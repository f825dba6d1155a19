import { z } from 'zod';

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
  /** SHA-256 of model.yaml and model.onnx, as the identity of the model has it. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** ISO 8601, UTC. */
  checkedAt: z.string(),
  /** How many images it was measured on. */
  samples: z.int().min(0),
  checks: z.array(Check).min(1),
});
export type Acceptance = z.infer<typeof Acceptance>;

/** Why the package is not accepted, or nothing when it is. */
export function voidReason(acceptance: Acceptance | undefined, digest: string): string | undefined {
  if (!acceptance) return 'it was never checked: run pellucid model check';
  if (acceptance.digest !== digest) return 'a file changed after it was checked: run pellucid model check';
  const failed = acceptance.checks.filter(({ passed }) => !passed).map(({ name }) => name);
  return failed.length > 0 ? `it failed: ${failed.join(', ')}` : undefined;
}
