import type { Explanation, Finding, LabelMap, Prediction } from '../contracts.ts';

/** Is the finding there? */
export const isPresent = (finding: Finding): boolean =>
  finding.kind === 'classification' ? finding.positive : finding.voxels > 0;

/**
 * Where to look for each finding: source frames, the best first. Those of its regions; of a segment without a region the
 * frame that holds most of it; of a picture the picture. Nothing for what is not there.
 */
export function keyFrames(
  { findings, labelMap }: Prediction,
  explanation: Explanation,
  frames: number,
): readonly (readonly number[])[] {
  return findings.map((finding, index) => {
    if (!isPresent(finding)) return [];
    const regions = explanation.findings.find((e) => e.finding === index)?.regions ?? [];
    if (regions.length > 0) return [...new Set(regions.map((r) => r.frame))];
    if (finding.kind === 'segment' && labelMap) return [fullestFrame(labelMap, finding.number)];
    return frames === 1 ? [0] : [];
  });
}

/** The frame with most voxels of a segment; of equals the first. */
function fullestFrame({ shape, data }: LabelMap, segment: number): number {
  const size = shape[1] * shape[2];
  const counts = new Uint32Array(shape[0]);
  for (let frame = 0, i = 0; frame < shape[0]; frame++)
    for (const end = i + size; i < end; i++)
      if (data[i] === segment) counts[frame] = (counts[frame] ?? 0) + 1;
  return counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
}
