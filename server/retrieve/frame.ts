import { functionalGroup, number, type Part10, text, texts } from '../dicom/read.ts';

/** One frame of one instance, without its pixels. */
export interface Frame {
  readonly instance: Part10;
  /** From 0. */
  readonly index: number;
}

/** Does the frame say where it lies in the patient? */
export const hasPlane = ({ instance, index }: Frame): boolean =>
  instance.decimals('ImagePositionPatient', index).length === 3 &&
  instance.decimals('ImageOrientationPatient', index).length === 6;

export type Dimension = readonly [name: string, of: (frame: Frame) => string];

/**
 * What may tell two frames at one place apart, in the words of the standard: PS3.3 C.7.6.16.2.2 and C.8.13.5. The first in
 * which they differ names the dimension that the series has besides space.
 */
export const DIMENSIONS: readonly Dimension[] = [
  ['StackID', inGroup('FrameContentSequence', 'StackID')],
  ['TemporalPositionIndex', inGroup('FrameContentSequence', 'TemporalPositionIndex')],
  ['DiffusionBValue', inGroup('MRDiffusionSequence', 'DiffusionBValue')],
  ['EffectiveEchoTime', inGroup('MREchoSequence', 'EffectiveEchoTime')],
  ['ComplexImageComponent', inGroup('MRImageFrameTypeSequence', 'ComplexImageComponent')],
  [
    'NominalPercentageOfCardiacPhase',
    inGroup('CardiacSynchronizationSequence', 'NominalPercentageOfCardiacPhase'),
  ],
  ['ReferencedSegmentNumber', inGroup('SegmentIdentificationSequence', 'ReferencedSegmentNumber')],
  ['TemporalPositionIdentifier', inImage('TemporalPositionIdentifier')],
  ['DiffusionBValue', inImage('DiffusionBValue')],
  ['EchoTime', inImage('EchoTime')],
  ['InversionTime', inImage('InversionTime')],
  ['TriggerTime', inImage('TriggerTime')],
  ['FrameReferenceTime', inImage('FrameReferenceTime')],
  ['AcquisitionNumber', inImage('AcquisitionNumber')],
  ['ImageType', ({ instance }) => texts(instance.dataset, 'ImageType').join('/')],
];

/** The dimension, besides space, along which the frames differ; undefined when none is named. */
export function otherDimension(frames: readonly Frame[]): { name: string; values: number } | undefined {
  for (const [name, of] of DIMENSIONS) {
    const values = new Set(frames.map(of)).size;
    if (values > 1) return { name, values };
  }
  return undefined;
}

/** Milliseconds from the first frame to each, of a cine (PS3.3 C.7.6.5); undefined when the image does not say. */
export function frameTimes({ dataset }: Part10, frames: number): readonly number[] | undefined {
  if (frames < 2) return undefined;
  const increments = texts(dataset, 'FrameTimeVector').map(Number);
  if (increments.length === frames && increments.every(Number.isFinite)) {
    let time = -(increments[0] as number);
    return increments.map((increment) => (time += increment));
  }
  const step = number(dataset, 'FrameTime');
  return step !== undefined && step > 0 ? Array.from({ length: frames }, (_, i) => i * step) : undefined;
}

function inGroup(group: string, keyword: string): (frame: Frame) => string {
  return ({ instance, index }) => text(functionalGroup(instance.dataset, index, group) ?? {}, keyword) ?? '';
}

function inImage(keyword: string): (frame: Frame) => string {
  return ({ instance }) => text(instance.dataset, keyword) ?? '';
}
