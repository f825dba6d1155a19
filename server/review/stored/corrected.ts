import { z } from 'zod';
import { CODES } from '../../dicom/code.ts';
import type { Dataset } from '../../dicom/read.ts';
import { all, imagesOf, textUnder } from '../../results/content.ts';
import type { Reference } from '../../results/references.ts';
import { asFault } from '../../shared/fault.ts';
import type { Sql } from '../../shared/sql.ts';
import type { InstanceUids } from '../outbox.ts';
import { ReportContent } from '../settle.ts';
import type { Instances } from './instances.ts';
import { uidsOf } from './pictures.ts';
import { reportOf, type StoredReport } from './report.ts';

/** What a person made of the masks of a result. */
export interface Corrected {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** By the finding's place in the result: a segment, and where it is. */
  readonly masks: ReadonlyMap<number, { readonly segment: number; readonly uids: InstanceUids }>;
}

/** So many documents of one result are looked through, the newest first. */
const LOOKED_THROUGH = 5;

const Row = z.object({ uid: z.string(), series: z.string(), content: ReportContent });

/**
 * The masks that a person corrected last, by the verified reports that the archive holds; undefined where there are none. Of a case that is still read blind
 * there are none either: they would tell what another said.
 */
export async function correctedOf(
  sql: Sql,
  instances: Instances,
  {
    analysis,
    study,
    report,
  }: { readonly analysis: string; readonly study: string; readonly report: StoredReport },
): Promise<Corrected | undefined> {
  const rows = await sql.query(
    `select r.uid, r.series, r.content from pellucid.review_report r join pellucid.review_case c on c.analysis = r.analysis
      where r.analysis = $1 and r.state = 'stored' and not (c.blind and c.state in ('unread', 'reading'))
      order by r.made_at desc limit ${LOOKED_THROUGH}`,
    [analysis],
  );
  for (const { uid, series, content } of z.array(Row).parse(rows)) {
    const verified = await instances
      .read({ StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: uid })
      .catch((error: unknown) => {
        // A document that was deleted since says nothing any more.
        if (asFault(error).code === 'NOT_FOUND') return undefined;
        throw error;
      });
    if (!verified) continue;
    const masks = masksIn(reportOf(verified), report, study);
    if (masks.size > 0) return { by: content.persons[0]?.name ?? '', at: content.at, masks };
  }
  return undefined;
}

/** Segments of `verified` that are other objects than those of the findings that they are of. */
function masksIn(verified: StoredReport, report: StoredReport, study: string): Corrected['masks'] {
  const segments = segmentsIn(verified.dataset);
  return new Map(
    report.findings.flatMap(({ trackingUID, segment: before }, finding) => {
      const now = trackingUID === undefined ? undefined : segments.get(trackingUID);
      if (!now || now.segment === undefined || now.SOPInstanceUID === before?.SOPInstanceUID) return [];
      return [
        [finding, { segment: now.segment, uids: uidsOf(verified, study, now.SOPInstanceUID) }] as const,
      ];
    }),
  );
}

const segmentsIn = (report: Dataset): ReadonlyMap<string, Reference> =>
  new Map(
    all(report, CODES.imagingMeasurements)
      .flatMap((item) => all(item, CODES.measurementGroup))
      .flatMap((group) => {
        const [segment] = all(group, CODES.referencedSegment).flatMap(imagesOf);
        const uid = textUnder(group, CODES.trackingUid);
        return uid && segment ? [[uid, segment] as const] : [];
      }),
  );
