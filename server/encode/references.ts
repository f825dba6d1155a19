import type { Planes, SourceFrame } from '../contracts.ts';
import type { Code } from '../dicom/code.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';
import { CONCEPTS, codeItem } from './concepts.ts';

/** The SOP instance of a source frame (PS3.3 Table 10-11). */
export const instanceOf = (frame: SourceFrame): Writable => ({
  ReferencedSOPClassUID: frame.SOPClassUID,
  ReferencedSOPInstanceUID: frame.SOPInstanceUID,
});

/** The frame itself (PS3.3 Table 10-3): a frame number only for multi-frame instances. */
export const frameOf = (frame: SourceFrame): Writable => ({
  ...instanceOf(frame),
  ...(frame.frameNumber === undefined ? {} : { ReferencedFrameNumber: frame.frameNumber }),
});

/** The frame of the source at this index; ENCODE_INVALID when there is none. */
export function sourceFrame(volume: Planes, index: number): SourceFrame {
  const frame = volume.frames[index];
  if (!frame) throw new Fault('ENCODE_INVALID', `PerFrameFunctionalGroupsSequence: no source frame ${index}`);
  return frame;
}

/** Each instance once, in the order of its first frame. */
export function instancesOf(frames: readonly SourceFrame[]): readonly Writable[] {
  const byUid = new Map(frames.map((f) => [f.SOPInstanceUID, f]));
  return [...byUid.values()].map(instanceOf);
}

/** Common Instance Reference (PS3.3 C.12.2): exactly the instances that the object cites. */
export const referencedSeries = (volume: Planes, frames: readonly SourceFrame[]): Writable => ({
  ReferencedSeriesSequence: [
    { SeriesInstanceUID: volume.SeriesInstanceUID, ReferencedInstanceSequence: instancesOf(frames) },
  ],
});

/** An item of Source Image Sequence, with its purpose. */
export const sourceImage = (frame: SourceFrame): Writable => ({
  ...frameOf(frame),
  PurposeOfReferenceCodeSequence: [codeItem(CONCEPTS.processingSource)],
});

/** Derivation Image macro of one frame on the grid of its source (PS3.3 C.7.6.16.2.6). */
export const derivationImage = (frame: SourceFrame, derivation: Code): Writable => ({
  DerivationImageSequence: [
    {
      DerivationCodeSequence: [codeItem(derivation)],
      SourceImageSequence: [{ ...sourceImage(frame), SpatialLocationsPreserved: 'YES' }],
    },
  ],
});

/** An item of Current Requested Procedure Evidence Sequence (PS3.3 C.17.2.1): what a document refers to, series by series. */
export const citedSeries = (
  StudyInstanceUID: string,
  series: readonly { readonly SeriesInstanceUID: string; readonly instances: readonly Writable[] }[],
): Writable => ({
  StudyInstanceUID,
  ReferencedSeriesSequence: series.map(({ SeriesInstanceUID, instances }) => ({
    SeriesInstanceUID,
    ReferencedSOPSequence: instances,
  })),
});
