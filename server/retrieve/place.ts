import type { Geometry, Volume } from '../contracts.ts';
import { type Part10, text, texts } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';
import type { StackPolicy } from './course.ts';
import { type Frame, hasPlane } from './frame.ts';
import { orderStack } from './geometry.ts';

export interface Placed {
  /** Indexes into the frames as they were given. */
  readonly order: readonly number[];
  readonly geometry: Geometry | null;
  readonly PixelSpacing: Volume['PixelSpacing'];
  /** Of a stack that is not regular: how. */
  readonly note?: string;
}

/** Modalities whose images are slices of the patient: one that doesn't say where it lies is refused. */
const SLICES = ['CT', 'MR', 'PT'];
/** A copy of what a screen showed is a picture, whatever modality it shows. */
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/**
 * The place of the frames in the patient, and their order. Frames without a place are pictures: one, or all those of one
 * instance (a cine) in the order that they have there. Throws GEOMETRY_AMBIGUOUS.
 */
export function placeFrames(frames: readonly Frame[], policy: StackPolicy = {}): Placed {
  const { instance } = frames[0] as Frame;
  // Its one position is that of the first plane (PS3.3 C.8.8.3.2): a stack of images would have them all there.
  if (text(instance.dataset, 'GridFrameOffsetVector') !== undefined) {
    throw new Fault('PIXELS_UNSUPPORTED', 'a grid of radiation dose is no image; it is not read');
  }
  if (frames.every(hasPlane)) return orderStack(frames, policy);
  const modality = text(instance.dataset, 'Modality') ?? 'unknown';
  const isCapture = text(instance.dataset, 'SOPClassUID')?.startsWith(SECONDARY_CAPTURE) ?? false;
  if (frames.some(hasPlane) || (SLICES.includes(modality) && !isCapture)) {
    throw new Fault('GEOMETRY_AMBIGUOUS', `a ${modality} image says neither position nor orientation`);
  }
  if (text(instance.dataset, 'TotalPixelMatrixColumns') !== undefined) {
    throw new Fault('PIXELS_UNSUPPORTED', 'the frames are tiles of a larger picture');
  }
  const instances = new Set(frames.map((f) => f.instance)).size;
  if (instances > 1) {
    throw new Fault(
      'GEOMETRY_AMBIGUOUS',
      `the series holds ${instances} pictures without a place in the patient; which one to read is not known`,
    );
  }
  return { order: frames.map((_, i) => i), geometry: null, PixelSpacing: pictureSpacing(instance) };
}

/**
 * Spacing in the patient is known when it was calibrated, or corrected from that of the detector (PS3.3 10.7.1.3);
 * ImagerPixelSpacing alone is the detector's, and PixelSpacing alone may be.
 */
function pictureSpacing(instance: Part10): Volume['PixelSpacing'] {
  const spacing = instance.decimals('PixelSpacing');
  const detector = texts(instance.dataset, 'ImagerPixelSpacing').map(Number);
  const isCorrected = detector.length === 2 && detector.some((v, i) => v !== Number(spacing[i]));
  const isCalibrated = text(instance.dataset, 'PixelSpacingCalibrationType') !== undefined;
  const [row, column] = spacing;
  if (!(isCalibrated || isCorrected) || !row || !column) return null;
  return Number(row) > 0 && Number(column) > 0 ? [row, column] : null;
}
