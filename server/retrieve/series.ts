import { type Part10, seriesReader } from '../dicom/read.ts';
import { download } from '../shared/download.ts';
import { Fault } from '../shared/fault.ts';
import type { Origin } from '../shared/http.ts';
import { boundaryOf, splitMultipart } from './multipart.ts';

export interface SeriesAddress {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

/**
 * The instances of a series by WADO-RS (PS3.18 §10.4), one by one as they arrive and as they are stored: `transfer-syntax=*`,
 * never transcoded by the archive. The pixels of one are there until the next is asked for. Ends with RETRIEVE_INCOMPLETE when fewer arrive than `instanceCount`.
 */
export async function* fetchSeries(
  archive: Origin,
  dicomWebPath: string,
  { StudyInstanceUID, SeriesInstanceUID, instanceCount }: SeriesAddress & { readonly instanceCount: number },
): AsyncGenerator<Part10> {
  const path = `${dicomWebPath}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}`;
  const answer = await download(archive, path, {
    accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
  });
  try {
    if (answer.status !== 200) {
      throw new Fault(
        answer.status === 404
          ? 'RETRIEVE_INCOMPLETE'
          : answer.status >= 500
            ? 'ARCHIVE_UNREACHABLE'
            : 'ARCHIVE_REFUSED',
        `WADO-RS of series ${SeriesInstanceUID} answered ${answer.status}`,
      );
    }
    const boundary = boundaryOf(answer.headers['content-type'] ?? '');
    const read = seriesReader();
    let arrived = 0;
    for await (const part of splitMultipart(answer.body, boundary)) {
      arrived++;
      yield read(part.body);
    }
    if (arrived < instanceCount) {
      throw new Fault(
        'RETRIEVE_INCOMPLETE',
        `series ${SeriesInstanceUID}: ${instanceCount} instances settled, WADO-RS gave ${arrived}`,
      );
    }
  } finally {
    await answer.close();
  }
}
