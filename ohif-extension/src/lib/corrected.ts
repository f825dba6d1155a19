import type { Assessment, Finding, Result } from './result.ts';

/** The last correction that stands: what a person rejected is not corrected. */
export const correctionAmong = (assessments: readonly Assessment[]): Assessment | undefined =>
  assessments[0]?.isRejected ? undefined : assessments.find((each) => each.corrected);

/**
 * A result as a person last corrected it: masks, volumes and places are the correction's, and what was erased is not there any more. What
 * explains the result stays the model's.
 */
export function asCorrected(result: Result, assessment: Assessment | undefined): Result {
  const { corrected } = assessment ?? {};
  if (!corrected) return result;
  const isOfMasks = result.findings.some((finding) => finding.segment);
  const findings = result.findings.map((finding) => {
    const own = correctionOf(finding, corrected);
    if (own) return withPlace(finding, own);
    return isOfMasks ? erased(finding) : finding;
  });
  return { ...result, findings };
}

const withPlace = (finding: Finding, { segment, regions, volumeMl }: Finding): Finding => ({
  ...finding,
  present: true,
  regions,
  ...(segment ? { segment } : {}),
  ...(volumeMl === undefined ? {} : { volumeMl }),
});

function erased({ segment: _, ...finding }: Finding): Finding {
  return { ...finding, present: false, regions: [], volumeMl: 0 };
}

const correctionOf = ({ trackingUID }: Finding, corrected: readonly Finding[]): Finding | undefined =>
  corrected.find((each) => each.trackingUID === trackingUID);

/** What a person changed of a finding. */
export interface Change {
  readonly label: string;
  /** ml, where it is measured; undefined of what was only drawn. */
  readonly volumes?: { readonly now: number; readonly was: number };
}

/** Only what differs; `corrected` is as asCorrected() gives it. */
export const changesOf = (model: Result, corrected: Result): readonly Change[] =>
  model.findings.flatMap((before, i): readonly Change[] => {
    const after = corrected.findings[i];
    if (!after || after === before) return [];
    const { label, volumeMl: was } = before;
    if (was === undefined || after.volumeMl === undefined) return [{ label }];
    return isSame(was, after.volumeMl) ? [] : [{ label, volumes: { now: after.volumeMl, was } }];
  });

/** Both are sums of the same voxels, written with as many decimals as fit. */
const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(a, b);
