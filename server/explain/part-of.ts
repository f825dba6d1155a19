import type { SegmentFinding } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import type { Measure } from '../explanation.ts';
import type { SegmentationSpec } from '../models/schema.ts';

type Whole = NonNullable<SegmentationSpec['output']['labels'][number]['partOf']>;

/** A structure's volume as a part of others' together. */
export interface PartOf {
  /** 0 and more: a structure need not be among the others. */
  readonly share: number;
  readonly whole: Whole;
}

/** Undefined where the package names no whole, or where a structure of it was not found: a ratio to what is left would mislead. */
export function partOf(
  { volumeMm3 }: SegmentFinding,
  whole: Whole | undefined,
  segments: readonly SegmentFinding[],
): PartOf | undefined {
  if (!whole) return undefined;
  const parts = whole.labels.map(
    (name) => segments.find(({ label }) => label.label === name)?.volumeMm3 ?? 0,
  );
  if (parts.some((mm3) => mm3 === 0)) return undefined;
  return { share: volumeMm3 / parts.reduce((sum, mm3) => sum + mm3, 0), whole };
}

/** Three digits: hippocampi are about a hundredth of a brain. */
export const partSentence = ({ share, whole: { name } }: PartOf): string =>
  `It is ${(100 * share).toPrecision(3)} % of the ${name}.`;

export const partMethod = ({ whole: { name, labels } }: PartOf): string =>
  `the ${name} is ${labels.join(', ').toLowerCase()} together`;

export const partMeasure = (part: PartOf): Measure => ({
  name: `Part of the ${part.whole.name}`,
  value: 100 * part.share,
  unit: UNITS.percent,
  sentence: `Its volume in that of ${partMethod(part).replace(' is ', ', which is ')}.`,
});
