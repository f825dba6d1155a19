import { type Dataset, items, number, text } from '../dicom/read.ts';

/** Which object it is; empty where the file does not say. */
export interface Identity {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly StudyInstanceUID: string;
}

/** Another object, or a frame or segment of it, that a result points to. */
export interface Reference {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  /** From 1; only of multi-frame instances. */
  readonly frame?: number;
  readonly segment?: number;
}

/** An object of another kind, and why it is no result that this reader knows. */
export interface Other {
  readonly kind: 'other';
  readonly reason: string;
}

export const identityOf = (dataset: Dataset): Identity => ({
  SOPClassUID: text(dataset, 'SOPClassUID') ?? '',
  SOPInstanceUID: text(dataset, 'SOPInstanceUID') ?? '',
  SeriesInstanceUID: text(dataset, 'SeriesInstanceUID') ?? '',
  StudyInstanceUID: text(dataset, 'StudyInstanceUID') ?? '',
});

/** An item of a sequence of references (PS3.3 Table 10-11); undefined when it names no instance. Of several frames or segments the first. */
export function referenceOf(item: Dataset): Reference | undefined {
  const SOPInstanceUID = text(item, 'ReferencedSOPInstanceUID');
  if (!SOPInstanceUID) return undefined;
  const frame = number(item, 'ReferencedFrameNumber');
  const segment = number(item, 'ReferencedSegmentNumber');
  return {
    SOPClassUID: text(item, 'ReferencedSOPClassUID') ?? '',
    SOPInstanceUID,
    ...(frame === undefined ? {} : { frame }),
    ...(segment === undefined ? {} : { segment }),
  };
}

export const referencesOf = (dataset: Dataset, keyword: string): readonly Reference[] =>
  items(dataset, keyword).flatMap((item) => referenceOf(item) ?? []);

/** The first source image of a functional group that derives a frame (PS3.3 C.7.6.16.2.6). */
export const sourceOf = (group: Dataset): Reference | undefined =>
  items(group, 'DerivationImageSequence').flatMap((d) => referencesOf(d, 'SourceImageSequence'))[0];
