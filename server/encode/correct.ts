import type { DicomObject } from '../contracts.ts';
import { items, type Part10, readPart10, text } from '../dicom/read.ts';
import { deriveUid } from '../dicom/uid.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { type Assessment, assertSameStudy, follow, instance } from './assessment.ts';
import { CONCEPTS, codeItem } from './concepts.ts';
import { withoutUnknown } from './patient.ts';
import { SEGMENTATION_STORAGE } from './segmentation.ts';
import { clip } from './text.ts';

/**
 * A segmentation that a person corrected, as a new object that cites the one it corrects; that one stays as it is. `corrected` is what
 * an editor wrote: a BINARY Segmentation whose pixels are native. Its segments keep the tracking UIDs of the original's segments of the same label, and are
 * SEMIAUTOMATIC. Throws ENCODE_INVALID, DICOM_UNREADABLE.
 */
export function correctSegmentation(
  original: Uint8Array,
  corrected: Uint8Array,
  assessment: Assessment,
): DicomObject {
  const old = readPart10(original).dataset;
  const edited = readPart10(corrected);
  assertSegmentations(old, edited);
  return follow(edited, assessment, {
    kind: 'SEG',
    from: [old, edited.dataset].map((d) => text(d, 'SOPInstanceUID') ?? ''),
    what: 'corrected',
    body: {
      SegmentSequence: segmentsOf(edited, items(old, 'SegmentSequence')),
      ContentCreatorName: assessment.person,
      ContentDescription: clip(`Corrected: ${text(old, 'ContentDescription') ?? 'segmentation'}`, 64),
      SourceImageSequence: [
        { ...instance(old), PurposeOfReferenceCodeSequence: [codeItem(CONCEPTS.processingSource)] },
      ],
      ReferencedSeriesSequence: [
        ...(withoutUnknown(items(edited.dataset, 'ReferencedSeriesSequence')) as readonly Writable[]),
        { SeriesInstanceUID: text(old, 'SeriesInstanceUID'), ReferencedInstanceSequence: [instance(old)] },
      ],
      PixelData: edited.pixels[0],
    },
  });
}

function assertSegmentations(old: Part10['dataset'], { dataset, pixels, TransferSyntaxUID }: Part10): void {
  for (const each of [old, dataset])
    if (text(each, 'SOPClassUID') !== SEGMENTATION_STORAGE)
      throw new Fault('ENCODE_INVALID', 'SOPClassUID: a Segmentation is corrected by a Segmentation');
  if (
    text(dataset, 'SegmentationType') !== 'BINARY' ||
    pixels.length !== 1 ||
    text(dataset, 'BitsAllocated') !== '1'
  )
    throw new Fault(
      'ENCODE_INVALID',
      `PixelData: a corrected segmentation is BINARY and native, not of ${TransferSyntaxUID}`,
    );
  assertSameStudy(old, dataset);
}

/** Tracking follows the finding: a segment with the label of one of the original's is the same, another is new. */
function segmentsOf({ dataset }: Part10, before: readonly Part10['dataset'][]): readonly Writable[] {
  return items(dataset, 'SegmentSequence').map((segment) => {
    const label = text(segment, 'SegmentLabel') ?? '';
    const same = before.find((b) => text(b, 'SegmentLabel') === label);
    const own = text(segment, 'TrackingUID') ?? deriveUid('tracking', String(dataset.SOPInstanceUID), label);
    return {
      ...(withoutUnknown(segment) as Writable),
      SegmentAlgorithmType: 'SEMIAUTOMATIC',
      SegmentAlgorithmName:
        text(segment, 'SegmentAlgorithmName') ??
        text(same ?? {}, 'SegmentAlgorithmName') ??
        'Corrected by hand',
      TrackingID: (same && text(same, 'TrackingID')) ?? text(segment, 'TrackingID') ?? clip(label, 64),
      TrackingUID: (same && text(same, 'TrackingUID')) ?? own,
    };
  });
}
