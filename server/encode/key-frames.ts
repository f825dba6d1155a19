import type { Finding, LabelMap, Prediction } from '../contracts.ts';
import type { Explanation } from '../explanation.ts';
import { eachRun } from './runs.ts';

/** Is the finding there? A quantity always is. */
export function isPresent(finding: Finding): boolean {
  switch (finding.kind) {
    case 'classification':
      return finding.positive;
    case 'segment':
      return finding.voxels > 0;
    case 'measurement':
      return true;
  }
}

/**
 * Where to look for each finding: source frames, the best first. Those of its regions; of a segment without a region the
 * frame that holds most of it; of a picture the picture. Nothing for what is not there.
 */
export function keyFrames(
  { findings, labelMap }: Prediction,
  explanation: Explanation,
  frames: number,
): readonly (readonly number[])[] {
  const fullest = labelMap ? fullestFrames(labelMap, findings.length) : [];
  return findings.map((finding, index) => {
    if (!isPresent(finding)) return [];
    const regions = explanation.findings.find((e) => e.finding === index)?.regions ?? [];
    if (regions.length > 0) return [...new Set(regions.map((r) => r.frame))];
    if (finding.kind === 'segment' && labelMap) return [fullest[finding.number] ?? 0];
    return frames === 1 ? [0] : [];
  });
}

/** For each label up to `highest` the frame with most voxels of it, of equals the first; all of them in one pass. */
export function fullestFrames({ shape, data }: LabelMap, highest: number): Uint32Array {
  const size = shape[1] * shape[2];
  const fullest = new Uint32Array(highest + 1);
  const most = new Uint32Array(highest + 1);
  for (let frame = 0; frame < shape[0]; frame++) {
    const counts = new Uint32Array(highest + 1);
    eachRun(data.subarray(frame * size, (frame + 1) * size), (label, from, end) => {
      counts[label] = (counts[label] as number) + end - from;
    });
    counts.forEach((count, label) => {
      if (count <= (most[label] as number)) return;
      most[label] = count;
      fullest[label] = frame;
    });
  }
  return fullest;
}
