import { z } from 'zod';
import type { SeriesArrived } from '../contracts.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { sha256 } from '../shared/digest.ts';
import { Fault } from '../shared/fault.ts';
import { call, getJson, type Origin } from '../shared/http.ts';
import { isDerivedClass, isDerivedModality } from './derived.ts';

/** What the archive says of a series: `arrived` is absent while it grows, and when it holds nothing but results. */
export interface SeriesLook {
  /** Orthanc identifiers. */
  readonly instances: readonly string[];
  readonly stable: boolean;
  readonly arrived?: SeriesArrived;
}

/** Requests to the archive at once. */
const CONCURRENCY = 6;

const Series = z.object({
  Instances: z.array(z.string()),
  IsStable: z.boolean(),
  ParentStudy: z.string(),
  MainDicomTags: z.object({ SeriesInstanceUID, Modality: z.string().optional() }),
});
const Study = z.object({ MainDicomTags: z.object({ StudyInstanceUID }) });

/**
 * Looks at a series by its Orthanc identifier; undefined when it is gone. Its fingerprint covers the images alone, so a
 * report that joins the series makes no new arrival. Throws ARCHIVE_UNREACHABLE, and RETRIEVE_INCOMPLETE when an instance
 * goes meanwhile.
 */
export async function lookAtSeries(
  archive: Origin,
  id: string,
  isOwnSeries: (uid: SeriesInstanceUID) => Promise<boolean>,
): Promise<SeriesLook | undefined> {
  const series = parse(Series.optional(), await getJson(archive, `/series/${id}`));
  if (!series) return undefined;
  const { Instances: instances, IsStable: stable, MainDicomTags: tags } = series;
  const isResult = isDerivedModality(tags.Modality) || (await isOwnSeries(tags.SeriesInstanceUID));
  if (!stable || isResult) return { instances, stable };

  const study = parse(Study.optional(), await getJson(archive, `/studies/${series.ParentStudy}`));
  const images = (await mapAtOnce(instances, (instance) => imageLine(archive, instance))).filter(
    (line) => line !== undefined,
  );
  if (!study || images.length === 0) return { instances, stable };
  return {
    instances,
    stable,
    arrived: {
      StudyInstanceUID: study.MainDicomTags.StudyInstanceUID,
      SeriesInstanceUID: tags.SeriesInstanceUID,
      fingerprint: sha256(images.toSorted().join('\n')),
      instanceCount: images.length,
      settledAt: new Date().toISOString(),
    },
  };
}

/** Identifier (made of the UIDs) and MD5 of the stored file; undefined for what isn't an image. */
async function imageLine(archive: Origin, instance: string): Promise<string | undefined> {
  const SOPClassUID = await getText(archive, `/instances/${instance}/metadata/SopClassUid`);
  if (isDerivedClass(SOPClassUID)) return undefined;
  return `${instance} ${await getText(archive, `/instances/${instance}/attachments/dicom/md5`)}`;
}

async function getText(archive: Origin, path: string): Promise<string> {
  const answer = await call(archive, path);
  const text = (await answer.body.text().catch(() => '')).trim();
  if (answer.status === 200 && text !== '') return text;
  throw new Fault(
    answer.status >= 500 || answer.status === 200 ? 'ARCHIVE_UNREACHABLE' : 'RETRIEVE_INCOMPLETE',
    `GET ${path} answered ${answer.status}`,
  );
}

function parse<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Fault('ARCHIVE_REFUSED', `not what Orthanc answers: ${z.prettifyError(parsed.error)}`);
}

/** Results in the order of the items. */
async function mapAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [i, item] of rest) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return results;
}
