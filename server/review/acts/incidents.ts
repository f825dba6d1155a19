import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../../shared/fault.ts';
import { Incident, type IncidentState } from '../contract/acts.ts';
import type { Query } from '../figures/selection.ts';

export interface Reporter {
  readonly subject: string;
  readonly name: string;
}

export type Incidents = ReturnType<typeof openIncidents>;

const Row = z.object({
  id: z.string(),
  analysis: z.string(),
  severity: Incident.shape.severity,
  what: z.string(),
  done: z.string().nullable(),
  by_name: z.string(),
  at: z.date(),
  closed_at: z.date().nullable(),
});
const COLUMNS = 'id, analysis, severity, what, done, by_name, at, closed_at';

/** What went wrong with a result, told by a person. The words are the person's: they are asked to name no patient. */
export function openIncidents(query: Query) {
  const read = (rows: readonly unknown[]): readonly IncidentState[] => z.array(Row).parse(rows).map(stateOf);
  return {
    /** Newest first. */
    list: async (): Promise<readonly IncidentState[]> =>
      read(await query(`select ${COLUMNS} from pellucid.review_incident order by at desc, id limit 500`)),

    /** Of one model in a period, newest first. */
    of: async (
      model: string,
      { from, to }: { readonly from: string; readonly to: string },
    ): Promise<readonly IncidentState[]> =>
      read(
        await query(
          `select ${COLUMNS} from pellucid.review_incident i
            where at >= $2::timestamptz and at <= $3::timestamptz
              and exists (select 1 from pellucid.analysis a where a.id = i.analysis and a.model_id = $1)
            order by at desc, id limit 500`,
          [model, from, to],
        ),
      ),

    /** Throws NOT_FOUND. */
    async get(id: string): Promise<IncidentState> {
      const [found] = read(
        await query(`select ${COLUMNS} from pellucid.review_incident where id = $1`, [id]),
      );
      if (!found) throw new Fault('NOT_FOUND', `there is no incident ${id}`);
      return found;
    },

    /** Throws NOT_FOUND when there is no such analysis. */
    async report({ analysis, severity, what, done }: Incident, by: Reporter): Promise<IncidentState> {
      const [made] = read(
        await query(
          `insert into pellucid.review_incident (id, analysis, severity, what, done, by_subject, by_name)
            select $1, id, $3, $4, $5, $6, $7 from pellucid.analysis where id = $2 returning ${COLUMNS}`,
          [randomUUID(), analysis, severity, what, done ?? null, by.subject, by.name],
        ),
      );
      if (!made) throw new Fault('NOT_FOUND', `there is no analysis ${analysis}`);
      return made;
    },

    /** Says what was done about it, and closes it. Throws NOT_FOUND for one that is closed. */
    async close(id: string, done: string): Promise<IncidentState> {
      const [closed] = read(
        await query(
          `update pellucid.review_incident set done = $2, closed_at = clock_timestamp()
            where id = $1 and closed_at is null returning ${COLUMNS}`,
          [id, done],
        ),
      );
      if (!closed) throw new Fault('NOT_FOUND', `there is no open incident ${id}`);
      return closed;
    },
  };
}

const stateOf = ({ done, by_name, at, closed_at, ...rest }: z.infer<typeof Row>): IncidentState => ({
  ...rest,
  ...(done === null ? {} : { done }),
  by: by_name,
  at: at.toISOString(),
  ...(closed_at === null ? {} : { closedAt: closed_at.toISOString() }),
});
