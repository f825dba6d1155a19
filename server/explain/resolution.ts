import type { Volume } from '../contracts.ts';
import type { SegmentationSpec } from '../models/schema.ts';

/** At what resolution a model works: what is finer in the source it cannot have seen. */

/** `dims` are [c, rows, columns] of what the model reads. */
export function imageResolution(
  [, rows = 1, columns = 1]: readonly number[],
  { shape: [, sourceRows, sourceColumns], PixelSpacing }: Pick<Volume, 'shape' | 'PixelSpacing'>,
): string {
  const [down, across] = (PixelSpacing ?? []).map(Number);
  const mm =
    down === undefined || across === undefined
      ? ''
      : ` of ${inMm((down * sourceRows) / rows)} × ${inMm((across * sourceColumns) / columns)} mm`;
  return `The model sees the image as ${rows} × ${columns} pixels${mm}.`;
}

/** Of the last step that says one; of the grid that preparation begins with where none does. */
export function volumeResolution({ grid, steps }: SegmentationSpec['input']): string {
  const last = steps.findLast(({ step }) => step === 'spacing' || step === 'resize');
  if (last?.step === 'spacing') return `The model sees voxels of ${last.mm.map(inMm).join(' × ')} mm.`;
  if (last?.step === 'resize') return `The model sees the volume as ${last.size.join(' × ')} voxels.`;
  return grid === 'conform'
    ? 'The model sees voxels of 1 × 1 × 1 mm.'
    : 'The model sees the voxels of the source.';
}

const inMm = (mm: number): string => String(Number(mm.toPrecision(3)));
