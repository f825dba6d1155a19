import type { DicomObject, OptionalKind } from '../contracts.ts';
import { contextOf, type Results } from './context.ts';
import { encodeKeyObjects } from './key-objects.ts';
import { encodeLabelMap } from './label-map.ts';
import { encodeMapImage } from './map-image.ts';
import { encodeOverlay } from './overlay.ts';
import { encodeParametricMap } from './parametric-map.ts';
import { isPlaced } from './planes.ts';
import { encodeReport, type Made } from './report.ts';
import { encodeReportPdf } from './report-pdf.ts';
import { encodeSegmentation } from './segmentation.ts';
import { segmentedOf } from './segments.ts';
import { type Site, USUAL_SITE } from './site.ts';

export type { Results } from './context.ts';
export { type Site, USUAL_SITE } from './site.ts';

/** Above so many segments a BINARY segmentation is slow to open: a label map is made beside it. */
const MANY_SEGMENTS = 20;

/**
 * The results of one analysis as DICOM objects, one object a series, the report last: what it cites comes first. The same input
 * gives the same bytes. A label map gives a Segmentation; maps over planes in the patient are Parametric Maps, over pictures a
 * picture and a value image of each; what the site wants `also` is beside them. Throws ENCODE_INVALID.
 */
export function encode(
  results: Results,
  also: readonly OptionalKind[] = ['KOS'],
  site: Site = USUAL_SITE,
): DicomObject[] {
  const context = contextOf(results, site);
  const { volume, explanation } = context;
  const segmented = segmentedOf(context);
  const segmentation = segmented ? [encodeSegmentation(context, segmented)] : [];
  const isTwinWanted = also.includes('LABELMAP') || (segmented?.segments.length ?? 0) > MANY_SEGMENTS;
  const twin = segmented && isTwinWanted ? [encodeLabelMap(context, segmented)] : [];
  const maps = explanation.maps.flatMap(({ finding }, i) => {
    const objects = isPlaced(volume)
      ? [encodeParametricMap(context, volume, i)]
      : [encodeOverlay(context, i), encodeMapImage(context, i)];
    return objects.map((object): Made => ({ object, ...(finding === undefined ? {} : { finding }) }));
  });
  const keyObjects = also.includes('KOS') ? encodeKeyObjects(context) : undefined;
  const page = also.includes('PDF') ? encodeReportPdf(context) : undefined;
  const masks = [...segmentation, ...twin];
  const report = encodeReport(context, [...masks.map((object): Made => ({ object })), ...maps]);
  const others = [keyObjects, page].filter((o) => o !== undefined);
  return [...masks, ...maps.map(({ object }) => object), ...others, report];
}
