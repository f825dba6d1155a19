import { api } from 'dicomweb-client';
import { type DicomJson, number, text } from './dicom-json.ts';
import { everyPage } from './every-page.ts';
import type { ImageReference } from './result.ts';
import { mayBeUnreported } from './unreported.ts';

/** What the panel asks of the archive, by DICOMweb. Every question ends with its signal. */
export interface Archive {
  /** Headers of all reports of a study. */
  reports(StudyInstanceUID: string, signal: AbortSignal): Promise<readonly DicomJson[]>;
  /** Headers of what else may be a result in a study: masks, maps, key images, pages; those apart of whose series or objects `isKnown` says so. */
  others(
    StudyInstanceUID: string,
    isKnown: (uid: string) => boolean,
    signal: AbortSignal,
  ): Promise<readonly DicomJson[]>;
  /** Studies of the patient that hold reports; the newest first. */
  studiesWithReports(PatientID: string, signal: AbortSignal): Promise<readonly StudyInArchive[]>;
  header(image: ImageInArchive, signal: AbortSignal): Promise<DicomJson | undefined>;
  /** Stored pixels of one frame, little endian; `frame` counts from 0. */
  frame(image: ImageInArchive, frame: number, signal: AbortSignal): Promise<ArrayBuffer>;
  /** The whole Part 10 file, Explicit VR Little Endian as by default (PS3.18 §8.7.3.5.2); `onProgress` is told the bytes so far. */
  file(image: ImageInArchive, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<ArrayBuffer>;
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
    new api.DICOMwebClient({
      url: new URL(root, globalThis.location.href).href,
      headers: { ...headers() },
      verbose: false,
      requestHooks: [
        // The client counts the arguments: a hook takes two.
        (request, _metadata) => {
          signal.addEventListener('abort', () => request.abort(), { once: true });
          if (onProgress) request.addEventListener('progress', ({ loaded }) => onProgress(loaded));
          return request;
        },
      ],
    });
  return {
    reports: async (studyInstanceUID, signal) => {
      const dicomweb = client(signal);
      const series = await everyPage(
        (paging) =>
          dicomweb.searchForSeries({ studyInstanceUID, queryParams: { Modality: 'SR', ...paging } }),
        'SeriesInstanceUID',
      );
      const headersOf = series
        .flatMap((found) => text(found, 'SeriesInstanceUID') ?? [])
        .map((seriesInstanceUID) => dicomweb.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID }));
      return (await Promise.all(headersOf)).flat();
    },
    others: async (studyInstanceUID, isKnown, signal) => {
      const dicomweb = client(signal);
      const series = await everyPage(
        (paging) => dicomweb.searchForSeries({ studyInstanceUID, ...asked(paging) }),
        'SeriesInstanceUID',
      );
      const objects = await Promise.all(
        series
          .filter(mayHold)
          .flatMap((found) => text(found, 'SeriesInstanceUID') ?? [])
          .filter((uid) => !isKnown(uid))
          .map((seriesInstanceUID) =>
            everyPage(
              (paging) =>
                dicomweb.searchForInstances({ studyInstanceUID, seriesInstanceUID, ...asked(paging) }),
              'SOPInstanceUID',
            ),
          ),
      );
      const headersOf = objects
        .flat()
        .filter((found) => mayBeUnreported(found) && !isKnown(text(found, 'SOPInstanceUID') ?? ''))
        .map((found) =>
          dicomweb.retrieveInstanceMetadata({
            studyInstanceUID,
            seriesInstanceUID: text(found, 'SeriesInstanceUID') ?? '',
            sopInstanceUID: text(found, 'SOPInstanceUID') ?? '',
          }),
        );
      return (await Promise.all(headersOf)).flat();
    },
    studiesWithReports: async (patient, signal) => {
      if (WILDCARD.test(patient)) return [];
      const queryParams = { PatientID: patient, ModalitiesInStudy: 'SR' };
      const dicomweb = client(signal);
      const studies = await everyPage(
        (paging) => dicomweb.searchForStudies({ queryParams: { ...queryParams, ...paging } }),
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
    header: async (image, signal) => (await client(signal).retrieveInstanceMetadata(asOptions(image)))[0],
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

/** Without parameters the client would still write a question mark. */
const asked = (queryParams: Readonly<Record<string, string>>) =>
  Object.keys(queryParams).length > 0 ? { queryParams } : {};

const asOptions = (image: ImageInArchive) => ({
  studyInstanceUID: image.StudyInstanceUID,
  seriesInstanceUID: image.SeriesInstanceUID,
  sopInstanceUID: image.SOPInstanceUID,
});
