import type { DicomObject, Volume } from '../contracts.ts';
import { codeOf, text } from '../dicom/read.ts';
import { deriveUid } from '../dicom/uid.ts';
import type { Writable } from '../dicom/write.ts';
import type { ExplanationMap } from '../explanation.ts';
import { codeItem, regionCode } from './concepts.ts';
import { type Context, finish, lossyCompression } from './context.ts';
import { assertFramesOf, extent, resampleFrame } from './grid.ts';
import {
  dimensions,
  frameOfReference,
  type PlacedVolume,
  POSITION,
  planePosition,
  sharedPlanes,
} from './planes.ts';
import { realWorldValues } from './real-world.ts';
import { derivationImage, referencedSeries } from './references.ts';
import { clip, label } from './text.ts';

export const PARAMETRIC_MAP_STORAGE = '1.2.840.10008.5.1.4.1.1.30';
const IMAGE_TYPE = ['DERIVED', 'PRIMARY', 'VOLUME', 'NONE'];

/**
 * A map as float32 Parametric Map (PS3.3 A.75) on the grid of the source: every frame, ascending along row × column, because viewers
 * take frame i for slice i. The values are the map's own.
 */
export function encodeParametricMap(context: Context, volume: PlacedVolume, index: number): DicomObject {
  const map = context.explanation.maps[index] as ExplanationMap;
  assertFramesOf(map, volume);
  const [frames, rows, columns] = volume.shape;
  return finish(context, {
    kind: 'PM',
    index,
    SOPClassUID: PARAMETRIC_MAP_STORAGE,
    Modality: text(volume.header, 'Modality') ?? 'OT',
    what: map.name,
    body: {
      ...frameOfReference(volume, deriveUid('frame of reference', volume.SeriesInstanceUID)),
      ...dimensions(context.uid('dimensions', 'PM', index), [POSITION]),
      ...referencedSeries(volume, volume.frames),
      ...lossyCompression(volume),
      ImageType: IMAGE_TYPE,
      PixelPresentation: 'MONOCHROME',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      PresentationLUTShape: 'IDENTITY',
      Rows: rows,
      Columns: columns,
      BitsAllocated: 32,
      BurnedInAnnotation: 'NO',
      RecognizableVisualFeatures: 'NO',
      NumberOfFrames: frames,
      ContentLabel: label(map.name),
      ContentDescription: clip(`${map.name}: ${map.method}`, 64),
      ContentCreatorName: 'Pellucid^AI',
      AcquisitionContextSequence: [],
      ...(map.padding === undefined
        ? {}
        : { FloatPixelPaddingValue: map.padding, FloatPixelPaddingRangeLimit: map.padding }),
      SharedFunctionalGroupsSequence: [sharedGroups(volume, map)],
      PerFrameFunctionalGroupsSequence: volume.frames.map((frame, i) => ({
        FrameContentSequence: [{ DimensionIndexValues: [i + 1] }],
        ...planePosition(volume, i),
        ...derivationImage(frame, map.quantity),
      })),
      FloatPixelData: onSourceGrid(map, volume),
    },
  });
}

function sharedGroups(volume: PlacedVolume, map: ExplanationMap): Writable {
  const [low, high] = map.range;
  const [first, last] = extent(map);
  return {
    ...sharedPlanes(volume),
    ...frameAnatomy(volume),
    ...realWorldValues(map, {
      slope: 1,
      intercept: 0,
      mapped: {
        DoubleFloatRealWorldValueFirstValueMapped: first,
        DoubleFloatRealWorldValueLastValueMapped: last,
      },
    }),
    PixelValueTransformationSequence: [{ RescaleIntercept: 0, RescaleSlope: 1, RescaleType: 'US' }],
    FrameVOILUTSequence: [
      {
        WindowCenter: (low + high) / 2,
        WindowWidth: high > low ? high - low : 1,
        VOILUTFunction: 'LINEAR_EXACT',
      },
    ],
    ParametricMapFrameTypeSequence: [{ FrameType: IMAGE_TYPE }],
  };
}

/** The source's region by code, by Body Part Examined, or the body (PS3.3 C.7.6.16.2.8). */
function frameAnatomy({ header }: Volume): Writable {
  const region =
    codeOf(header, 'AnatomicRegionSequence') ?? regionCode(text(header, 'BodyPartExamined') ?? '');
  return { FrameAnatomySequence: [{ FrameLaterality: 'U', AnatomicRegionSequence: [codeItem(region)] }] };
}

/** The map's own array when the grids agree: a volume is too large to copy without need. */
function onSourceGrid(map: ExplanationMap, volume: PlacedVolume): Float32Array {
  const [frames, rows, columns] = volume.shape;
  if (map.shape[1] === rows && map.shape[2] === columns) return map.data;
  const out = new Float32Array(frames * rows * columns);
  for (let frame = 0; frame < frames; frame++)
    out.set(resampleFrame(map, frame, rows, columns), frame * rows * columns);
  return out;
}
