import { childrenOf, textUnder, valueTypeOf } from './content-tree.ts';
import { type DicomJson, items, numbers, text } from './dicom-json.ts';

/** An image to look at first. */
export interface KeyImage {
  readonly SOPInstanceUID: string;
  /** From 1; undefined where all of the image is meant. */
  readonly frame?: number;
}

const DESCRIPTION = { value: '113012', scheme: 'DCM' };

/** The images that a Key Object Selection cites (PS3.16 TID 2010), in its order. */
export function keyImagesOf(selection: DicomJson): readonly KeyImage[] {
  return childrenOf(selection)
    .filter((item) => valueTypeOf(item) === 'IMAGE')
    .flatMap((item) => items(item, 'ReferencedSOPSequence'))
    .flatMap((image) => {
      const SOPInstanceUID = text(image, 'ReferencedSOPInstanceUID');
      if (SOPInstanceUID === undefined) return [];
      const frames = numbers(image, 'ReferencedFrameNumber');
      return frames.length === 0 ? [{ SOPInstanceUID }] : frames.map((frame) => ({ SOPInstanceUID, frame }));
    });
}

/** Why they were selected, in the words of who did; empty without. */
export const descriptionOf = (selection: DicomJson): string => textUnder(selection, DESCRIPTION) ?? '';
