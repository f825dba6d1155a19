import type { DicomObject } from '../contracts.ts';
import type { ExplanationMap } from '../explanation.ts';
import { colourOf } from '../shared/colour-map.ts';
import { failedChecks } from './checks.ts';
import { colouring, isBelowThreshold } from './colouring.ts';
import { CONCEPTS, codeItem } from './concepts.ts';
import { type Context, finish, lossyCompression } from './context.ts';
import { dotsOf, GLYPH_WIDTH, LINE_HEIGHT, wrap } from './font.ts';
import { assertFramesOf, resampleFrame } from './grid.ts';
import { frameIncrement } from './map-image.ts';
import { referencedSeries, sourceImage } from './references.ts';
import { clip, plain } from './text.ts';
import { greyFrame } from './window.ts';

export const TRUE_COLOR_SC_STORAGE = '1.2.840.10008.5.1.4.1.1.7.4';
/** How much of the colour covers the image where the map is greatest. */
const OPACITY = 0.6;
const PALETTE = Array.from({ length: 256 }, (_, i) => colourOf('inferno', i / 255));

/**
 * A picture of a map over its projection image, for viewers that show nothing else: Multi-frame True Color SC (PS3.3 A.8.5). The
 * caption stands below the image, so that it hides no anatomy.
 */
export function encodeOverlay(context: Context, index: number): DicomObject {
  const { volume, model, prediction } = context;
  const map = context.explanation.maps[index] as ExplanationMap;
  assertFramesOf(map, volume);
  const [frames, rows, columns] = volume.shape;
  const warning = failedChecks(context.explanation, map.finding).length > 0 ? 'CHECK BEFORE USE - ' : '';
  const below = isBelowThreshold(map, prediction.findings) ? 'BELOW THRESHOLD - ' : '';
  const caption = captionOf(
    `${warning}${below}${plain(model.name)} ${plain(model.version)} - ${plain(map.name)} - research use - not for measurement`,
    columns,
  );
  const size = (rows + caption.rows) * columns * 3;
  const pixels = new Uint8Array(frames * size);
  const shareOf = colouring(map, prediction.findings);
  for (let frame = 0; frame < frames; frame++) {
    const picture = pixels.subarray(frame * size, (frame + 1) * size);
    blend(picture, greyFrame(volume, frame), resampleFrame(map, frame, rows, columns), shareOf);
    for (const at of caption.dots)
      picture.fill(255, (rows * columns + at) * 3, (rows * columns + at) * 3 + 3);
  }
  return finish(context, {
    kind: 'SC',
    index,
    SOPClassUID: TRUE_COLOR_SC_STORAGE,
    Modality: 'OT',
    what: 'overlay',
    body: {
      ...referencedSeries(volume, volume.frames),
      ...lossyCompression(volume),
      ...frameIncrement(frames),
      ConversionType: 'WSD',
      ImageType: ['DERIVED', 'SECONDARY'],
      Laterality: null,
      PatientOrientation: null,
      BurnedInAnnotation: 'YES',
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: 0,
      Rows: rows + caption.rows,
      Columns: columns,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      NumberOfFrames: frames,
      DerivationDescription: clip(`${map.name}: ${map.method}`, 1024),
      DerivationCodeSequence: [codeItem(CONCEPTS.pixelMask)],
      SourceImageSequence: volume.frames.map(sourceImage),
      PixelData: pixels,
    },
  });
}

/** Grey under inferno: the colour covers more the greater its share, 0..1. */
function blend(
  picture: Uint8Array,
  grey: Uint8Array,
  values: Float32Array,
  shareOf: (value: number) => number,
): void {
  for (let i = 0; i < grey.length; i++) {
    const level = grey[i] as number;
    const share = shareOf(values[i] as number);
    const colour = PALETTE[Math.round(share * 255)] ?? [0, 0, 0];
    const cover = OPACITY * share;
    for (const c of [0, 1, 2] as const) picture[i * 3 + c] = Math.round(level + (colour[c] - level) * cover);
  }
}

/** The caption as a strip of `rows` below an image: its white dots as pixel offsets in the strip. */
function captionOf(text: string, columns: number): { rows: number; dots: readonly number[] } {
  const scale = Math.max(1, Math.round(columns / 512));
  const letters = Math.max(1, Math.floor((columns - scale) / (GLYPH_WIDTH * scale)));
  const lines = wrap(text, letters);
  const dots = lines.flatMap((line, n) =>
    dotsOf(line).map(([row, column]) => [row + n * LINE_HEIGHT + 2, column + 1] as const),
  );
  const block = Array.from({ length: scale }, (_, i) => i);
  return {
    rows: (lines.length * LINE_HEIGHT + 2) * scale,
    dots: dots.flatMap(([row, column]) =>
      block.flatMap((y) =>
        block
          .map((x) => ({ x: column * scale + x, y: row * scale + y }))
          .filter((dot) => dot.x < columns)
          .map((dot) => dot.y * columns + dot.x),
      ),
    ),
  };
}
