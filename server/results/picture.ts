import { items, number, type Part10, text } from '../dicom/read.ts';
import { type Mapping, mappingOf } from './parametric-map.ts';
import { type FrameDecoder, frameValues, type Grid, gridOf } from './pixels.ts';
import { type Reference, referencesOf } from './references.ts';

/** Secondary Capture: a picture for the eye, or a value image that says what its numbers mean. */
export interface Picture extends Grid {
  readonly kind: 'picture';
  /** 3 for colour. */
  readonly samples: number;
  readonly description?: string;
  /** The images that it shows or was made from. */
  readonly sources: readonly Reference[];
  /** Of a value image. */
  readonly mapping?: Mapping;
  /** Values of a frame of a value image after its mapping, [row, column]. */
  values?(frame: number): Float64Array;
}

/** Secondary Capture, single and multi-frame (PS3.3 A.8). */
export function readPicture(file: Part10, decode?: FrameDecoder): Picture {
  const { dataset } = file;
  const description = text(dataset, 'DerivationDescription') ?? text(dataset, 'SeriesDescription');
  const [item] = items(dataset, 'RealWorldValueMappingSequence');
  const mapping = item && mappingOf(item);
  return {
    kind: 'picture',
    ...gridOf(file),
    samples: number(dataset, 'SamplesPerPixel') ?? 1,
    ...(description ? { description } : {}),
    sources: referencesOf(dataset, 'SourceImageSequence'),
    ...(mapping
      ? {
          mapping,
          values: (frame: number) =>
            Float64Array.from(frameValues(file, frame, decode), (v) => v * mapping.slope + mapping.intercept),
        }
      : {}),
  };
}
