import type { Geometry, Planes, Volume } from '../contracts.ts';
import { functionalGroup, number, text } from '../dicom/read.ts';
import type { Writable } from '../dicom/write.ts';
import { Fault } from '../shared/fault.ts';

/** A volume whose planes have a place in the patient. */
export interface PlacedVolume extends Volume {
  readonly geometry: Geometry;
}

export const isPlaced = (volume: Volume): volume is PlacedVolume => volume.geometry !== null;

/**
 * Pixel Measures and Plane Orientation, the same for all frames; decimals are the source's own (PS3.3 C.7.6.16.2.1, .4). Pictures without
 * a place in the patient have neither.
 */
export function sharedPlanes({ geometry, PixelSpacing, header }: Volume): Writable {
  if (!geometry) return {};
  if (!PixelSpacing) throw new Fault('ENCODE_INVALID', 'PixelSpacing: planes in the patient need it');
  const between = geometry.spacingBetweenFrames;
  const measures = functionalGroup(header, 0, 'PixelMeasuresSequence') ?? header;
  const thickness = number(measures, 'SliceThickness') ?? between;
  return {
    PixelMeasuresSequence: [
      {
        PixelSpacing: [...PixelSpacing],
        ...(thickness === null || thickness <= 0 ? {} : { SliceThickness: thickness }),
        ...(between === null || isSheared(geometry) ? {} : { SpacingBetweenSlices: between }),
      },
    ],
    PlaneOrientationSequence: [{ ImageOrientationPatient: [...geometry.ImageOrientationPatient] }],
  };
}

/** Of a tilted gantry: the planes do not lie behind each other, and a reader has to go by their positions. */
function isSheared({ affine, spacingBetweenFrames }: Geometry): boolean {
  const step = Math.hypot(affine[2] as number, affine[6] as number, affine[10] as number);
  return spacingBetweenFrames !== null && step > spacingBetweenFrames * (1 + 1e-4);
}

/** Plane Position of a frame, exactly as the source has it; nothing for pictures. */
export function planePosition(volume: Planes, frame: number): Writable {
  if (!volume.geometry) return {};
  const position = volume.frames[frame]?.ImagePositionPatient;
  if (!position) throw new Fault('ENCODE_INVALID', `ImagePositionPatient: source frame ${frame} has none`);
  return { PlanePositionSequence: [{ ImagePositionPatient: [...position] }] };
}

/** Frame of Reference module (PS3.3 C.7.4.1) with the source's UID, or with `fallback` where that is missing. */
export function frameOfReference(volume: Volume, fallback?: string): Writable {
  const FrameOfReferenceUID = volume.geometry?.FrameOfReferenceUID ?? fallback;
  if (!FrameOfReferenceUID) return {};
  return {
    FrameOfReferenceUID,
    PositionReferenceIndicator: text(volume.header, 'PositionReferenceIndicator') ?? null,
  };
}

/** One axis of the frame index: a pointer to the attribute and to the functional group that holds it. */
export interface Dimension {
  readonly pointer: number;
  readonly group: number;
  readonly label: string;
}

export const SEGMENT: Dimension = { pointer: 0x0062000b, group: 0x0062000a, label: 'Segment Number' };
export const POSITION: Dimension = {
  pointer: 0x00200032,
  group: 0x00209113,
  label: 'Image Position Patient',
};

/** The order of pictures: a dimension that needs no place in the patient (PS3.3 C.7.6.16.2.2). */
const TIME: Dimension = { pointer: 0x00209128, group: 0x00209111, label: 'Temporal Position Index' };

/** The axis along which the frames of the source lie: space, or the order of its pictures. */
export const frameAxis = ({ geometry }: Planes): Dimension => (geometry ? POSITION : TIME);

/** Frame Content of one frame: its rank in each dimension, and of a picture its number in the source (PS3.3 C.7.6.16.2.2). */
export const frameContent = (
  { geometry }: Planes,
  frame: number,
  DimensionIndexValues: readonly number[],
): Writable => ({
  FrameContentSequence: [{ DimensionIndexValues, ...(geometry ? {} : { TemporalPositionIndex: frame + 1 }) }],
});

/** Multi-frame Dimension module (PS3.3 C.7.6.17). */
export const dimensions = (DimensionOrganizationUID: string, axes: readonly Dimension[]): Writable => ({
  DimensionOrganizationSequence: [{ DimensionOrganizationUID }],
  DimensionIndexSequence: axes.map(({ pointer, group, label }) => ({
    DimensionOrganizationUID,
    DimensionIndexPointer: pointer,
    FunctionalGroupPointer: group,
    DimensionDescriptionLabel: label,
  })),
});
