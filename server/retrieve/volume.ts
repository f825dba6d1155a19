import type { Volume } from '../contracts.ts';
import { type Part10, text } from '../dicom/read.ts';
import { SeriesInstanceUID } from '../dicom/uid.ts';
import type { Accepts } from '../models/accepts.ts';
import { Fault } from '../shared/fault.ts';
import type { StackPolicy } from './course.ts';
import { THREADS } from './decode-pool.ts';
import { type Frame, frameTimes } from './frame.ts';
import { checkOnePatient, sourceOf, uidOf } from './frame-source.ts';
import { FrameStore } from './frame-store.ts';
import { InFlight } from './in-flight.ts';
import { type PixelFormat, pixelFormat, samplesRead } from './pixel-format.ts';
import { frameReader, paddingValue } from './pixels.ts';
import { placeFrames } from './place.ts';
import { type Choice, chooseStack } from './split.ts';
import { type Meaning, meaningOf } from './unit.ts';
import { inUnit, voiOf } from './voi.ts';

/** What a package takes that is no regular stack: refused when it does not say. */
export type SeriesPolicy = StackPolicy & Pick<Accepts, 'split'>;

/**
 * The instances of one series as one Volume: values after the modality LUT, frames in geometric order. Each instance is
 * decoded as it comes and its bytes let go; `expected` of them save a copy. Throws PATIENT_MIXED, GEOMETRY_AMBIGUOUS,
 * PIXELS_*, TRANSFER_SYNTAX_UNSUPPORTED: a doubtful image is refused, not repaired, but for what `policy` takes.
 */
export async function assembleVolume(
  instances: readonly Part10[] | AsyncIterable<Part10>,
  expected = Array.isArray(instances) ? instances.length : 1,
  policy: SeriesPolicy = {},
): Promise<Volume> {
  const all = await collect(instances, expected, policy);
  if (all.length === 0) throw new Fault('RETRIEVE_INCOMPLETE', 'the series is empty');
  const { chosen, note: split } = choose(all, policy);
  const { order, geometry, PixelSpacing, note: stack } = placeFrames(chosen, policy);
  const ordered = order.map((k) => chosen[k] as StoredFrame);
  const { instance, index, part } = ordered[0] as StoredFrame;
  const { format } = part;
  const isGrey = samplesRead(format) === 1;
  const headers = [...new Set(ordered.map((f) => f.instance))];
  const meaning: Meaning = isGrey ? meaningOf(headers) : { unit: null, factor: 1 };
  const padding = paddingValue(instance, format);
  const times = geometry ? undefined : frameTimes(instance, ordered.length);
  const voi = isGrey ? inUnit(voiOf(instance, index), meaning.factor) : undefined;
  const burnedIn = burnedInOf(headers);
  const notes = {
    ...(split ? { split } : {}),
    ...(stack ? { stack } : {}),
    ...(meaning.note ? { unit: meaning.note } : {}),
    ...(burnedIn === 'YES' ? { burnedInAnnotation: 'YES: text may be part of the image' } : {}),
  };
  return {
    shape: [ordered.length, format.rows, format.columns],
    data: scaled(framesOf(part, ordered), meaning),
    samples: samplesRead(format),
    inverted: format.photometric === 'MONOCHROME1',
    padding: padding && Math.fround(padding * meaning.factor),
    unit: meaning.unit,
    ...(voi ? { voi } : {}),
    PixelSpacing,
    geometry,
    ...(times ? { frameTimes: times } : {}),
    frames: ordered.map((frame) => sourceOf(frame, geometry !== null)),
    burnedIn,
    ...(Object.keys(notes).length > 0 ? { notes } : {}),
    SeriesInstanceUID: uidOf(SeriesInstanceUID, instance, 'SeriesInstanceUID'),
    header: instance.dataset,
  };
}

/** The frames of one format, in the order in which they came. */
interface Part {
  readonly format: PixelFormat;
  readonly store: FrameStore;
  count: number;
}

interface StoredFrame extends Frame {
  readonly part: Part;
  /** Its place in the store of its part. */
  readonly slot: number;
}

/** Formats of one series that is split; each has its own memory. */
const MAX_PARTS = 8;

/** Decodes all frames in the order in which they come; of the instances only their headers stay. */
async function collect(
  instances: readonly Part10[] | AsyncIterable<Part10>,
  expected: number,
  { split = 'refuse' }: SeriesPolicy,
): Promise<readonly StoredFrame[]> {
  const parts: Part[] = [];
  const frames: StoredFrame[] = [];
  const decoding = new InFlight(2 * THREADS);
  for await (const instance of instances) {
    const format = pixelFormat(instance);
    const header: Part10 = { ...instance, pixels: [] };
    const [first] = frames;
    if (first) checkOnePatient(first.instance, instance);
    let part = parts.find((p) => differing(p.format, format) === undefined);
    if (first && !part && (split === 'refuse' || parts.length === MAX_PARTS)) {
      throw new Fault(
        'GEOMETRY_AMBIGUOUS',
        `the images of the series differ in ${differing(first.part.format, format)}`,
      );
    }
    const read = frameReader(instance, format);
    if (!part) {
      const size = format.rows * format.columns * samplesRead(format);
      part = { format, store: new FrameStore(size, (first ? 1 : expected) * format.frames), count: 0 };
      parts.push(part);
    }
    for (let index = 0; index < format.frames; index++) {
      const reading = read(index, part.store.next());
      if (reading !== undefined) await decoding.add(reading);
      frames.push({ instance: header, index, part, slot: part.count++ });
    }
  }
  await decoding.done();
  return frames;
}

/** The attribute in which two formats differ so that their frames cannot lie in one volume. */
function differing(a: PixelFormat, b: PixelFormat): string | undefined {
  if (a.rows !== b.rows) return 'Rows';
  if (a.columns !== b.columns) return 'Columns';
  return a.photometric === b.photometric ? undefined : 'PhotometricInterpretation';
}

function choose(frames: readonly StoredFrame[], { split = 'refuse' }: SeriesPolicy): Choice<StoredFrame> {
  return split === 'refuse' ? { chosen: frames } : chooseStack(frames, split, (a, b) => a.part === b.part);
}

/** The values of the frames, in their order: the others of the part come behind them. */
function framesOf({ store, format, count }: Part, ordered: readonly StoredFrame[]): Float32Array {
  const slots = ordered.map((f) => f.slot);
  const wanted = new Set(slots);
  const rest = Array.from({ length: count }, (_, slot) => slot).filter((slot) => !wanted.has(slot));
  const size = format.rows * format.columns * samplesRead(format);
  return store.inOrder([...slots, ...rest]).subarray(0, slots.length * size);
}

/** In place. */
function scaled(data: Float32Array, { factor }: Meaning): Float32Array {
  if (factor === 1) return data;
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    data[i] = (data[i] as number) * factor;
    sum += data[i] as number;
  }
  if (!Number.isFinite(sum))
    throw new Fault('PIXELS_UNSUPPORTED', 'the pixels times their unit are no finite numbers');
  return data;
}

function burnedInOf(headers: readonly Part10[]): NonNullable<Volume['burnedIn']> {
  const said = headers.map(({ dataset }) => text(dataset, 'BurnedInAnnotation'));
  if (said.includes('YES')) return 'YES';
  return said.every((v) => v === 'NO') ? 'NO' : 'unknown';
}
