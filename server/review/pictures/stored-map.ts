import { CODES } from '../../dicom/code.ts';
import { type Dataset, functionalGroup, items, number, type Part10, text } from '../../dicom/read.ts';
import { type ParametricMap, readParametricMap } from '../../results/parametric-map.ts';
import { type Picture as PictureObject, readPicture } from '../../results/picture.ts';
import type { Reference } from '../../results/references.ts';
import { type MapFrame, type Scale, scaleOf } from './map.ts';

export const PARAMETRIC_MAP = '1.2.840.10008.5.1.4.1.1.30';
export const VALUE_IMAGE = '1.2.840.10008.5.1.4.1.1.7.3';

/** Classes of objects that hold the values of a map. */
export const MAP_CLASSES: readonly string[] = [PARAMETRIC_MAP, VALUE_IMAGE];

/** A map as the archive holds it. */
export interface StoredMap {
  readonly scale: Scale;
  /** The map over a source frame; undefined when it has none for it. */
  over(source: Reference): MapFrame | undefined;
  /** Values of all frames, in even steps. */
  sample(): Float64Array;
}

/** So many values tell a quantile well enough. */
const SAMPLED = 65_536;
const SAMPLED_FRAMES = 64;

/** A Parametric Map of a volume or a value image of projections (docs/result-format.md); undefined for anything else. Throws PIXELS_*. */
export function storedMap(file: Part10): StoredMap | undefined {
  const of = text(file.dataset, 'SOPClassUID');
  if (of === PARAMETRIC_MAP) return ofVolume(file.dataset, readParametricMap(file));
  return of === VALUE_IMAGE ? ofProjections(file.dataset, readPicture(file)) : undefined;
}

function ofVolume(dataset: Dataset, map: ParametricMap): StoredMap {
  const mapping = functionalGroup(dataset, 0, 'RealWorldValueMappingSequence') ?? {};
  const { centre, width } = windowOf(functionalGroup(dataset, 0, 'FrameVOILUTSequence') ?? {});
  const isPadding = (value: number): boolean => value === map.padding;
  return made({
    scale: scaleOf({
      reading: readingOf(map.mapping.quantity?.value),
      // LINEAR_EXACT (PS3.3 C.11.2.1.3.2).
      low: centre - width / 2,
      high: centre + width / 2,
      least: number(mapping, 'DoubleFloatRealWorldValueFirstValueMapped') ?? 0,
    }),
    ...map,
    values: (frame) => map.values(frame).map((v) => (isPadding(v) ? Number.NaN : v)),
  });
}

function ofProjections(dataset: Dataset, map: PictureObject): StoredMap | undefined {
  const { mapping, values } = map;
  if (!mapping || !values) return undefined;
  const { slope, intercept } = mapping;
  const { centre, width } = windowOf(dataset);
  const padding = number(dataset, 'PixelPaddingValue');
  const padded = padding === undefined ? Number.NaN : padding * slope + intercept;
  const [item] = items(dataset, 'RealWorldValueMappingSequence');
  const first = number(item ?? {}, 'RealWorldValueFirstValueMapped') ?? 0;
  return made({
    scale: scaleOf({
      reading: readingOf(mapping.quantity?.value),
      // The ends of a LINEAR window of stored values (PS3.3 C.11.2.1.2).
      low: slope * (centre - width / 2) + intercept,
      high: slope * (centre + width / 2 - 1) + intercept,
      least: slope * first + intercept,
    }),
    ...map,
    values: (frame) => values(frame).map((v) => (v === padded ? Number.NaN : v)),
  });
}

const readingOf = (quantity: string | undefined): Scale['reading'] =>
  quantity === CODES.marginMap.value ? 'doubt' : 'evidence';

const windowOf = (said: Dataset): { readonly centre: number; readonly width: number } => ({
  centre: number(said, 'WindowCenter') ?? 0.5,
  width: number(said, 'WindowWidth') ?? 1,
});

function made(map: {
  readonly scale: Scale;
  readonly frames: number;
  readonly rows: number;
  readonly columns: number;
  readonly sources: readonly (Reference | undefined)[];
  readonly values: (frame: number) => Float64Array;
}): StoredMap {
  const { scale, frames, rows, columns, sources, values } = map;
  return {
    scale,
    over: (source) => {
      const frame = sources.findIndex((s) => s !== undefined && isOf(s, source));
      return frame < 0 ? undefined : { rows, columns, values: values(frame) };
    },
    sample: () => {
      const size = rows * columns;
      const every = Math.ceil(frames / SAMPLED_FRAMES);
      const stride = Math.max(1, Math.floor((Math.ceil(frames / every) * size) / SAMPLED));
      const out: number[] = [];
      for (let frame = 0; frame < frames; frame += every) {
        const of = values(frame);
        for (let i = 0; i < size; i += stride) out.push(of[i] as number);
      }
      return Float64Array.from(out);
    },
  };
}

/** Of a single-frame image either side may leave the frame number out. */
export const isOf = (reference: Reference, source: Reference): boolean =>
  reference.SOPInstanceUID === source.SOPInstanceUID && (reference.frame ?? 1) === (source.frame ?? 1);
