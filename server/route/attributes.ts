import dcmjs from 'dcmjs';
import { type Dataset, text, texts } from '../dicom/read.ts';
import { Fault } from '../shared/fault.ts';
import type { Origin } from '../shared/http.ts';
import { type Json, query, queryAll } from '../shared/qido.ts';

/** What is known of a series: the values of its attributes by keyword of PS3.6, as text without padding. Absent: no entry. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

const SERIES = '0020000E';
const SOP_CLASS = '00080016';
const SOP_INSTANCE = '00080018';
/** Longer values are nothing that a rule asks for. */
const MAX_VALUE = 256;

interface Address {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

/**
 * Asks the archive what a series says before its pixels are fetched: its images by QIDO-RS (PS3.18 §10.6), the header of the first by
 * SOPInstanceUID by WADO-RS (§10.4.1.1.2). Throws RETRIEVE_INCOMPLETE when it is gone.
 */
export async function seriesAttributes(
  archive: Origin,
  dicomWebPath: string,
  { StudyInstanceUID, SeriesInstanceUID }: Address,
): Promise<Attributes> {
  const series = `${dicomWebPath}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}`;
  const path = `${series}/instances?includefield=${SOP_CLASS},${SOP_INSTANCE}`;
  const listed = datasets(await queryAll(archive, path, SOP_INSTANCE));
  const first = listed.flatMap((image) => text(image, 'SOPInstanceUID') ?? []).sort()[0];
  const [header] = first ? datasets(await query(archive, `${series}/instances/${first}/metadata`)) : [];
  if (!header) {
    throw new Fault('RETRIEVE_INCOMPLETE', `the archive no longer lists series ${SeriesInstanceUID}`);
  }
  return attributesOf(header, listed);
}

/** The same of all series of a study, by SeriesInstanceUID. Throws NOT_FOUND when the archive has none. */
export async function studyAttributes(
  archive: Origin,
  dicomWebPath: string,
  StudyInstanceUID: string,
): Promise<ReadonlyMap<string, Attributes>> {
  const listed = datasets(
    await queryAll(archive, `${dicomWebPath}/studies/${StudyInstanceUID}/series`, SERIES),
  );
  const found = new Map<string, Attributes>();
  for (const SeriesInstanceUID of listed.flatMap((series) => text(series, 'SeriesInstanceUID') ?? [])) {
    const address = { StudyInstanceUID, SeriesInstanceUID };
    found.set(SeriesInstanceUID, await seriesAttributes(archive, dicomWebPath, address));
  }
  if (found.size === 0) throw new Fault('NOT_FOUND', 'the archive has no such study');
  return found;
}

/** The same of a header and the images of its series: SOPClassUID is that of all, everything else is the header's. */
export function attributesOf(header: Dataset, images: readonly Dataset[]): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const keyword of Object.keys(header)) {
    const values = texts(header, keyword).filter(({ length }) => length <= MAX_VALUE);
    if (values.length > 0) attributes[keyword] = values;
  }
  return {
    ...attributes,
    SOPClassUID: [...new Set(images.map((image) => text(image, 'SOPClassUID') ?? '(absent)'))],
    NumberOfSeriesRelatedInstances: [String(images.length)],
  };
}

const datasets = (items: readonly Json[]): readonly Dataset[] =>
  items.map((item) => dcmjs.data.DicomMetaDictionary.naturalizeDataset(item));
