import type { DicomObject } from '../contracts.ts';
import type { Writable } from '../dicom/write.ts';
import type { ExplanationMap } from '../explanation.ts';
import { codeItem } from './concepts.ts';
import { type Context, finish, lossyCompression } from './context.ts';
import { assertFramesOf, extent } from './grid.ts';
import { realWorldValues } from './real-world.ts';
import { referencedSeries, sourceImage } from './references.ts';
import { clip } from './text.ts';

export const GRAYSCALE_WORD_SC_STORAGE = '1.2.840.10008.5.1.4.1.1.7.3';
const PAGE_NUMBER_VECTOR = 0x00182001;

/**
 * The values of a map over a projection, on the map's own grid, as 16-bit Multi-frame Grayscale Word SC (PS3.3 A.8.4). A
 * Parametric Map needs a frame of reference, which projections lack. Rescale is the identity, as C.8.6.3 demands: slope and
 * intercept are in the Real World Value Mapping (C.7.6.1), true to (max − min) / 65535.
 */
export function encodeMapImage(context: Context, index: number): DicomObject {
  const { volume, explanation } = context;
  const map = explanation.maps[index] as ExplanationMap;
  assertFramesOf(map, volume);
  const [frames, rows, columns] = map.shape;
  const scale = scaleOf(map);
  const [low, high] = map.range;
  return finish(context, {
    kind: 'MAP',
    index,
    SOPClassUID: GRAYSCALE_WORD_SC_STORAGE,
    Modality: 'OT',
    what: map.name,
    body: {
      ...referencedSeries(volume, volume.frames),
      ...lossyCompression(volume),
      ...frameIncrement(frames),
      ...realWorldValues(map, {
        slope: scale.slope,
        intercept: scale.intercept,
        mapped: { RealWorldValueFirstValueMapped: scale.first, RealWorldValueLastValueMapped: 65_535 },
      }),
      ConversionType: 'WSD',
      ImageType: ['DERIVED', 'SECONDARY'],
      Laterality: null,
      PatientOrientation: null,
      BurnedInAnnotation: 'NO',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      PresentationLUTShape: 'IDENTITY',
      Rows: rows,
      Columns: columns,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      RescaleIntercept: 0,
      RescaleSlope: 1,
      RescaleType: 'US',
      // By the default function, LINEAR (PS3.3 C.11.2.1.2), whose ends are c − w/2 and c + w/2 − 1: OHIF 3.13 stops at LINEAR_EXACT.
      WindowCenter: ((low + high) / 2 - scale.intercept) / scale.slope + 0.5,
      WindowWidth: high > low ? (high - low) / scale.slope + 1 : 2,
      ...(map.padding === undefined ? {} : { PixelPaddingValue: 0 }),
      NumberOfFrames: frames,
      DerivationDescription: clip(`${map.name}: ${map.method}`, 1024),
      DerivationCodeSequence: [codeItem(map.quantity)],
      SourceImageSequence: volume.frames.map(sourceImage),
      PixelData: stored(map, scale),
    },
  });
}

/** SC Multi-frame Vector (PS3.3 C.8.6.4): the frames are pages, with no time between them; a single frame needs none. */
export const frameIncrement = (frames: number): Writable =>
  frames === 1
    ? {}
    : {
        FrameIncrementPointer: PAGE_NUMBER_VECTOR,
        PageNumberVector: Array.from({ length: frames }, (_, i) => i + 1),
      };

interface Scale {
  /** Stored value of the least value of the map: 0 is kept free for padding where there is any. */
  readonly first: number;
  readonly slope: number;
  readonly intercept: number;
}

function scaleOf(map: ExplanationMap): Scale {
  const [min, max] = extent(map);
  const first = map.padding === undefined ? 0 : 1;
  const slope = max > min ? (max - min) / (65_535 - first) : 1;
  return { first, slope, intercept: min - first * slope };
}

const stored = ({ data, padding }: ExplanationMap, { slope, intercept }: Scale): Uint16Array =>
  Uint16Array.from(data, (value) => (value === padding ? 0 : Math.round((value - intercept) / slope)));
