import { number, type Part10, text, texts } from '../../dicom/read.ts';
import type { Reference } from '../../results/references.ts';
import { Fault } from '../../shared/fault.ts';
import type { Case } from '../contract/case.ts';
import type { InstanceUids } from '../outbox.ts';
import { isOf } from '../pictures/stored-map.ts';
import type { Instances } from './instances.ts';
import type { StoredReport } from './report.ts';

export type CasePicture = Case['pictures'][number];

/**
 * The source frames that a report speaks of, in its order. One volume has frames of one size (server/retrieve/volume.ts), so the first instance says that of
 * all. A multi-frame instance is as many pictures as it has frames.
 */
export async function picturesOf(
  report: StoredReport,
  StudyInstanceUID: string,
  instances: Instances,
): Promise<readonly CasePicture[]> {
  const { library: listed } = report;
  const [first] = listed;
  if (!first) return [];
  const file = await instances.read(uidsOf(report, StudyInstanceUID, first.SOPInstanceUID));
  const [rows, columns] = [number(file.dataset, 'Rows') ?? 0, number(file.dataset, 'Columns') ?? 0];
  const frames = number(file.dataset, 'NumberOfFrames') ?? 1;
  const aspect = aspectOf(file);
  const shown = frames > 1 ? await framesIn(report, StudyInstanceUID, instances) : listed;
  return shown.map(({ SOPInstanceUID, frame }, i) => ({
    SOPInstanceUID,
    SeriesInstanceUID: report.seriesOf(SOPInstanceUID) ?? '',
    ...(frame === undefined ? {} : { frame }),
    rows,
    columns,
    ...(aspect === 1 ? {} : { aspect }),
    name: `Image ${i + 1} of ${shown.length}`,
  }));
}

/** The index of the picture that shows this frame; undefined when none does. */
export function pictureAt(
  pictures: readonly CasePicture[],
  source: Reference | undefined,
): number | undefined {
  if (!source) return undefined;
  const at = pictures.findIndex((picture) => isOf(referenceTo(picture), source));
  return at < 0 ? undefined : at;
}

export const referenceTo = ({ SOPInstanceUID, frame }: CasePicture): Reference => ({
  SOPClassUID: '',
  SOPInstanceUID,
  ...(frame === undefined ? {} : { frame }),
});

/** Throws NOT_FOUND where the report does not say its series. */
export function uidsOf(report: StoredReport, StudyInstanceUID: string, SOPInstanceUID: string): InstanceUids {
  const SeriesInstanceUID = report.seriesOf(SOPInstanceUID);
  if (!SeriesInstanceUID) throw new Fault('NOT_FOUND', `the report does not say where ${SOPInstanceUID} is`);
  return { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID };
}

async function framesIn(
  report: StoredReport,
  StudyInstanceUID: string,
  instances: Instances,
): Promise<readonly Reference[]> {
  const all: Reference[] = [];
  const { library: listed } = report;
  for (const image of listed) {
    const file = await instances.read(uidsOf(report, StudyInstanceUID, image.SOPInstanceUID));
    const frames = number(file.dataset, 'NumberOfFrames') ?? 1;
    for (let frame = 1; frame <= frames; frame++) all.push({ ...image, frame });
  }
  return all;
}

/** Row spacing by column spacing; 1 where the image does not say. */
function aspectOf(file: Part10): number {
  const pairs = [
    file.decimals('PixelSpacing'),
    texts(file.dataset, 'ImagerPixelSpacing'),
    text(file.dataset, 'PixelAspectRatio') === undefined ? [] : texts(file.dataset, 'PixelAspectRatio'),
  ];
  const [row, column] = (pairs.find((p) => p.length === 2) ?? []).map(Number);
  const ratio = row !== undefined && column !== undefined ? row / column : 1;
  return Number.isFinite(ratio) && ratio > 0 ? Number(ratio.toPrecision(6)) : 1;
}
