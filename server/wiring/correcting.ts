import type { DicomObject } from '../contracts.ts';
import { items, readPart10, text } from '../dicom/read.ts';
import { SeriesInstanceUID, SOPInstanceUID, type StudyInstanceUID } from '../dicom/uid.ts';
import type { Assessment } from '../encode/assessment.ts';
import { correctSegmentation, sourceSeriesOf } from '../encode/correct.ts';
import { byOutlines, bySegments, type Outline } from '../encode/correction.ts';
import { verifyReport } from '../encode/verify.ts';
import { fetchInstance } from '../retrieve/instance.ts';
import { readPlanes } from '../retrieve/planes.ts';
import { fetchSeries } from '../retrieve/series.ts';
import type { Decision } from '../review/assessments.ts';
import { type Masks, type Outlines, onPlanes } from '../review/corrections.ts';
import { Fault } from '../shared/fault.ts';
import type { Origin } from '../shared/http.ts';

interface Held {
  readonly archive: Origin;
  readonly dicomWebPath: string;
  readonly study: StudyInstanceUID;
}

/**
 * What a decision about a report makes: the verified report, after the corrected segmentation that it refers to. Throws REQUEST_INVALID, NOT_FOUND, and what
 * reading from the archive and encoding throw.
 */
export async function verified(
  archive: Origin,
  dicomWebPath: string,
  { report, decision, assessment }: { report: Uint8Array; decision: Decision; assessment: Assessment },
): Promise<readonly DicomObject[]> {
  const held = { archive, dicomWebPath, study: decision.StudyInstanceUID };
  const { masks, outlines } = decision;
  if (masks) {
    const corrected = await correctedMasks(held, { report, masks, assessment });
    return [corrected.object, verifyReport(report, assessment, bySegments(corrected))];
  }
  const drawn = outlines && byOutlines(report, await onImages(held, outlines));
  return [verifyReport(report, assessment, drawn)];
}

async function correctedMasks(
  { archive, dicomWebPath, study }: Held,
  { report, masks, assessment }: { report: Uint8Array; masks: Masks; assessment: Assessment },
) {
  if (!isCitedBy(report, masks.SOPInstanceUID))
    throw new Fault('REQUEST_INVALID', 'the report does not refer to this segmentation');
  const original = await fetchInstance(archive, dicomWebPath, { StudyInstanceUID: study, ...masks });
  const source = SeriesInstanceUID.safeParse(sourceSeriesOf(readPart10(original).dataset));
  if (!source.success)
    throw new Fault('ENCODE_INVALID', 'ReferencedSeriesSequence: the segmentation has no source');
  const address = { StudyInstanceUID: study, SeriesInstanceUID: source.data, instanceCount: 1 };
  const planes = await readPlanes(fetchSeries(archive, dicomWebPath, address));
  return correctSegmentation(original, { planes, labelMap: onPlanes(masks, planes) }, assessment);
}

const isCitedBy = (report: Uint8Array, uid: string): boolean =>
  items(readPart10(report).dataset, 'CurrentRequestedProcedureEvidenceSequence')
    .flatMap((study) => items(study, 'ReferencedSeriesSequence'))
    .flatMap((series) => items(series, 'ReferencedSOPSequence'))
    .some((image) => text(image, 'ReferencedSOPInstanceUID') === uid);

/** Each image is read once. Throws REQUEST_INVALID for what lies outside of its image. */
async function onImages(
  { archive, dicomWebPath, study }: Held,
  outlines: Outlines,
): Promise<readonly Outline[]> {
  const images = new Map<string, ReturnType<typeof readPart10>['dataset']>();
  const drawn: Outline[] = [];
  for (const { frame, trackingUID, shape, points, ...address } of outlines) {
    const uid = address.SOPInstanceUID;
    const image =
      images.get(uid) ??
      readPart10(await fetchInstance(archive, dicomWebPath, { StudyInstanceUID: study, ...address })).dataset;
    images.set(uid, image);
    const [rows, columns, frames] = ['Rows', 'Columns', 'NumberOfFrames'].map((k) =>
      Number(text(image, k) ?? 1),
    );
    if (
      (frame ?? 1) > (frames as number) ||
      points.some(([x, y]) => x > (columns as number) || y > (rows as number))
    )
      throw new Fault('REQUEST_INVALID', `outlines: one lies outside of image ${uid}`);
    drawn.push({
      trackingUID,
      shape,
      points,
      image,
      frame: {
        SOPClassUID: text(image, 'SOPClassUID') ?? '',
        SOPInstanceUID: SOPInstanceUID.parse(uid),
        ...(frame === undefined ? {} : { frameNumber: frame }),
      },
    });
  }
  return drawn;
}
