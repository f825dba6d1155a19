import { type DicomJson, number, text } from './dicom-json.ts';
import { dicomWebAt, held, listed } from './dicomweb.ts';
import { everyPage } from './every-page.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { ImageReference } from './result.ts';
import { mayBeUnreported } from './unreported.ts';

/** What the panel asks of the archive, by DICOMweb. Every question ends with its signal. */
export interface Archive {
  reports(StudyInstanceUID: string, signal: AbortSignal): Promise<Reports>;
  /** Headers of what else may be a result in a study: masks, maps, key images, pages; those apart of whose series or objects `isKnown` says so. */
  others(
    StudyInstanceUID: string,
    isKnown: (uid: string) => boolean,
    signal: AbortSignal,
  ): Promise<readonly DicomJson[]>;
  /** Studies of the patient that hold reports; the newest first. */
  studiesWithReports(PatientID: string, signal: AbortSignal): Promise<readonly StudyInArchive[]>;
  header(image: ImageInArchive, signal: AbortSignal): Promise<DicomJson>;
  /** Stored pixels of one frame, little endian; `frame` counts from 0. */
  frame(image: ImageInArchive, frame: number, signal: AbortSignal): Promise<ArrayBuffer>;
  /** The whole Part 10 file, Explicit VR Little Endian as by default (PS3.18 §8.7.3.5.2); `onProgress` is told the bytes so far. */
  file(image: ImageInArchive, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<ArrayBuffer>;
}

/** The reports of a study. */
export interface Reports {
  /** Their headers. */
  readonly documents: readonly DicomJson[];
  /** How many series of them the archive lists and did not give. */
  readonly missing: number;
}

export interface StudyInArchive {
  readonly StudyInstanceUID: string;
  /** As DICOM writes them, `20261124 101112`; empty where unknown. */
  readonly studiedAt: string;
}

export type ImageInArchive = Required<Omit<ImageReference, 'SOPClassUID'>> & {
  readonly StudyInstanceUID: string;
};

/**
 * Whether any of these may be in a series. A Parametric Map often has the modality of its images, but each is one object: series of as many objects
 * as there are slices are not asked for theirs.
 */
const mayHold = (series: DicomJson): boolean =>
  ['SEG', 'PMAP', 'KO', 'DOC'].includes(text(series, 'Modality') ?? '') ||
  (number(series, 'NumberOfSeriesRelatedInstances') ?? 0) <= FEW;
const FEW = 8;
/** What would ask for more than one patient (PS3.4 C.2.2.2.4). */
const WILDCARD = /[*?\\]/;
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** `root` is the DICOMweb root; `headers` are asked for at each request, for tokens expire. */
export function archiveAt(root: string, headers: () => Readonly<Record<string, string>>): Archive {
  const client = (signal: AbortSignal, onProgress?: (bytes: number) => void) =>
    dicomWebAt(root, { headers: headers(), signal, onProgress });
  return {
    reports: async (studyInstanceUID, signal) => {
      const dicomweb = client(signal);
      const series = await everyPage(
        (paging) =>
          listed(dicomweb.searchForSeries({ studyInstanceUID, queryParams: { Modality: 'SR', ...paging } })),
        'SeriesInstanceUID',
      );
      const headersOf = series
        .flatMap((found) => text(found, 'SeriesInstanceUID') ?? [])
        .map((seriesInstanceUID) =>
          held(dicomweb.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID })),
        );
      return asFarAsGiven(await Promise.allSettled(headersOf));
    },
    others: async (studyInstanceUID, isKnown, signal) => {
      const dicomweb = client(signal);
      const series = await everyPage(
        (paging) => listed(dicomweb.searchForSeries({ studyInstanceUID, ...asked(paging) })),
        'SeriesInstanceUID',
      );
      const unknown = series.filter(
        (found) => mayHold(found) && !isKnown(text(found, 'SeriesInstanceUID') ?? ''),
      );
      const objects = await fewAtOnce(unknown, (found) => {
        const seriesInstanceUID = text(found, 'SeriesInstanceUID') ?? '';
        return everyPage(
          (paging) =>
            listed(dicomweb.searchForInstances({ studyInstanceUID, seriesInstanceUID, ...asked(paging) })),
          'SOPInstanceUID',
          number(found, 'NumberOfSeriesRelatedInstances'),
        );
      });
      const headers = await fewAtOnce(
        objects
          .flat()
          .filter((found) => mayBeUnreported(found) && !isKnown(text(found, 'SOPInstanceUID') ?? '')),
        (found) =>
          held(
            dicomweb.retrieveInstanceMetadata({
              studyInstanceUID,
              seriesInstanceUID: text(found, 'SeriesInstanceUID') ?? '',
              sopInstanceUID: text(found, 'SOPInstanceUID') ?? '',
            }),
          ),
      );
      return headers.flat();
    },
    studiesWithReports: async (patient, signal) => {
      if (WILDCARD.test(patient)) return [];
      const queryParams = { PatientID: patient, ModalitiesInStudy: 'SR' };
      const dicomweb = client(signal);
      const studies = await everyPage(
        (paging) => listed(dicomweb.searchForStudies({ queryParams: { ...queryParams, ...paging } })),
        'StudyInstanceUID',
      );
      return studies
        .filter((study) => text(study, 'PatientID') === patient)
        .map((study) => ({
          StudyInstanceUID: text(study, 'StudyInstanceUID') ?? '',
          studiedAt: `${text(study, 'StudyDate') ?? ''} ${text(study, 'StudyTime') ?? ''}`.trim(),
        }))
        .sort((a, b) => b.studiedAt.localeCompare(a.studiedAt));
    },
    header: async (image, signal) =>
      (await held(client(signal).retrieveInstanceMetadata(asOptions(image))))[0] as DicomJson,
    frame: async (image, frame, signal) => {
      const [pixels] = await client(signal).retrieveInstanceFrames({
        ...asOptions(image),
        frameNumbers: [frame + 1],
        mediaTypes: [{ mediaType: 'application/octet-stream', transferSyntaxUID: EXPLICIT_LITTLE_ENDIAN }],
      });
      if (!pixels) throw new Error('the archive sent no pixels');
      return pixels;
    },
    file: (image, signal, onProgress) => client(signal, onProgress).retrieveInstance(asOptions(image)),
  };
}

/** One that cannot be had takes none of the others with it; where there is no other, that is why. */
function asFarAsGiven(answers: readonly PromiseSettledResult<readonly DicomJson[]>[]): Reports {
  const documents = answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const refused = answers.filter((each) => each.status === 'rejected');
  if (documents.length === 0 && refused[0]) throw refused[0].reason;
  return { documents, missing: refused.length };
}

/** Without parameters the client would still write a question mark. */
const asked = (queryParams: Readonly<Record<string, string>>) =>
  Object.keys(queryParams).length > 0 ? { queryParams } : {};

const asOptions = (image: ImageInArchive) => ({
  studyInstanceUID: image.StudyInstanceUID,
  seriesInstanceUID: image.SeriesInstanceUID,
  sopInstanceUID: image.SOPInstanceUID,
});
