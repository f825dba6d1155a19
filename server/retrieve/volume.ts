import type { SourceFrame, Volume } from '../contracts.ts';
import { items, type Part10, text } from '../dicom/read.ts';
import { SeriesInstanceUID, SOPInstanceUID } from '../dicom/uid.ts';
import { Fault } from '../shared/fault.ts';
import { type Frame, frameTimes } from './frame.ts';
import { FrameStore } from './frame-store.ts';
import { type PixelFormat, pixelFormat, samplesRead } from './pixel-format.ts';
import { frameReader, paddingValue } from './pixels.ts';
import { placeFrames } from './place.ts';
import { type Meaning, meaningOf } from './unit.ts';
import { voiOf } from './voi.ts';

/**
 * The instances of one series as one Volume: values after the modality LUT, frames in geometric order. Each instance is
 * decoded as it comes and its bytes let go; `expected` of them save a copy. Throws PATIENT_MIXED, GEOMETRY_AMBIGUOUS,
 * PIXELS_*, TRANSFER_SYNTAX_UNSUPPORTED: a doubtful image is refused, not repaired.
 */
export async function assembleVolume(
  instances: readonly Part10[] | AsyncIterable<Part10>,
  expected = Array.isArray(instances) ? instances.length : 1,
): Promise<Volume> {
  const collected = await collect(instances, expected);
  if (!collected) throw new Fault('RETRIEVE_INCOMPLETE', 'the series is empty');
  const { first, format, frames, store } = collected;
  const { order, geometry, PixelSpacing } = placeFrames(frames);
  const ordered = order.map((k) => frames[k] as Frame);
  const { instance, index } = ordered[0] as Frame;
  const voi = samplesRead(format) === 3 ? undefined : voiOf(instance, index);
  const meaning: Meaning =
    samplesRead(format) === 3
      ? { unit: null, factor: 1 }
      : meaningOf([...new Set(ordered.map((f) => f.instance))]);
  const padding = paddingValue(instance, format);
  const times = geometry ? undefined : frameTimes(first, frames.length);
  return {
    shape: [frames.length, format.rows, format.columns],
    data: scaled(store.inOrder(order), meaning),
    samples: samplesRead(format),
    inverted: format.photometric === 'MONOCHROME1',
    padding: padding && Math.fround(padding * meaning.factor),
    unit: meaning.unit,
    ...(voi ? { voi } : {}),
    PixelSpacing,
    geometry,
    ...(times ? { frameTimes: times } : {}),
    frames: ordered.map((frame) => sourceOf(frame, geometry !== null)),
    ...(meaning.note ? { notes: { unit: meaning.note } } : {}),
    SeriesInstanceUID: uidOf(SeriesInstanceUID, instance, 'SeriesInstanceUID'),
    header: instance.dataset,
  };
}

/** In place. */
function scaled(data: Float32Array, { factor }: Meaning): Float32Array {
  if (factor !== 1) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * factor;
  return data;
}

interface Collected {
  readonly first: Part10;
  readonly format: PixelFormat;
  readonly frames: Frame[];
  readonly store: FrameStore;
}

/** Decodes all frames in the order in which they come; of the instances only their headers stay. */
async function collect(
  instances: readonly Part10[] | AsyncIterable<Part10>,
  expected: number,
): Promise<Collected | undefined> {
  let collected: Collected | undefined;
  for await (const instance of instances) {
    const format = pixelFormat(instance);
    const header: Part10 = { ...instance, pixels: [] };
    if (collected) {
      checkOnePatient(collected.first, instance);
      checkSameFormat(collected.format, format);
    }
    const read = await frameReader(instance, format);
    const size = format.rows * format.columns * samplesRead(format);
    collected ??= {
      first: header,
      format,
      frames: [],
      store: new FrameStore(size, expected * format.frames),
    };
    for (let index = 0; index < format.frames; index++) {
      read(index, collected.store.next());
      collected.frames.push({ instance: header, index });
    }
  }
  return collected;
}

function checkOnePatient(a: Part10, b: Part10): void {
  for (const keyword of ['PatientID', 'StudyInstanceUID', 'SeriesInstanceUID', 'Modality']) {
    if (text(a.dataset, keyword) !== text(b.dataset, keyword)) {
      throw new Fault('PATIENT_MIXED', `the images of the series differ in ${keyword}`);
    }
  }
}

function checkSameFormat(a: PixelFormat, b: PixelFormat): void {
  const differing = a.rows !== b.rows ? 'Rows' : a.columns !== b.columns ? 'Columns' : undefined;
  if (differing || a.photometric !== b.photometric) {
    throw new Fault(
      'GEOMETRY_AMBIGUOUS',
      `the images of the series differ in ${differing ?? 'PhotometricInterpretation'}`,
    );
  }
}

function sourceOf({ instance, index }: Frame, placed: boolean): SourceFrame {
  const { dataset } = instance;
  const isMultiFrame =
    Number(text(dataset, 'NumberOfFrames') ?? 1) > 1 ||
    items(dataset, 'PerFrameFunctionalGroupsSequence').length > 0;
  return {
    SOPClassUID: text(dataset, 'SOPClassUID') ?? '',
    SOPInstanceUID: uidOf(SOPInstanceUID, instance, 'SOPInstanceUID'),
    ...(isMultiFrame ? { frameNumber: index + 1 } : {}),
    ...(placed ? { ImagePositionPatient: instance.decimals('ImagePositionPatient', index) } : {}),
  };
}

interface UidSchema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

function uidOf<T>(schema: UidSchema<T>, { dataset }: Part10, keyword: string): T {
  const parsed = schema.safeParse(text(dataset, keyword));
  if (!parsed.success) throw new Fault('DICOM_UNREADABLE', `${keyword} is missing or not a UID`);
  return parsed.data;
}
