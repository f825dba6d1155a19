import type { DicomObject, OptionalKind, SegmentFinding } from '../contracts.ts';
import { Fault } from '../shared/fault.ts';
import { type Context, contextOf, type Results } from './context.ts';
import { encodeKeyObjects } from './key-objects.ts';
import { encodeMapImage } from './map-image.ts';
import { encodeOverlay } from './overlay.ts';
import { encodeParametricMap } from './parametric-map.ts';
import { isPlaced, type PlacedVolume } from './planes.ts';
import { encodeReport } from './report.ts';
import { encodeReportPdf } from './report-pdf.ts';
import { encodeSegmentation } from './segmentation.ts';

export type { Results } from './context.ts';

/**
 * The results of one analysis as DICOM objects, one object a series, the report last: what it cites comes first. The same input
 * gives the same bytes. A volume with planes in the patient gets Parametric Maps, a projection a picture and a value image of each
 * map; a label map gives a Segmentation; what the site wants `also` is between them and the report. Throws ENCODE_INVALID.
 */
export function encode(results: Results, also: readonly OptionalKind[] = ['KOS']): DicomObject[] {
  const context = contextOf(results);
  const { volume, explanation } = context;
  const images = isPlaced(volume)
    ? [
        ...segmentationOf(context, volume),
        ...explanation.maps.map((_, i) => encodeParametricMap(context, volume, i)),
      ]
    : explanation.maps.flatMap((_, i) => [encodeOverlay(context, i), encodeMapImage(context, i)]);
  const keyObjects = also.includes('KOS') ? encodeKeyObjects(context) : undefined;
  const page = also.includes('PDF') ? encodeReportPdf(context) : undefined;
  return [...images, ...[keyObjects, page].filter((o) => o !== undefined), encodeReport(context, images)];
}

function segmentationOf(context: Context, volume: PlacedVolume): DicomObject[] {
  const { labelMap, findings } = context.prediction;
  if (!labelMap) return [];
  const segments = findings.filter((f): f is SegmentFinding => f.kind === 'segment');
  if (segments.length !== findings.length)
    throw new Fault('ENCODE_INVALID', 'SegmentSequence: findings of a label map are all segments');
  return [encodeSegmentation(context, volume, { labelMap, segments })];
}
