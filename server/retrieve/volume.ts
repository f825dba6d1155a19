import type { Geometry, Volume } from '../contracts.ts';
import { UNITS } from '../dicom/code.ts';
import { type Part10, text } from '../dicom/read.ts';
import { SeriesInstanceUID, SOPInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import { hasPlane, orderStack } from './geometry.ts';
import { type PixelFormat, paddingValue, pixelFormat, readPixels } from './pixels.ts';

const PROJECTIONS = ['CR', 'DX', 'MG', 'IO', 'PX'];

/**
 * The instances of one series as one Volume: values after the modality LUT, frames in geometric order. Throws
 * PATIENT_MIXED, GEOMETRY_AMBIGUOUS, PIXELS_*, TRANSFER_SYNTAX_UNSUPPORTED: a doubtful image is refused, not repaired.
 */
export async function assembleVolume(instances: readonly Part10[]): Promise<Volume> {
  checkOnePatient(instances);
  const { ordered, geometry, PixelSpacing } = place(instances);
  const first = ordered[0] as Part10;
  const format = pixelFormat(first);
  const area = format.rows * format.columns;
  const data = new Float32Array(ordered.length * area);
  for (const [i, instance] of ordered.entries()) {
    const own = pixelFormat(instance);
    checkSameFormat(format, own);
    await readPixels(instance, own, data.subarray(i * area, (i + 1) * area));
  }
  return {
    shape: [ordered.length, format.rows, format.columns],
    data,
    inverted: format.inverted,
    padding: paddingValue(first, format),
    unit: unitOf(first),
    PixelSpacing,
    geometry,
    frames: ordered.map((instance) => ({
      SOPClassUID: text(instance.dataset, 'SOPClassUID') ?? '',
      SOPInstanceUID: SOPInstanceUID.parse(text(instance.dataset, 'SOPInstanceUID')),
      ...(geometry ? { ImagePositionPatient: instance.decimals('ImagePositionPatient') } : {}),
    })),
    SeriesInstanceUID: SeriesInstanceUID.parse(text(first.dataset, 'SeriesInstanceUID')),
    header: first.dataset,
  };
}

interface Placed {
  readonly ordered: readonly Part10[];
  readonly geometry: Geometry | null;
  readonly PixelSpacing: Volume['PixelSpacing'];
}

function place(instances: readonly Part10[]): Placed {
  const first = instances[0];
  if (!first) throw new Fault('RETRIEVE_INCOMPLETE', 'the series is empty');
  if (instances.every(hasPlane)) {
    const stack = orderStack(instances);
    return { ordered: stack.instances, geometry: stack.geometry, PixelSpacing: stack.PixelSpacing };
  }
  const modality = text(first.dataset, 'Modality') ?? 'unknown';
  if (!PROJECTIONS.includes(modality)) {
    throw new Fault('GEOMETRY_AMBIGUOUS', `a ${modality} image says neither position nor orientation`);
  }
  if (instances.length > 1) {
    throw new Fault(
      'GEOMETRY_AMBIGUOUS',
      `the series holds ${instances.length} projections; which one to read is not known`,
    );
  }
  return { ordered: instances, geometry: null, PixelSpacing: projectionSpacing(first) };
}

/** Spacing in the patient is known only when it was calibrated: ImagerPixelSpacing is that of the detector (C.8.11.7). */
function projectionSpacing(instance: Part10): Volume['PixelSpacing'] {
  const calibrated = text(instance.dataset, 'PixelSpacingCalibrationType');
  const [row, column] = instance.decimals('PixelSpacing');
  return calibrated && row && column ? [row, column] : null;
}

function checkOnePatient(instances: readonly Part10[]): void {
  for (const keyword of ['PatientID', 'StudyInstanceUID', 'SeriesInstanceUID', 'Modality']) {
    const values = new Set(instances.map((i) => text(i.dataset, keyword)));
    if (values.size > 1) throw new Fault('PATIENT_MIXED', `the images of the series differ in ${keyword}`);
  }
}

function checkSameFormat(a: PixelFormat, b: PixelFormat): void {
  if (a.rows !== b.rows || a.columns !== b.columns || a.inverted !== b.inverted) {
    throw new Fault(
      'GEOMETRY_AMBIGUOUS',
      'the images of the series differ in size or in photometric interpretation',
    );
  }
}

/** Hounsfield units for CT that does not say otherwise; else arbitrary (PS3.3 C.11.1.1.2). Never guessed further. */
const unitOf = (instance: Part10): Volume['unit'] => {
  const type = text(instance.dataset, 'RescaleType');
  const isHu = type === 'HU' || (type === undefined && text(instance.dataset, 'Modality') === 'CT');
  return isHu ? UNITS.hu : null;
};
