import { download } from '../shared/download.ts';
import { Fault } from '../shared/fault.ts';
import type { Origin } from '../shared/http.ts';
import { boundaryOf, splitMultipart } from './multipart.ts';
import type { SeriesAddress } from './series.ts';

export interface InstanceAddress extends SeriesAddress {
  readonly SOPInstanceUID: string;
}

/** One instance as the archive holds it, a Part 10 file (PS3.18 §10.4). Throws NOT_FOUND, ARCHIVE_REFUSED, ARCHIVE_UNREACHABLE. */
export async function fetchInstance(
  archive: Origin,
  dicomWebPath: string,
  { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: InstanceAddress,
): Promise<Uint8Array> {
  const path = `${dicomWebPath}/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`;
  const answer = await download(archive, path, {
    accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
  });
  try {
    if (answer.status === 404) throw new Fault('NOT_FOUND', `the archive does not hold ${SOPInstanceUID}`);
    if (answer.status !== 200)
      throw new Fault(
        answer.status >= 500 ? 'ARCHIVE_UNREACHABLE' : 'ARCHIVE_REFUSED',
        `WADO-RS of instance ${SOPInstanceUID} answered ${answer.status}`,
      );
    const boundary = boundaryOf(answer.headers['content-type'] ?? '');
    for await (const part of splitMultipart(answer.body, boundary)) return part.body.slice();
    throw new Fault('NOT_FOUND', `the archive sent no ${SOPInstanceUID}`);
  } finally {
    await answer.close();
  }
}
