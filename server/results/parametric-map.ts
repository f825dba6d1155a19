import type { Code } from '../dicom/code.ts';
import { codeOf, type Dataset, functionalGroup, items, number, type Part10, text } from '../dicom/read.ts';
import { type FrameDecoder, frameValues, type Grid, gridOf } from './pixels.ts';
import { type Reference, sourceOf } from './references.ts';

/** What the stored numbers mean (PS3.3 C.7.6.16.2.11). */
export interface Mapping {
  readonly slope: number;
  readonly intercept: number;
  readonly unit?: Code;
  readonly quantity?: Code;
  /** In the author's words. */
  readonly explanation?: string;
}

export interface ParametricMap extends Grid {
  readonly kind: 'parametric map';
  readonly mapping: Mapping;
  /** Of values that were not computed, after the mapping. */
  readonly padding?: number;
  /** By frame. */
  readonly sources: readonly (Reference | undefined)[];
  /** Values of a frame after the mapping, [row, column]. */
  values(frame: number): Float64Array;
}

/** Parametric Map (PS3.3 A.75): integers, floats or doubles. */
export function readParametricMap(file: Part10, decode?: FrameDecoder): ParametricMap {
  const { dataset } = file;
  const grid = gridOf(file);
  const mapping = mappingOf(functionalGroup(dataset, 0, 'RealWorldValueMappingSequence'));
  const padding =
    number(dataset, 'FloatPixelPaddingValue') ?? number(dataset, 'DoubleFloatPixelPaddingValue');
  return {
    kind: 'parametric map',
    ...grid,
    mapping,
    ...(padding === undefined ? {} : { padding: mapped(padding, mapping) }),
    sources: Array.from({ length: grid.frames }, (_, i) => {
      const derivation = functionalGroup(dataset, i, 'DerivationImageSequence');
      return derivation && sourceOf({ DerivationImageSequence: derivation });
    }),
    values: (frame) => Float64Array.from(frameValues(file, frame, decode), (v) => mapped(v, mapping)),
  };
}

const mapped = (value: number, { slope, intercept }: Mapping): number => value * slope + intercept;

/** Without a mapping the stored numbers are the values, of unknown meaning. */
export function mappingOf(item: Dataset | undefined): Mapping {
  if (!item) return { slope: 1, intercept: 0 };
  const quantity = items(item, 'QuantityDefinitionSequence').flatMap(
    (q) => codeOf(q, 'ConceptCodeSequence') ?? [],
  )[0];
  const unit = codeOf(item, 'MeasurementUnitsCodeSequence');
  const explanation = text(item, 'LUTExplanation');
  return {
    slope: number(item, 'RealWorldValueSlope') ?? 1,
    intercept: number(item, 'RealWorldValueIntercept') ?? 0,
    ...(unit ? { unit } : {}),
    ...(quantity ? { quantity } : {}),
    ...(explanation ? { explanation } : {}),
  };
}
