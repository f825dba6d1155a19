import { type DicomJson, items, number, numbers, text } from './dicom-json.ts';
import { imageOf, type MapHeader, mappingOf, methodOf, wordsOf } from './read-map.ts';
import type { ValueMap } from './value-map.ts';

export const PARAMETRIC_MAP = '1.2.840.10008.5.1.4.1.1.30';

interface ParametricHeader extends MapHeader {
  readonly bits: 16 | 32;
  readonly padding?: number;
}

/** A Parametric Map of 16-bit integers or of floats (PS3.3 A.75); undefined when it isn't one that we can draw. */
export function readParametricHeader(instance: DicomJson): ParametricHeader | undefined {
  const shared = items(instance, 'SharedFunctionalGroupsSequence')[0] ?? {};
  const frames = items(instance, 'PerFrameFunctionalGroupsSequence');
  const mapping = mappingOf(shared) ?? oneMappingOf(frames);
  const rows = number(instance, 'Rows');
  const columns = number(instance, 'Columns');
  const bits = number(instance, 'BitsAllocated');
  const padding = number(instance, 'FloatPixelPaddingValue');
  if (!mapping || !rows || !columns || (bits !== 16 && bits !== 32)) return undefined;
  // Integers are unsigned (PS3.3 C.8.32.2).
  if (number(instance, 'PixelRepresentation') === 1) return undefined;
  const item = group(shared, frames[0], 'RealWorldValueMappingSequence');
  const method = methodOf(item);
  const window = group(shared, frames[0], 'FrameVOILUTSequence');
  const centre = number(window, 'WindowCenter') ?? 0.5;
  const width = number(window, 'WindowWidth') ?? 1;
  const grid = gridOf(instance, shared, frames, { rows, columns });
  return {
    ...mapping,
    ...wordsOf(text(item, 'LUTExplanation')),
    ...(method ? { method } : {}),
    bits,
    rows,
    columns,
    low: mapping.slope * (centre - width / 2) + mapping.intercept,
    high: mapping.slope * (centre + width / 2) + mapping.intercept,
    // A frame that names no image keeps its place and fits none.
    images: frames.map((frame) => sourcesOf(frame)[0] ?? ''),
    ...(padding === undefined ? {} : { padding }),
    ...(grid ? { grid } : {}),
  };
}

/** What the numbers of all frames mean; undefined where frames differ in that. */
function oneMappingOf(frames: readonly DicomJson[]): ReturnType<typeof mappingOf> {
  const [first, ...others] = frames.map(mappingOf);
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined;
}

const sourcesOf = (frame: DicomJson): readonly string[] =>
  items(frame, 'DerivationImageSequence')
    .flatMap((derivation) => items(derivation, 'SourceImageSequence'))
    .flatMap(imageOf);

/** The item of a functional group: of all frames, or of this one. */
const group = (shared: DicomJson, frame: DicomJson | undefined, keyword: Parameters<typeof items>[1]) =>
  items(shared, keyword)[0] ?? items(frame ?? {}, keyword)[0] ?? {};

/** Undefined unless the frames are parallel, evenly spaced, ascending along row × column, and straight above each other. */
function gridOf(
  instance: DicomJson,
  shared: DicomJson,
  frames: readonly DicomJson[],
  { rows, columns }: { rows: number; columns: number },
): ValueMap['grid'] {
  const FrameOfReferenceUID = text(instance, 'FrameOfReferenceUID');
  const [down = 0, across = 0] = numbers(group(shared, frames[0], 'PixelMeasuresSequence'), 'PixelSpacing');
  const axes = numbers(group(shared, frames[0], 'PlaneOrientationSequence'), 'ImageOrientationPatient');
  const positions = frames.map((frame) =>
    numbers(items(frame, 'PlanePositionSequence')[0] ?? {}, 'ImagePositionPatient'),
  );
  const origin = positions[0];
  const isOneOf = (keyword: 'PixelMeasuresSequence' | 'PlaneOrientationSequence') =>
    new Set(frames.map((frame) => JSON.stringify(group(shared, frame, keyword)))).size === 1;
  if (!isOneOf('PixelMeasuresSequence') || !isOneOf('PlaneOrientationSequence')) return undefined;
  if (!FrameOfReferenceUID || !down || !across || axes.length !== 6 || origin?.length !== 3) return undefined;
  const normal = cross(axes.slice(0, 3), axes.slice(3));
  const last = positions[frames.length - 1] ?? origin;
  const step = frames.length > 1 ? along(minus(last, origin), normal) / (frames.length - 1) : 1;
  if (!(step > 0)) return undefined;
  const isStraight = positions.every((position, i) => {
    const expected = origin.map((o, k) => o + (normal[k] as number) * step * i);
    return minus(position, expected).every((d) => Math.abs(d) < 0.01 * step);
  });
  if (!isStraight) return undefined;
  return {
    FrameOfReferenceUID,
    origin,
    spacing: [across, down, step],
    dimensions: [columns, rows, frames.length],
    direction: [...axes, ...normal],
  };
}

const minus = (a: readonly number[], b: readonly number[]) => a.map((v, i) => v - (b[i] as number));
const along = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
const cross = (a: readonly number[], b: readonly number[]) =>
  [0, 1, 2].map((i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    return (a[j] as number) * (b[k] as number) - (a[k] as number) * (b[j] as number);
  });

/**
 * The values of a map from its Part 10 file in Explicit VR Little Endian. Of the file only the pixels are looked for: the element of their tag,
 * representation and length; undefined when there is none.
 */
export function readParametricMap(header: ParametricHeader, file: ArrayBuffer): ValueMap | undefined {
  const { slope, intercept, padding, bits, ...map } = header;
  const size = map.rows * map.columns * map.images.length;
  const at = pixelsIn(file, bits, size);
  if (at === undefined) return undefined;
  const view = new DataView(file, at);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const stored = bits === 32 ? view.getFloat32(4 * i, true) : view.getUint16(2 * i, true);
    values[i] = stored === padding ? Number.NaN : slope * stored + intercept;
  }
  return { ...map, values };
}

const PIXELS = {
  16: { tag: [0xe0, 0x7f, 0x10, 0x00], representation: 'OW' },
  32: { tag: [0xe0, 0x7f, 0x08, 0x00], representation: 'OF' },
} as const;

function pixelsIn(file: ArrayBuffer, bits: 16 | 32, size: number): number | undefined {
  const bytes = new Uint8Array(file);
  const length = (size * bits) / 8;
  const padded = length + (length % 2);
  const { tag, representation } = PIXELS[bits];
  const head = new Uint8Array(12);
  head.set(tag);
  head.set(
    [...representation].map((c) => c.charCodeAt(0)),
    4,
  );
  new DataView(head.buffer).setUint32(8, padded, true);
  const last = bytes.length - padded - head.length;
  for (let at = bytes.indexOf(head[0] as number); at >= 0 && at <= last; at = bytes.indexOf(0xe0, at + 1))
    if (head.every((b, i) => bytes[at + i] === b)) return at + head.length;
  return undefined;
}
